import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectionMachine } from '../../machines/index.ts'
import { replay } from '../../src/incidents/replay.ts'
import { anyStep, perform } from '../machine/steps.ts'
import { cause } from '../machine/world.ts'
import { RecordedRig } from './recorded-rig.ts'

const minute = 60_000
const runs = Number(process.env.PROPERTY_RUNS ?? 200)

describe('a recorded statechart', () => {
  test('passes the same states when it is replayed, whatever happened to it', { timeout: 200_000 }, async () => {
    const dice = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 8 })
    const steps = fc.array(anyStep, { minLength: 1, maxLength: 25, size: 'max' })
    let states = 0
    await fc.assert(
      fc.asyncProperty(
        steps,
        dice,
        fc.constantFrom('heal' as const, 'observe' as const),
        async (all, chances, mode) => {
          let draw = 0
          const rig = new RecordedRig({ mode, random: () => chances[draw++ % chances.length] ?? 0 })
          await rig.start()
          for (const [index, step] of all.entries()) await perform(rig, step, index)
          const { differences, steps: walked } = replay(rig.runs)
          states += walked.length
          expect(differences).toEqual([])
          expect(walked.at(-1)?.state).toBe(rig.state)
        },
      ),
      { numRuns: runs, interruptAfterTimeLimit: Math.max(3_000, runs * 15) },
    )
    expect(states).toBeGreaterThan(0)
  })

  test('is replayed from the last quiet moment as well', async () => {
    const rig = await new RecordedRig().healthy()
    for (let at = 0; at < 12; at++) {
      rig.world.close(cause('closed'))
      await rig.until('healthy', minute)
      await rig.advance(2 * minute)
    }
    for (const address of ['a.0', 'b.0', 'c.0', 'd.0', 'e.0', 'f.0']) {
      rig.world.contacts.add(address)
      rig.world.poisoned.add(address)
    }
    rig.world.close(cause('closed'))
    await rig.advance(20 * minute)
    const prune = rig.runs.find(({ steps }) => steps.some(({ state }) => state === 'pruningSessions.pruning'))
    expect(prune?.from).toBeDefined()
    if (!prune) return
    const { differences, steps } = replay([prune])
    expect(differences).toEqual([])
    expect(steps.at(-1)?.state).toBe(steps.at(-1)?.recorded)
    expect(steps.map(({ state }) => state)).toContain('pruningSessions.pruning')
  })

  test('names the place where another statechart goes another way', async () => {
    const rig = await new RecordedRig().healthy()
    rig.world.login = cause('outdated')
    rig.world.close(cause('closed'))
    await rig.until('blocked', minute)
    const other = connectionMachine.provide({ guards: { verdictIs: (_, { next }) => next === 'reconnect' } })
    const { differences } = replay(rig.runs, other as typeof connectionMachine)
    expect(differences[0]?.words).toBe(
      'On socket.close in online.connecting this version goes to reconnecting.closing; recorded was blocked.closing.',
    )
  })

  test('names a timer that has another time in another statechart', async () => {
    const rig = await new RecordedRig().healthy()
    rig.world.net = false
    rig.world.close(cause('link-lost'))
    await rig.advance(10 * minute)
    const slower = connectionMachine.provide({ delays: { retry: 120_000 } })
    const { differences } = replay(rig.runs, slower)
    expect(differences[0]?.words).toMatch(
      /^In this version the timer retry comes 120 s after it was set; recorded was [\d.]+ m?s\.$/,
    )
  })

  test('keeps no code, no number and no address', async () => {
    const rig = new RecordedRig()
    rig.world.creds = 'absent'
    rig.world.scansAfterMs = 30_000
    await rig.start()
    rig.send({ type: 'pairing.request', phone: '4917012345678' })
    await rig.until('healthy', 5 * minute)
    rig.unreadable(['4917099999999.0', '4917088888888.3'], ['1', '2', '3'], 'bad-session', true)
    await rig.advance(30 * minute)
    const text = JSON.stringify(rig.records)
    expect(text).toContain('awaitingQr.pairing.showing')
    expect(text).toContain('pruningSessions')
    for (const secret of ['49170', 'code-', 'ABCD1234', 'self@model']) expect(text).not.toContain(secret)
    expect(replay(rig.runs).differences).toEqual([])
  })
})
