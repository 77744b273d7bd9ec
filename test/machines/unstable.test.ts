import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CauseKind, recentDrops } from '../../machines/index.ts'
import { noticeDetails } from '../../src/notices/details.ts'
import { noticeWords } from '../../src/notices/words.ts'
import { numberOf } from '../share.ts'
import { recoveryBound } from './promises.ts'
import { Rig, type RigOptions } from './rig.ts'
import { transport } from './steps.ts'
import { cause } from './world.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const kinds = (rig: Rig): readonly string[] => rig.notices.map(({ kind }) => kind)
/** What is told at this moment of a connection that comes and goes. */
const told = (rig: Rig): string => noticeWords('unstable', noticeDetails('unstable', rig.context), rig.status).message

/** Up for so long, then an end of this kind, so often. */
async function flap(rig: Rig, times: number, upMs: number, kind: CauseKind = 'link-lost'): Promise<void> {
  for (let round = 0; round < times; round += 1) {
    await rig.advance(upMs)
    rig.world.close(cause(kind))
    await rig.until('healthy', 2 * minute)
  }
}

test('a connection that is up for 2 to 3 min and down for seconds, for hours, is told once, with its cause', async () => {
  const rig = await new Rig().healthy()
  await flap(rig, 5, 2.5 * minute)
  expect(kinds(rig)).toEqual([])
  expect(rig.status.message).toBe('Connected.')
  rig.world.close(cause('link-lost'))
  expect(kinds(rig)).toEqual(['unstable'])
  expect(told(rig)).toBe('The connection is unstable: 6 closes in the last hour, mostly: the link went silent.')
  expect(rig.status.message).toContain('The connection is unstable: 6 closes within an hour')
  await rig.until('healthy', minute)
  expect(rig.status.unstable).toMatchObject({ closes: 6, kind: 'link-lost' })
  await flap(rig, 60, 2.5 * minute)
  expect(kinds(rig)).toEqual(['unstable'])
  expect(rig.status.message).toMatch(/^Connected\. The connection is unstable: 2\d closes within an hour/)
})

test('it is told again when it is over, and then the next time', async () => {
  const rig = await new Rig().healthy()
  await flap(rig, 10, minute)
  await rig.advance(2 * hour)
  expect(kinds(rig)).toEqual(['unstable', 'unstable'])
  expect(told(rig)).toMatch(/^The connection is stable again: \d closes? in the last hour\.$/)
  expect(rig.status).toMatchObject({ state: 'healthy', message: 'Connected.' })
  expect(rig.status.unstable).toBeUndefined()
  await rig.advance(day)
  expect(rig.notices).toHaveLength(2)
  await flap(rig, 10, minute)
  expect(rig.notices).toHaveLength(3)
})

test('it is told again when most of the closes are of another kind', async () => {
  const rig = await new Rig().healthy()
  await flap(rig, 8, 2 * minute, 'link-lost')
  await flap(rig, 40, 2 * minute, 'server')
  expect(rig.notices).toHaveLength(2)
  expect(told(rig)).toContain('mostly: trouble on the side of WhatsApp')
})

test('an outage is not a connection that comes and goes, however many attempts fail in it', async () => {
  const rig = await new Rig().healthy()
  rig.world.net = false
  rig.world.close(cause('network'))
  await rig.advance(6 * hour)
  expect(rig.context.closes.length).toBeGreaterThan(15)
  rig.world.net = true
  await rig.until('healthy', 20 * minute)
  expect(kinds(rig)).toEqual([])
})

test('what a person asks for is none of it', async () => {
  const rig = await new Rig().healthy()
  for (let round = 0; round < 12; round += 1) {
    await rig.advance(minute)
    rig.send({ type: 'reconnect' })
    await rig.until('healthy', minute)
  }
  expect(rig.context.drops).toEqual([])
  expect(kinds(rig)).toEqual([])
})

test('the waits grow to the highest step of the fast ladder, and no further', async () => {
  const rig = await new Rig({ random: () => 0.999 }).healthy()
  const waits: number[] = []
  for (let round = 0; round < 30; round += 1) {
    await rig.advance(2 * minute)
    rig.world.close(cause('closed'))
    waits.push(rig.context.delay?.delayMs ?? 0)
    await rig.until('healthy', 2 * minute)
  }
  expect(Math.max(...waits.slice(0, 5))).toBeLessThanOrEqual(2_000)
  expect(waits.slice(5, 9)).toEqual([...waits.slice(5, 9)].sort((one, other) => one - other))
  expect(waits.slice(10).every((wait) => wait > 29_000 && wait <= 30_000)).toBe(true)
})

test('a restart that WhatsApp asks for every two minutes, and a clock that jumps as often, are no longer answered at once', async () => {
  for (const kind of ['restart-required', 'slept'] as const) {
    const rig = await new Rig({ random: () => 0.999 }).healthy()
    await flap(rig, 12, 2 * minute, kind)
    await rig.advance(2 * minute)
    rig.world.close(cause(kind))
    expect(rig.context.delay?.delayMs).toBeGreaterThan(10_000)
  }
})

