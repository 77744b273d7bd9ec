import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  allHeard,
  asked,
  assessOutbound,
  defaultPolicy,
  linkDown,
  linkUp,
  noOutbound,
  type Outbound,
  outboundAsOf,
  type RetryAsked,
  reached,
  reassessOutboundAt,
} from '../../machines/index.ts'
import { numberOf } from '../share.ts'

const policy = defaultPolicy.outbound
const { graceMs, windowMs } = policy
const t0 = 1_700_000_000_000
const day = 86_400_000

type Ask = Partial<RetryAsked> & { readonly at?: number }
const ask = (outbound: Outbound, { at = 0, ...rest }: Ask): Outbound => {
  const whole = { address: 'a.0', id: '1', own: false, ...rest }
  return asked(outbound, { jid: `${whole.address}@jid`, ...whole }, t0 + at)
}
const connected = linkUp(noOutbound, t0)
const fold = (...asks: readonly Ask[]): Outbound => asks.reduce(ask, connected)
const judged = (outbound: Outbound, at: number) => assessOutbound(outbound, policy, t0 + at)
const three = (rest: Ask = {}): Ask[] => ['1', '2', '3'].map((id) => ({ ...rest, id }))
const contacts = (count: number, rest: Ask = {}): Ask[] =>
  Array.from({ length: count }, (_, index) => ({ address: `c${index}.0`, ...rest }))

test('who reads everything is nobody to speak of', () => {
  expect(allHeard).toEqual({
    level: 'fine',
    addresses: [],
    contacts: 0,
    ownPhone: false,
    companions: 0,
    messages: 0,
  })
  expect(judged(noOutbound, 0)).toBe(allHeard)
  expect(judged(connected, day)).toBe(allHeard)
})

describe('a contact that asks for messages again', () => {
  test('cannot read once three of them stayed unread for as long as a resend takes', () => {
    expect(judged(fold(...three()), graceMs - 1).level).toBe('fine')
    expect(judged(fold(...three()), graceMs)).toEqual({
      level: 'failing',
      addresses: ['a.0'],
      contacts: 1,
      ownPhone: false,
      companions: 0,
      messages: 3,
    })
    expect(judged(fold(...three().slice(1)), graceMs).level).toBe('fine')
  })

  test('counts each message once, from the first time, however often it asks for it', () => {
    const again = fold({}, { at: 1_000 }, { at: 2_000 })
    expect(again).toEqual(fold({}))
    expect(judged(fold({}, { at: 1 }, { id: '2' }, { id: '2', at: 5 }), graceMs).level).toBe('fine')
  })

  test('and reads its resend is no alarm: neither one contact nor many', () => {
    let outbound = fold(...contacts(20))
    for (const { address = '' } of contacts(20)) outbound = reached(outbound, { address, id: '1' })
    expect(outbound.unheard.size).toBe(0)
    expect(judged(outbound, graceMs)).toBe(allHeard)
  })

  test('is one of three such, and each of them counts although it misses one message only', () => {
    expect(judged(fold(...contacts(2)), graceMs).level).toBe('fine')
    expect(judged(fold(...contacts(3)), graceMs)).toMatchObject({
      level: 'failing',
      addresses: ['c0.0', 'c1.0', 'c2.0'],
      contacts: 3,
      messages: 3,
    })
  })

  test('counts for ten minutes from when it asked', () => {
    const outbound = fold(...contacts(3))
    expect(judged(outbound, windowMs - 1).level).toBe('failing')
    expect(judged(outbound, windowMs).level).toBe('fine')
  })

  test('beside one over the threshold for messages, others below it are not held to fail', () => {
    expect(judged(fold(...three(), { address: 'b.0' }), graceMs)).toMatchObject({ addresses: ['a.0'], messages: 3 })
  })

  test('is told with its address, sorted among the others', () => {
    expect(judged(fold({ address: 'c.0' }, { address: 'a.0' }, { address: 'b.0' }), graceMs).addresses).toEqual([
      'a.0',
      'b.0',
      'c.0',
    ])
  })
})

