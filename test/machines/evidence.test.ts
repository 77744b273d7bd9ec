import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  allFine,
  assess,
  caughtUp,
  type DecryptReason,
  decryptReasons,
  defaultPolicy,
  drained,
  type Evidence,
  failed,
  noEvidence,
  pruned,
  reassessAt,
  succeeded,
} from '../../machines/index.ts'
import { numberOf } from '../share.ts'

const policy = defaultPolicy.decrypt
const t0 = 1_700_000_000_000
const minute = 60_000

interface Unread {
  readonly address?: string
  readonly id?: string
  readonly reason?: DecryptReason
  readonly peer?: boolean
  readonly at?: number
}
const unread = (
  evidence: Evidence,
  { address = 'a.0', id = '1', reason = 'bad-session', peer = false, at = 0 }: Unread,
): Evidence => failed(evidence, { address, id, reason, peer }, t0 + at)
const fold = (...failures: readonly Unread[]): Evidence => failures.reduce(unread, noEvidence)
const afterGrace = (evidence: Evidence): Evidence => drained(evidence, t0 - minute, minute)
const three = (rest: Unread = {}): Unread[] => ['1', '2', '3'].map((id) => ({ ...rest, id }))
const devices = (count: number, rest: Unread = {}): Unread[] =>
  Array.from({ length: count }, (_, index) => ({ ...rest, address: `d${index}.0` }))
const levelAt = (evidence: Evidence, at: number): string => assess(evidence, policy, t0 + at).level

describe('failing', () => {
  test('three distinct messages of one device count, and two do not', () => {
    expect(levelAt(afterGrace(fold(...three().slice(1))), 1)).toBe('fine')
    expect(assess(afterGrace(fold(...three())), policy, t0 + 1)).toEqual({
      level: 'failing',
      suspected: true,
      addresses: ['a.0'],
      curable: ['a.0'],
      messages: 3,
    })
  })

  test('the same message counts once, however often it is reported and with whatever reason', () => {
    const evidence = fold(
      ...Array.from({ length: 50 }, (_, at) => ({ at, reason: at % 2 ? ('poison' as const) : ('unknown' as const) })),
    )
    expect(assess(afterGrace(evidence), policy, t0 + 60)).toEqual(allFine)
  })

  test('five devices with one unread message each count, and four do not', () => {
    expect(assess(afterGrace(fold(...devices(4))), policy, t0 + 1)).toEqual(allFine)
    expect(assess(afterGrace(fold(...devices(5))), policy, t0 + 1)).toMatchObject({ level: 'failing', messages: 5 })
  })

  test('a message that was read clears its device and no other', () => {
    const both = afterGrace(fold(...three(), ...three({ address: 'b.0' })))
    expect(assess(succeeded(both, 'a.0'), policy, t0 + 1).addresses).toEqual(['b.0'])
    expect(assess(succeeded(succeeded(both, 'a.0'), 'b.0'), policy, t0 + 1)).toEqual(allFine)
  })

  test('an unread message counts for ten minutes', () => {
    const evidence = afterGrace(fold(...three()))
    expect(levelAt(evidence, 10 * minute - 1)).toBe('failing')
    expect(levelAt(evidence, 10 * minute)).toBe('fine')
  })

  test('nothing counts before the grace is over, but a 440 may be judged by it', () => {
    const waiting = fold(...three())
    expect(assess(waiting, policy, t0 + 9 * minute)).toMatchObject({ level: 'fine', suspected: true, curable: ['a.0'] })
    const grace = drained(waiting, t0, policy.graceMs)
    expect(levelAt(grace, policy.graceMs - 1)).toBe('fine')
    expect(levelAt(grace, policy.graceMs)).toBe('failing')
  })

  test('a link that flaps does not put the end of the grace off', () => {
    const once = drained(noEvidence, t0, policy.graceMs)
    expect(drained(once, t0 + minute, policy.graceMs)).toBe(once)
  })

  test('the shorter grace after an unclean end holds just the same', () => {
    const evidence = drained(fold(...three()), t0, policy.graceAfterUncleanMs)
    expect(levelAt(evidence, 14_999)).toBe('fine')
    expect(levelAt(evidence, 15_000)).toBe('failing')
  })

  test('unread messages of the own phone skip the grace: nobody sends them again', () => {
    expect(levelAt(fold(...three({ peer: true })), 1)).toBe('failing')
    expect(levelAt(fold(...three().slice(1), { id: '1', peer: true }), 1)).toBe('failing')
  })
})

