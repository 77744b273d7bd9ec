import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numberOf } from '../share.ts'
import { expectPromises, recoveryBound, report } from './promises.ts'
import { Rig, type RigOptions } from './rig.ts'
import { anyStep, conflictStep, decryptStep, outboundStep, perform, type Step, transportStep } from './steps.ts'

const runs = numberOf(300, 10)
const sequence = (step: fc.Arbitrary<Step>) => fc.array(step, { minLength: 1, maxLength: 25, size: 'max' })
/** Chance is drawn too: the same seed gives the same jitter. */
const dice = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 8 })

async function play(steps: readonly Step[], chances: readonly number[], options: RigOptions = {}): Promise<Rig> {
  let draw = 0
  const rig = new Rig({ random: () => chances[draw++ % chances.length] ?? 0, ...options })
  await rig.start()
  for (const [index, step] of steps.entries()) {
    await perform(rig, step, index)
    expectPromises(rig, steps.slice(0, index + 1))
  }
  return rig
}

const demand = (rig: Rig, steps: readonly Step[], holds: boolean, what: string): void => {
  if (!holds) throw new Error(report(rig, what, steps))
}

/** The world is well and whoever is needed is there: does the account become healthy in time? */
async function recovers(rig: Rig, steps: readonly Step[]): Promise<void> {
  const { world } = rig
  world.heal()
  world.scansAfterMs = 1_000
  if (rig.state.startsWith('stopped')) rig.send({ type: 'start' })
  let bound = 0
  for (const person of ['looks', 'looks again', 'has gone']) {
    if (rig.state === 'blocked.awaitingPerson') rig.send({ type: 'reconnect' })
    if (rig.state === 'awaitingQr.resting') rig.send({ type: 'relink' })
    bound = recoveryBound(rig)
    const needed = (): boolean => person !== 'has gone' && rig.state === 'awaitingQr.resting'
    await rig.clock.advance(bound, () => rig.owners === 'healthy' || needed())
    if (rig.status.state === 'healthy') break
  }
  demand(
    rig,
    steps,
    rig.status.state === 'healthy',
    `not healthy within ${bound} ms although all is well, but ${rig.state}`,
  )
  expectPromises(rig, steps)
}

async function stops(rig: Rig, steps: readonly Step[]): Promise<void> {
  rig.send({ type: 'stop' })
  const stopped = await rig.clock.advance(5_000, () => rig.state === 'stopped.idle')
  demand(rig, steps, stopped, `not stopped within 5 s, but ${rig.state}`)
  expectPromises(rig, steps)
}

/**
 * So many sequences, 2,400 over all properties where they are done whole, and each played to its end: one that was cut
 * short would say nothing.
 */
async function holds<Args extends [unknown, ...unknown[]]>(
  share: number,
  arbitraries: { [K in keyof Args]: fc.Arbitrary<Args[K]> },
  property: (...args: Args) => Promise<void>,
): Promise<void> {
  let played = 0
  const counted = async (...args: Args): Promise<void> => {
    await property(...args)
    played += 1
  }
  await fc.assert(fc.asyncProperty(...arbitraries, counted), { numRuns: share * runs })
  expect(played).toBe(share * runs)
}

describe('over random failure sequences', () => {
  const modes = fc.constantFrom('heal' as const, 'observe' as const)

  test('every promise holds after every step, and a world that is well again leads to healthy', () =>
    holds(3, [sequence(anyStep), dice, modes], async (steps, chances, mode) => {
      const rig = await play(steps, chances, { mode })
      await recovers(rig, steps)
      await stops(rig, steps)
    }))

  test('stop is clean at every moment', () =>
    holds(1, [sequence(anyStep), dice, fc.integer({ min: 0, max: 400 })], async (steps, chances, ms) => {
      const rig = await play(steps, chances)
      await rig.advance(ms)
      await stops(rig, steps)
    }))

  test('transport trouble never prunes, never shows a code and never ends supervision', () =>
    holds(1, [sequence(transportStep), dice], async (steps, chances) => {
      const rig = await play(steps, chances)
      const foreign = rig.path.find((at) =>
        / (stopped\.closing|blocked|conflicted|awaitingQr|pruningSessions)/.test(at),
      )
      demand(rig, steps, foreign === undefined, `${foreign} has nothing to do with transport`)
      demand(rig, steps, rig.world.pruneCalls.length === 0 && rig.world.codes.length === 0, 'a prune or a code')
      await recovers(rig, steps)
    }))

  test('messages that cannot be read never lead to a code', () =>
    holds(1, [sequence(decryptStep), dice], async (steps, chances) => {
      const rig = await play(steps, chances)
      demand(rig, steps, rig.world.codes.length === 0 && rig.world.credsChanges.length === 0, 'a code')
      await recovers(rig, steps)
    }))

  test('contacts who cannot read what is sent never lead to a prune, a code or the end of the connection', () =>
    holds(1, [sequence(outboundStep), dice], async (steps, chances) => {
      const rig = await play(steps, chances)
      demand(rig, steps, rig.world.pruneCalls.length === 0 && rig.world.codes.length === 0, 'a prune or a code')
      demand(rig, steps, rig.world.credsChanges.length === 0, 'other credentials')
      const left = rig.path.find((at) => / (stopped\.closing|blocked|conflicted|awaitingQr|pruningSessions)/.test(at))
      demand(rig, steps, left === undefined, `${left} has nothing to do with what others can read`)
      await recovers(rig, steps)
    }))

  test('440 without unread messages never prunes and never shows a code', () =>
    holds(1, [sequence(conflictStep), dice], async (steps, chances) => {
      const rig = await play(steps, chances)
      demand(rig, steps, rig.world.pruneCalls.length === 0 && rig.world.codes.length === 0, 'a prune or a code')
      await recovers(rig, steps)
    }))
})

test('the promises are not true of anything: a rig that breaks one is found out', async () => {
  const rig = await new Rig().healthy()
  expectPromises(rig, [])
  rig.world.credsChanges.push('something else')
  expect(() => expectPromises(rig, ['a step'])).toThrow(
    /creds.json changed by something else[\s\S]*a step[\s\S]*online.open.healthy/,
  )
})
