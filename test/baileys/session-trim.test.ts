import { expect, test } from 'vitest'
import { trimSession } from '../../src/baileys/session-trim.ts'

const limits = { receiverChains: 2, lateChains: 1, skippedKeys: 2, closedSessions: 1, keys: 'on' as const }

/** A chain of keys of messages that were skipped; `read`: with which nothing can be read any more but those. */
const chain = (skipped: readonly number[] = [], chainKey: object = {}, chainType = 2) => ({
  chainType,
  chainKey,
  messageKeys: Object.fromEntries(skipped.map((number) => [number, `key ${number}`])),
})
const live = { key: 'goes on' }
const session = (chains: Record<string, unknown>, { closed = -1, baseKeyType = 1, last = 'none' } = {}) => ({
  currentRatchet: { lastRemoteEphemeralKey: last },
  indexInfo: { closed, baseKeyType },
  _chains: chains,
})
const trimmed = (sessions: Record<string, unknown>, more: Partial<typeof limits> = {}) => {
  const record = { _sessions: sessions }
  const changed = trimSession(record, { ...limits, ...more })
  return { changed, sessions: record._sessions as Record<string, ReturnType<typeof session>> }
}
const chainsLeft = (chains: Record<string, unknown>, of: Parameters<typeof session>[1] = {}, more = {}) => {
  const { changed, sessions } = trimmed({ a: session(chains, of) }, more)
  return [changed, Object.keys(sessions.a?._chains ?? {}).join()]
}
const used = () => chain()

test('of the receiving chains the newest stay, those that can still read as many as allowed, and what is not receiving', () => {
  const five = () => ({ a: used(), b: used(), c: used(), d: used(), own: chain([], {}, 1) })
  expect(chainsLeft(five())).toEqual([true, 'c,d,own'])
  expect(chainsLeft({ a: used(), b: used(), own: chain([], {}, 1) })).toEqual([false, 'a,b,own'])
  expect(chainsLeft({ a: chain([1]), b: chain([], live), c: used(), d: used(), e: used() })).toEqual([true, 'b,d,e'])
  expect(chainsLeft({ a: chain([], live), b: chain([1]), c: used(), d: used(), e: used() })).toEqual([true, 'b,d,e'])
  expect(chainsLeft({ a: chain([1]), b: used(), c: used(), d: used() })).toEqual([true, 'a,c,d'])
  expect(chainsLeft({ a: chain([1]), b: chain([2]), c: used(), d: used() }, {}, { lateChains: 0 })).toEqual([
    true,
    'c,d',
  ])
  expect(chainsLeft({ a: chain([1]), b: chain([2]), c: used(), d: used() }, {}, { lateChains: 2 })).toEqual([
    false,
    'a,b,c,d',
  ])
})

test('the chain of the present turn stays, and the first one of a session that the other side began', () => {
  const four = () => ({ a: used(), b: used(), c: used(), d: used() })
  expect(chainsLeft(four(), { last: 'b' })).toEqual([true, 'b,c,d'])
  expect(chainsLeft(four(), { baseKeyType: 2 })).toEqual([true, 'a,c,d'])
  expect(chainsLeft(four(), { baseKeyType: 1 })).toEqual([true, 'c,d'])
})

test('of the keys of messages that were skipped the last ones stay, in each chain', () => {
  const { changed, sessions } = trimmed({ a: session({ one: chain([1, 2, 10]), two: chain([3, 4]) }) })
  expect(changed).toBe(true)
  expect(Object.values(sessions.a?._chains ?? {})).toEqual([chain([2, 10]), chain([3, 4])])
  expect(trimmed({ a: session({ one: chain([1, 2]), two: {}, odd: { chainType: 2 } }) }).changed).toBe(false)
})

test('of closed sessions those that were closed last stay, and every one that is open', () => {
  const { changed, sessions } = trimmed({
    first: session({}, { closed: 10 }),
    last: session({}, { closed: 30 }),
    second: session({}, { closed: 20 }),
    open: session({}),
    odd: { indexInfo: { closed: 1 } },
  })
  expect([changed, Object.keys(sessions).join()]).toEqual([true, 'last,open,odd'])
  expect(trimmed({ first: session({}, { closed: 10 }), open: session({}) }).changed).toBe(false)
})

test('that something was taken out is told wherever it was', () => {
  const much = () => session({ a: used(), b: used(), c: used() })
  const [little, closed] = [session({ a: used() }), () => session({}, { closed: 1 })]
  expect(trimmed({ one: much(), two: little }).changed).toBe(true)
  expect(trimmed({ one: little, two: much() }).changed).toBe(true)
  expect(trimmed({ one: closed(), two: closed(), three: little }).changed).toBe(true)
  const both = trimmed({ one: closed(), two: closed(), three: much() })
  expect([both.changed, Object.keys(both.sessions.three?._chains ?? {}).join()]).toEqual([true, 'b,c'])
  expect(trimmed({ one: session({ a: chain([1, 2, 3]), b: used() }) }).changed).toBe(true)
  expect(trimmed({ one: little }).changed).toBe(false)
})

test('what has another shape stays as it is', () => {
  for (const odd of [undefined, null, 7, [], {}, { _sessions: null }, { _sessions: [session({})] }])
    expect(trimSession(odd, limits)).toBe(false)
  const { _chains, currentRatchet, indexInfo } = session({ a: used(), b: used(), c: used() })
  const odd = [
    { currentRatchet, indexInfo },
    { _chains, indexInfo },
    { _chains, currentRatchet },
    { _chains, currentRatchet, indexInfo: { closed: '1' } },
    { _chains, currentRatchet: [], indexInfo },
    { _chains, currentRatchet: null, indexInfo },
    { _chains, currentRatchet: 7, indexInfo },
    { _chains: null, currentRatchet, indexInfo },
  ]
  for (const one of odd) {
    const before = structuredClone(one)
    expect(trimmed({ one }).changed).toBe(false)
    expect(one).toEqual(before)
  }
})