describe('a storm', () => {
  test('is five devices that fail for 30 s without a success, and waits for no grace', () => {
    const evidence = fold(...devices(5))
    expect(levelAt(evidence, 29_999)).toBe('fine')
    expect(levelAt(evidence, 30_000)).toBe('storm')
  })

  test('is broken by a single success, and counts from the next failure', () => {
    const evidence = unread(succeeded(fold(...devices(6)), 'd0.0'), { address: 'd1.0', id: '2', at: 20_000 })
    expect(levelAt(evidence, 49_999)).toBe('fine')
    expect(levelAt(evidence, 50_000)).toBe('storm')
  })

  test('begins with the fifth device: one unread message an hour ago does not make the next five a storm', () => {
    const evidence = fold({ address: 'old.0', at: -60 * minute }, ...devices(5))
    expect(levelAt(evidence, 0)).toBe('fine')
    expect(levelAt(evidence, 30_000)).toBe('storm')
    const slow = fold(...devices(5).map((one, index) => ({ ...one, at: index * 10_000 })))
    expect(levelAt(slow, 69_999)).toBe('fine')
    expect(levelAt(slow, 70_000)).toBe('storm')
  })
})

test.for<[DecryptReason, 'curable' | 'counted' | 'ignored']>([
  ['bad-session', 'curable'],
  ['poison', 'curable'],
  ['no-session', 'counted'],
  ['pre-key', 'counted'],
  ['sender-key', 'counted'],
  ['unknown', 'counted'],
  ['duplicate', 'ignored'],
  ['absent', 'ignored'],
])('%s is %s', ([reason, what]) => {
  const { addresses, curable } = assess(fold(...three({ reason })), policy, t0 + 1)
  expect(addresses).toEqual(what === 'ignored' ? [] : ['a.0'])
  expect(curable).toEqual(what === 'curable' ? ['a.0'] : [])
})

test('what was pruned is settled and gets its time; the rest stays', () => {
  const both = fold(...three(), ...three({ address: 'b.0' }))
  const after = pruned(both, ['a.0', 'unknown.0'], t0 + 15_000)
  expect(assess(after, policy, t0 + 15_000)).toMatchObject({ level: 'failing', addresses: ['b.0'] })
  expect(levelAt(after, 14_999)).toBe('fine')
  expect(pruned(both, 'all', t0 + 15_000)).toEqual({ failing: new Map(), graceEndsAt: t0 + 15_000 })
})

describe('in a flood', () => {
  test('memory stays bounded, and what is new still counts', () => {
    let evidence = afterGrace(noEvidence)
    for (let index = 0; index < 1_200; index += 1) evidence = unread(evidence, { address: `old${index}.0`, at: index })
    expect(evidence.failing.size).toBe(1_000)
    const later = 60 * minute
    for (const failure of three({ address: 'new.0', at: later })) evidence = unread(evidence, failure)
    expect(assess(evidence, policy, t0 + later)).toMatchObject({ level: 'failing', addresses: ['new.0'] })
  })

  test('one device that never recovers is still seen after months', () => {
    let evidence = afterGrace(noEvidence)
    for (let day = 0; day < 300; day += 1) evidence = unread(evidence, { id: `day${day}`, at: day * 24 * 60 * minute })
    const now = 301 * 24 * 60 * minute
    for (const failure of three({ at: now })) evidence = unread(evidence, failure)
    expect(levelAt(evidence, now)).toBe('failing')
    expect(evidence.failing.get('a.0')?.ids.size).toBe(200)
  })
})