describe('who was found to fail', () => {
  const found = outboundAsOf(fold(...contacts(3)), policy, t0 + graceMs)

  test('goes on failing until it has read what it missed, however few others do', () => {
    const one = reached(reached(found, { address: 'c0.0', id: '1' }), { address: 'c1.0', id: '1' })
    expect(judged(one, graceMs)).toMatchObject({ level: 'failing', addresses: ['c2.0'], contacts: 1 })
    expect(judged(reached(one, { address: 'c2.0', id: '1' }), graceMs)).toBe(allHeard)
    const unfound = fold(...contacts(3))
    expect(judged(reached(unfound, { address: 'c0.0', id: '1' }), graceMs)).toBe(allHeard)
  })

  test('goes on failing over a reconnect and with more that it cannot read, but not past the window', () => {
    const again = ask(linkUp(linkDown(found, t0 + graceMs, policy), t0 + graceMs), {
      address: 'c0.0',
      id: '2',
      at: graceMs,
    })
    const one = reached(reached(again, { address: 'c1.0', id: '1' }), { address: 'c2.0', id: '1' })
    expect(judged(one, graceMs).addresses).toEqual(['c0.0'])
    expect(judged(one, graceMs + windowMs)).toBe(allHeard)
  })

  test('is marked once, and nobody else is', () => {
    expect(found.connected).toBe(true)
    expect(outboundAsOf(found, policy, t0 + graceMs)).toBe(found)
    const mixed = outboundAsOf(fold(...three(), { address: 'b.0' }), policy, t0 + graceMs)
    expect([...mixed.unheard].map(([address, { failing }]) => [address, failing])).toEqual([
      ['a.0', true],
      ['b.0', false],
    ])
  })
})

describe('devices and people', () => {
  test('two devices of one contact are one contact, under a number or a LID', () => {
    const devices = ['1.0', '1.2', '2.0', '7_1.0', '7_1.3'].map((address): Ask => ({ address }))
    expect(judged(fold(...devices), graceMs)).toMatchObject({ contacts: 3, messages: 5 })
  })

  test("the account's own phone and its other devices count too, and are named as such", () => {
    const own = ['9.0', '9.2', '9.3'].map((address): Ask => ({ address, own: true }))
    expect(judged(fold(...own), graceMs)).toMatchObject({ contacts: 0, ownPhone: true, companions: 2, messages: 3 })
    expect(judged(fold(...own.slice(1), { address: '1.0' }), graceMs)).toMatchObject({
      contacts: 1,
      ownPhone: false,
      companions: 2,
    })
  })
})

describe('what a device read', () => {
  const sent = (...at: readonly number[]) => fold(...at.map((one) => ({ id: `m${one}`, sentAt: t0 + one, at: 500 })))
  const left = (outbound: Outbound): string[] => [...(outbound.unheard.get('a.0')?.ids.keys() ?? [])]

  test('settles that message, and what was sent before it', () => {
    const outbound = sent(100, 200, 300)
    expect(left(reached(outbound, { address: 'a.0', id: 'm200', sentAt: t0 + 200 }))).toEqual(['m300'])
    expect(left(reached(outbound, { address: 'a.0', id: 'later', sentAt: t0 + 301 }))).toEqual([])
    expect(reached(outbound, { address: 'a.0', id: 'later', sentAt: t0 + 301 }).unheard.size).toBe(0)
  })

  test('says nothing of what was sent since, nor at the same moment', () => {
    const outbound = sent(100, 200)
    expect(reached(outbound, { address: 'a.0', id: 'old', sentAt: t0 + 100 })).toBe(outbound)
  })

  test('settles that message alone where nobody knows when it was sent', () => {
    const outbound = sent(100, 200)
    expect(left(reached(outbound, { address: 'a.0', id: 'm200' }))).toEqual(['m100'])
    expect(reached(outbound, { address: 'a.0', id: 'unknown' })).toBe(outbound)
  })

  test('settles what was asked for before it was sent, where nobody knows when that was sent', () => {
    const outbound = fold({ at: 500 })
    expect(reached(outbound, { address: 'a.0', id: 'x', sentAt: t0 + 500 })).toBe(outbound)
    expect(reached(outbound, { address: 'a.0', id: 'x', sentAt: t0 + 501 }).unheard.size).toBe(0)
  })

  test('is never later than the question for it, whatever a clock said when it was sent', () => {
    const outbound = fold({ at: 500, sentAt: t0 + day })
    expect(reached(outbound, { address: 'a.0', id: 'x', sentAt: t0 + 501 }).unheard.size).toBe(0)
  })

  test('leaves everything else as it is: whose device it is, and that there is a connection', () => {
    const outbound = fold({ own: true, sentAt: t0 }, { id: '2', own: true, at: 7, sentAt: t0 + 7 })
    const after = reached(outbound, { address: 'a.0', id: '1', sentAt: t0 })
    expect(after.unheard.get('a.0')).toMatchObject({ own: true, jid: 'a.0@jid', lastAt: t0 + 7 })
    const none = reached(after, { address: 'a.0', id: '2' })
    expect([after.connected, none.connected]).toEqual([true, true])
  })

  test('settles nothing of another device', () => {
    const outbound = fold({ address: 'a.0' }, { address: 'a.1' })
    expect([...reached(outbound, { address: 'a.1', id: '1' }).unheard.keys()]).toEqual(['a.0'])
    expect(reached(outbound, { address: 'b.0', id: '1' })).toBe(outbound)
  })
})