test('it is known over a restart of the process: neither told twice nor forgotten', async () => {
  const rig = await new Rig().healthy()
  await flap(rig, 5, minute)
  await rig.crash()
  await rig.until('healthy', minute)
  await flap(rig, 1, minute)
  expect(kinds(rig)).toEqual(['unstable'])
  await rig.crash()
  await rig.until('healthy', minute)
  await flap(rig, 5, minute)
  expect(kinds(rig)).toEqual(['unstable'])
  await rig.advance(2 * hour)
  expect(kinds(rig)).toEqual(['unstable', 'unstable'])
})

/** Moments at random, so many an hour on average. */
const spaced = (perHour: number, overMs: number): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.double({ min: 0.000_1, max: 0.95, noNaN: true }), { minLength: 1, maxLength: 40 }).map((draws) => {
    const moments: number[] = []
    let at = 0
    for (let index = 0; ; index += 1) {
      at += Math.ceil((-Math.log(draws[index % draws.length] ?? 1) * hour) / perHour)
      if (at > overMs || moments.length === 80) return moments
      moments.push(at)
    }
  })
const transportKind = fc.constantFrom(...transport)

async function closesAt(moments: readonly number[], kind: CauseKind, options: RigOptions = {}): Promise<Rig> {
  const rig = await new Rig(options).healthy()
  const began = rig.clock.now()
  for (const at of moments) {
    await rig.advance(Math.max(0, began + at - rig.clock.now()))
    if (rig.owners === 'healthy') rig.world.close(cause(kind))
  }
  return rig
}

/** Forty an hour. */
const often = Array.from({ length: 60 }, (_, at) => at * (hour / 40))

describe('over closes with random spacing', () => {
  test('whatever the spacing, it is told if and only if so many came within an hour, once in a spell, and nothing is lost', async () => {
    let spells = 0
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 1, max: 40, noNaN: true }).chain((perHour) => spaced(perHour, 6 * hour)),
        transportKind,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (moments, kind, chance) => {
          const rig = await closesAt(moments, kind, { random: () => chance })
          const spell = (one: { readonly kind: string }): boolean => one.kind === 'unstable'
          const many = rig.policy.reconnect.unstableCloses
          // Counted without the code under test: ends of an open connection, as the path of states has them.
          const ends = rig.path.flatMap((line, index) =>
            / reconnecting/.test(line) && / online\.open/.test(rig.path[index - 1] ?? '')
              ? [Number.parseInt(line, 10)]
              : [],
          )
          const first = ends.findIndex((at, index) => index >= many - 1 && at - (ends[index - many + 1] ?? 0) < hour)
          const toldAt = rig.notices.filter(spell).map(({ at }) => at)
          expect(toldAt[0]).toBe(first < 0 ? undefined : ends[first])
          spells += toldAt.length
          // Each telling but the first is an end of it or a beginning: with a single kind nothing else is news.
          for (const [index, at] of toldAt.entries()) if (index % 2 === 0) expect(ends).toContain(at)
          expect(rig.world.pruneCalls).toEqual([])
          expect(rig.world.codes).toEqual([])
          await rig.until('healthy', recoveryBound(rig))
          await rig.advance(3 * hour)
          expect(rig.status.message).toBe('Connected.')
          expect(rig.notices.filter(spell).length % 2).toBe(0)
        },
      ),
      // Among few that are drawn there may be none that is told of.
      { numRuns: numberOf(400, 5) + 1, examples: [[often, 'network', 0.5]] },
    )
    expect(spells).toBeGreaterThan(0)
  })

  test('a 401 or a 516 that is not meant, however often and whenever it comes, shows no code while the login works', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.2, max: 30, noNaN: true }).chain((perHour) => spaced(perHour, 6 * hour)),
        fc.array(fc.constantFrom('logged-out' as const, 'refused' as const, ...transport), { minLength: 1 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (moments, ends, chance) => {
          const rig = await new Rig({ random: () => chance }).healthy()
          const began = rig.clock.now()
          for (const [index, at] of moments.entries()) {
            await rig.advance(Math.max(0, began + at - rig.clock.now()))
            if (rig.owners === 'healthy') rig.world.close(cause(ends[index % ends.length] ?? 'refused'))
            // The network may be away when it is to be confirmed, which confirms nothing.
            rig.world.net = index % 3 !== 0
            await rig.advance(5 * second)
            rig.world.net = true
          }
          expect(rig.world.codes).toEqual([])
          expect(kinds(rig)).not.toContain('relink-needed')
          await rig.until('healthy', recoveryBound(rig))
          expect(rig.world.credsChanges).toEqual([])
        },
      ),
      { numRuns: numberOf(400, 5) },
    )
  })

  test('a few drops a day, however they fall, are never told', async () => {
    await fc.assert(
      fc.asyncProperty(spaced(4 / 24, 5 * day), transportKind, async (moments, kind) => {
        const rig = await new Rig().healthy()
        const began = rig.clock.now()
        // Five at the most within an hour: more are no longer few.
        let last: number[] = []
        for (const at of moments) {
          last = [...last.filter((one) => at - one < hour), at]
          if (last.length > 5) continue
          await rig.advance(Math.max(0, began + at - rig.clock.now()))
          if (rig.owners === 'healthy') rig.world.close(cause(kind))
        }
        expect(kinds(rig)).toEqual([])
        expect(recentDrops(rig.context).length).toBeLessThan(6)
      }),
      { numRuns: numberOf(100, 2) },
    )
  })
})