const happening = fc.record({
  what: fc.constantFrom('failed', 'failed', 'failed', 'succeeded', 'drained', 'pruned'),
  address: fc.constantFrom('a.0', 'b.0', 'c.0', 'd.0', 'e.0', 'f.0', '__proto__', 'constructor', '7'),
  id: fc.constantFrom('1', '2', '3', '4', '__proto__'),
  reason: fc.constantFrom(...decryptReasons),
  peer: fc.boolean(),
  afterMs: fc.integer({ min: 0, max: 3 * minute }),
})

const lived = fc.array(happening, { maxLength: 40 }).map((happenings) => {
  let now = t0
  let evidence = noEvidence
  for (const { what, afterMs, ...failure } of happenings) {
    now += afterMs
    if (what === 'failed') evidence = failed(evidence, failure, now)
    else if (what === 'succeeded') evidence = succeeded(evidence, failure.address)
    else if (what === 'drained') evidence = drained(evidence, now, policy.graceMs)
    else evidence = pruned(evidence, [failure.address], now + policy.graceAfterUncleanMs)
  }
  return { evidence, now }
})

test('until the next look that it asks for, time alone changes no assessment; and the looks come to an end', () => {
  fc.assert(
    fc.property(lived, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ evidence, now: end }, part) => {
      let now = end
      for (let look = 0; look < 200; look += 1) {
        const next = reassessAt(evidence, policy, now)
        const between = next === undefined ? now + part * 3_600_000 : now + Math.floor(part * (next - now))
        expect(assess(evidence, policy, between)).toEqual(assess(evidence, policy, now))
        if (next === undefined) return
        expect(next).toBeGreaterThan(now)
        expect(next - now).toBeLessThanOrEqual(86_400_000)
        now = next
      }
      throw new Error('the looks do not end')
    }),
    { numRuns: numberOf(300, 60) },
  )
})

test('an assessment is consistent: curable within addresses, sorted, a level above fine only with addresses', () => {
  fc.assert(
    fc.property(lived, ({ evidence, now }) => {
      const { level, suspected, addresses, curable, messages } = assess(evidence, policy, now)
      expect(addresses).toEqual(addresses.toSorted())
      expect(addresses).toEqual(expect.arrayContaining([...curable]))
      expect(messages).toBeGreaterThanOrEqual(addresses.length)
      if (level !== 'fine') expect(addresses.length).toBeGreaterThan(0)
      if (level === 'failing') expect(suspected).toBe(true)
    }),
    { numRuns: numberOf(300, 60) },
  )
})

describe('what setting a session aside can cure', () => {
  test.for<[DecryptReason, boolean]>([
    ['bad-session', true],
    ['poison', true],
    ['no-session', false],
    ['pre-key', false],
    ['sender-key', false],
    ['unknown', false],
  ])('%s: %s', ([reason, curable]) => {
    const evidence = afterGrace(fold(...three({ reason })))
    expect(assess(evidence, policy, t0 + 1)).toMatchObject({
      level: 'failing',
      addresses: ['a.0'],
      curable: curable ? ['a.0'] : [],
    })
  })

  test('one message that speaks for it is enough, whatever else the device sent', () => {
    const evidence = afterGrace(
      fold({ id: '1', reason: 'sender-key' }, { id: '2', reason: 'poison' }, { id: '3', reason: 'unknown' }),
    )
    expect(assess(evidence, policy, t0 + 1).curable).toEqual(['a.0'])
  })

  test('one device over the threshold does not make the others failing, and one peer is enough to skip the grace', () => {
    const evidence = fold(...three(), { address: 'b.0' }, ...three({ address: 'p.0', peer: true }))
    expect(assess(drained(evidence, t0, minute), policy, t0 + 1)).toMatchObject({
      level: 'failing',
      addresses: ['a.0', 'p.0'],
      messages: 6,
    })
  })
})