describe('while the link comes and goes', () => {
  test('a resend has its time anew after each open, so that a storm of reconnects is no alarm', () => {
    let outbound = fold(...contacts(5))
    for (let at = 10_000; at < 300_000; at += 20_000) {
      outbound = linkDown(outbound, t0 + at, policy)
      expect(judged(outbound, at + 9_999).level).toBe('fine')
      outbound = linkUp(outbound, t0 + at + 10_000)
      expect(judged(outbound, at + 19_999).level).toBe('fine')
    }
    expect(judged(outbound, 300_000 + graceMs).level).toBe('failing')
  })

  test('nothing matures without a connection', () => {
    const outbound = linkDown(fold(...contacts(3)), t0 + graceMs - 1, policy)
    expect(judged(outbound, graceMs + 100_000).level).toBe('fine')
    expect(judged(linkUp(outbound, t0 + 100_000), 100_000 + graceMs).level).toBe('failing')
    expect(judged(three().reduce(ask, noOutbound), graceMs).level).toBe('fine')
  })

  test('what is known to fail goes on failing', () => {
    const outbound = linkDown(fold(...contacts(3)), t0 + graceMs, policy)
    expect(judged(outbound, graceMs).level).toBe('failing')
    expect(judged(linkUp(outbound, t0 + graceMs + 5_000), graceMs + 5_000).level).toBe('failing')
  })

  test('an open or a close that is said twice changes nothing', () => {
    const outbound = fold({})
    expect(linkUp(outbound, t0 + 5)).toBe(outbound)
    const down = linkDown(outbound, t0 + 5, policy)
    expect([outbound.connected, down.connected]).toEqual([true, false])
    expect(linkDown(down, t0 + 9, policy)).toBe(down)
  })
})

describe('in a flood', () => {
  test('a thousand devices and two hundred messages of each are remembered; the oldest make room', () => {
    const many = fold(...Array.from({ length: 1_001 }, (_, at): Ask => ({ address: `d${at}.0`, at })))
    expect(many.unheard.size).toBe(1_000)
    expect(many.unheard.has('d0.0')).toBe(false)
    const ids = fold(...Array.from({ length: 201 }, (_, at): Ask => ({ id: `${at}`, at }))).unheard.get('a.0')?.ids
    expect(ids?.size).toBe(200)
    expect(ids?.has('0')).toBe(false)
  })
})

describe('what counts at a moment', () => {
  test('nothing that has left the window, and the rest as it is', () => {
    const outbound = fold({ id: 'old' }, { id: 'new', at: 1_000 }, { address: 'b.0' })
    expect(outboundAsOf(outbound, policy, t0 + windowMs - 1)).toBe(outbound)
    const later = outboundAsOf(outbound, policy, t0 + windowMs)
    expect([...later.unheard.keys()]).toEqual(['a.0'])
    expect([...(later.unheard.get('a.0')?.ids.keys() ?? [])]).toEqual(['new'])
    expect(outboundAsOf(noOutbound, policy, t0)).toBe(noOutbound)
    expect(later.connected).toBe(true)
    const one = outboundAsOf(fold({ id: 'old' }, { id: 'new', at: 1_000 }), policy, t0 + windowMs)
    expect([...(one.unheard.get('a.0')?.ids.keys() ?? [])]).toEqual(['new'])
  })

  test('what happened at this very moment, and what waits for a connection, as it is', () => {
    const outbound = fold({})
    expect(outboundAsOf(outbound, policy, t0)).toBe(outbound)
    const waiting = linkDown(outbound, t0 + 1, policy)
    expect(outboundAsOf(waiting, policy, t0 + 1)).toBe(waiting)
    const again = linkUp(waiting, t0 + 5)
    expect(outboundAsOf(again, policy, t0 + 5)).toBe(again)
  })

  test('after the clock was set back: what was asked for before it counts as just asked for', () => {
    const hour = 3_600_000
    const outbound = linkDown(fold({ at: hour, sentAt: t0 + hour - 5 }), t0 + hour, policy)
    const caught = outboundAsOf(outbound, policy, t0)
    expect(caught.unheard.get('a.0')).toEqual({
      jid: 'a.0@jid',
      own: false,
      lastAt: t0,
      failing: false,
      ids: new Map([['1', { askedAt: t0, sentAt: t0 }]]),
    })
    const up = outboundAsOf(fold({ at: hour }), policy, t0)
    expect(up.unheard.get('a.0')?.ids.get('1')).toEqual({ askedAt: t0, sentAt: t0, graceFrom: t0 })
    expect(judged(linkUp(linkDown(fold({}), t0 + 1, policy), t0 + hour), 2).level).toBe('fine')
    const late = linkUp(linkDown(fold({}), t0 + 1, policy), t0 + hour)
    expect(
      outboundAsOf(late, policy, t0 + 2)
        .unheard.get('a.0')
        ?.ids.get('1'),
    ).toMatchObject({ graceFrom: t0 + 2 })
  })
})