describe('the moment from which a storm counts', () => {
  const storm = (...at: readonly number[]) => fold(...at.map((one, index) => ({ address: `d${index}.0`, at: one })))

  test('begins with the fifth device, in whatever order they are on record', () => {
    const evidence = storm(1_000, 9_000, 2_000, 3_000, 4_000)
    expect(levelAt(evidence, 9_000 + 29_999)).toBe('fine')
    expect(levelAt(evidence, 9_000 + 30_000)).toBe('storm')
  })

  test('counts a device from its first message in the window, and a failure in this very moment', () => {
    const evidence = fold(...devices(5), ...devices(5, { id: '2', at: 29_000 }))
    expect(levelAt(evidence, 30_000)).toBe('storm')
    expect(reassessAt(storm(0, 0, 0, 0, 5), policy, t0 + 5)).toBe(t0 + 5 + policy.stormMs)
  })

  test('a message that has left the window speaks for nothing any more', () => {
    const evidence = fold(...devices(5), ...devices(5, { id: '2', at: policy.windowMs }))
    expect(reassessAt(evidence, policy, t0 + policy.windowMs)).toBe(t0 + policy.windowMs + policy.stormMs)
  })
})

describe('when time alone may change what the evidence amounts to', () => {
  test('nothing unread: never', () => {
    expect(reassessAt(noEvidence, policy, t0)).toBeUndefined()
    expect(reassessAt(drained(noEvidence, t0, minute), policy, t0)).toBeUndefined()
  })

  test('when the grace is over', () => {
    const evidence = drained(fold(...three()), t0, minute)
    expect(reassessAt(evidence, policy, t0)).toBe(t0 + minute)
    expect(reassessAt(evidence, policy, t0 + minute)).toBe(t0 + policy.windowMs)
  })

  test('when the first of the messages leaves the window, and never after the last', () => {
    const evidence = fold({ id: '1', at: 5_000 }, { id: '2', at: 1_000 })
    expect(reassessAt(evidence, policy, t0)).toBe(t0 + 1_000 + policy.windowMs)
    expect(reassessAt(evidence, policy, t0 + 1_000 + policy.windowMs)).toBe(t0 + 5_000 + policy.windowMs)
    expect(reassessAt(evidence, policy, t0 + 5_000 + policy.windowMs)).toBeUndefined()
  })

  test('at most a day ahead, wherever the clock is set to', () => {
    expect(reassessAt(fold({}), policy, t0 - 400 * 86_400_000)).toBe(t0 - 399 * 86_400_000)
  })
})

test('a success of somebody else ends what was unbroken, and changes nothing if nothing was', () => {
  const evidence = fold(...devices(5))
  const after = succeeded(evidence, 'somebody.0')
  expect(after.unbrokenSince).toBeUndefined()
  expect(after.failing).toBe(evidence.failing)
  expect(succeeded(after, 'somebody.0')).toBe(after)
  expect(levelAt(after, 30_000)).toBe('fine')
  expect(drained(succeeded(drained(evidence, t0, minute), 'd0.0'), t0, 1).graceEndsAt).toBe(t0 + minute)
})

test('a message that is reported again keeps the time of the first report, and its device keeps its place', () => {
  const evidence = fold({ at: 0 }, { at: 7_000 })
  expect(evidence.failing.get('a.0')).toMatchObject({ lastAt: t0 })
  expect([...(evidence.failing.get('a.0')?.ids.values() ?? [])]).toEqual([t0])
  expect(fold({ at: 0 }, { id: '2', at: 7_000 }).failing.get('a.0')).toMatchObject({ lastAt: t0 + 7_000 })
})