describe('when time alone may change what is judged', () => {
  test('never while everybody reads, and never after the last has left the window', () => {
    expect(reassessOutboundAt(noOutbound, policy, t0)).toBeUndefined()
    expect(reassessOutboundAt(fold({}), policy, t0 + windowMs)).toBeUndefined()
  })

  test('when a resend has had its time, and when a message leaves the window', () => {
    const outbound = fold({ at: 0 }, { id: '2', at: 1_000 })
    expect(reassessOutboundAt(outbound, policy, t0)).toBe(t0 + graceMs)
    expect(reassessOutboundAt(outbound, policy, t0 + graceMs)).toBe(t0 + 1_000 + graceMs)
    expect(reassessOutboundAt(outbound, policy, t0 + 1_000 + graceMs)).toBe(t0 + windowMs)
    expect(reassessOutboundAt(outbound, policy, t0 + windowMs)).toBe(t0 + 1_000 + windowMs)
    expect(reassessOutboundAt(linkDown(outbound, t0 + 2_000, policy), policy, t0 + 2_000)).toBe(t0 + windowMs)
  })
})

const happening = fc.record({
  what: fc.constantFrom('asked', 'asked', 'asked', 'reached', 'up', 'down'),
  address: fc.constantFrom('a.0', 'b.0', 'c.0', 'd.1', '__proto__', 'constructor', '7'),
  id: fc.constantFrom('1', '2', '3', '4', '__proto__'),
  own: fc.boolean(),
  sentMsAgo: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
  afterMs: fc.integer({ min: 0, max: 120_000 }),
})

const lived = fc.array(happening, { maxLength: 40 }).map((happenings) => {
  let now = t0
  let outbound = noOutbound
  for (const { what, afterMs, sentMsAgo, ...rest } of happenings) {
    now += afterMs
    const sentAt = sentMsAgo === undefined ? {} : { sentAt: now - sentMsAgo }
    if (what === 'asked') outbound = asked(outbound, { jid: 'j', ...rest, ...sentAt }, now)
    else if (what === 'reached') outbound = reached(outbound, { ...rest, ...sentAt })
    else outbound = what === 'up' ? linkUp(outbound, now) : linkDown(outbound, now, policy)
  }
  return { outbound, now }
})

test('until the next look that it asks for, time alone changes nothing; and the looks come to an end', () => {
  fc.assert(
    fc.property(lived, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ outbound, now: end }, part) => {
      let now = end
      for (let look = 0; look < 400; look += 1) {
        const next = reassessOutboundAt(outbound, policy, now)
        const between = next === undefined ? now + part * 3_600_000 : now + Math.floor(part * (next - now))
        expect(assessOutbound(outbound, policy, between)).toEqual(assessOutbound(outbound, policy, now))
        expect(assessOutbound(outboundAsOf(outbound, policy, between), policy, between)).toEqual(
          assessOutbound(outbound, policy, between),
        )
        if (next === undefined) return
        expect(next).toBeGreaterThan(now)
        expect(next - now).toBeLessThanOrEqual(day)
        now = next
      }
      throw new Error('the looks do not end')
    }),
    { numRuns: numberOf(300, 60) },
  )
})

test('an assessment is consistent: sorted, people and own devices make up its addresses, a level above fine only with addresses', () => {
  fc.assert(
    fc.property(lived, ({ outbound, now }) => {
      const { level, addresses, contacts, ownPhone, companions, messages } = assessOutbound(outbound, policy, now)
      expect(addresses).toEqual(addresses.toSorted())
      expect(contacts + (ownPhone ? 1 : 0) + companions).toBeLessThanOrEqual(addresses.length)
      expect(messages).toBeGreaterThanOrEqual(addresses.length)
      expect(level === 'fine').toBe(addresses.length === 0)
    }),
    { numRuns: numberOf(300, 60) },
  )
})