test('a thousand devices and two hundred messages of each are remembered; the one that failed longest ago makes room', () => {
  const devicesOf = fold(...Array.from({ length: 1_001 }, (_, at) => ({ address: `d${at}.0`, at })))
  expect(devicesOf.failing.size).toBe(1_000)
  expect(devicesOf.failing.has('d0.0')).toBe(false)
  const ids = fold(...Array.from({ length: 201 }, (_, at) => ({ id: `${at}`, at }))).failing.get('a.0')?.ids
  expect(ids?.size).toBe(200)
  expect(ids?.has('0')).toBe(false)
  // Not the first of them, where the clock was set back.
  const back = fold(...Array.from({ length: 201 }, (_, at) => ({ id: `${at}`, at: at === 100 ? 0 : 500 + at })))
  expect([...(back.failing.get('a.0')?.ids.keys() ?? [])].slice(0, 2)).toEqual(['0', '1'])
  expect(back.failing.get('a.0')?.ids.has('100')).toBe(false)
  // Of two that are as old, the one that was met first.
  const same = fold(...Array.from({ length: 201 }, (_, at) => ({ id: `${at}`, at: 0 }))).failing.get('a.0')?.ids
  expect(same?.has('0')).toBe(false)
  expect(same?.has('1')).toBe(true)
})

test('fine evidence says nothing at all', () => {
  expect(allFine).toEqual({ level: 'fine', suspected: false, addresses: [], curable: [], messages: 0 })
})

test('many devices and a storm are two things, each enough to count every device that fails', () => {
  const manyOnly = { ...policy, failingAddresses: 5, stormAddresses: 8 }
  expect(assess(afterGrace(fold(...devices(5))), manyOnly, t0 + 1)).toMatchObject({ level: 'failing', messages: 5 })
  const stormOnly = { ...policy, failingAddresses: 8, stormAddresses: 5 }
  expect(assess(fold(...devices(5)), stormOnly, t0 + 1)).toMatchObject({ level: 'fine', suspected: false, messages: 5 })
  expect(assess(fold(...devices(5), ...three()), stormOnly, t0 + 1)).toMatchObject({ suspected: true, messages: 8 })
})

test('after the clock was set back what failed before it counts as just failed, and the grace is no longer than it ever is', () => {
  const { graceMs, windowMs } = policy
  const hour = 3_600_000
  const late = 10 * hour
  let evidence = drained(noEvidence, late, graceMs)
  for (const id of ['1', '2', '3'])
    evidence = failed(evidence, { address: 'a.0', id, reason: 'bad-session', peer: false }, late)
  const now = late - 3 * hour
  const caught = caughtUp(evidence, policy, now)
  expect(caught).toEqual({
    failing: new Map([
      [
        'a.0',
        {
          ids: new Map([
            ['1', now],
            ['2', now],
            ['3', now],
          ]),
          reasons: ['bad-session'],
          peer: false,
          lastAt: now,
        },
      ],
    ]),
    unbrokenSince: now,
    graceEndsAt: now + graceMs,
  })
  expect(assess(caught, policy, now + graceMs).level).toBe('failing')
  expect(assess(caught, policy, now + windowMs).level).toBe('fine')
  expect(caughtUp(caught, policy, now)).toBe(caught)
  expect(caughtUp(evidence, policy, late)).toBe(evidence)
  expect(caughtUp(noEvidence, policy, now)).toBe(noEvidence)

  expect(caughtUp(drained(noEvidence, late, graceMs), policy, now)).toEqual({
    ...noEvidence,
    graceEndsAt: now + graceMs,
  })
  const ungraced = failed(noEvidence, { address: 'a.0', id: '1', reason: 'bad-session', peer: false }, late)
  expect(caughtUp(ungraced, policy, now)).not.toHaveProperty('graceEndsAt')
  const { failing } = caughtUp(ungraced, policy, now)
  expect(caughtUp({ failing, unbrokenSince: late }, policy, now)).toEqual({ failing, unbrokenSince: now })
  expect(caughtUp(succeeded(ungraced, 'b.0'), policy, now)).toEqual({ failing })

  // One message of before, and one that failed since, by which the address failed last.
  const since = { address: 'a.0', id: '2', reason: 'bad-session', peer: false } as const
  const mixed = failed(succeeded(ungraced, 'b.0'), since, now)
  expect(caughtUp(mixed, policy, now).failing.get('a.0')).toMatchObject({
    ids: new Map([
      ['1', now],
      ['2', now],
    ]),
    lastAt: now,
  })
})
