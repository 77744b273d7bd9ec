import { EventEmitter } from 'node:events'
import type { AuthenticationCreds, makeWASocket as makeV7 } from '@whiskeysockets/baileys'
import type { makeWASocket as makeV6 } from 'baileys-6'
import type { makeWASocket as makeRc9 } from 'baileys-7-rc9'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AccountCaches } from '../../../src/baileys/caches/account-caches.ts'
import type { ConnectOptions } from '../../../src/index.ts'

test('the caches fit the config of each version, which the compiler checks', () => {
  const connects = [
    (make: typeof makeV7) => (given: ConnectOptions) =>
      make({ auth: given.auth, logger: given.logger, ...given.caches }),
    (make: typeof makeV6) => (given: ConnectOptions) =>
      make({ auth: given.auth, logger: given.logger, ...given.caches }),
    (make: typeof makeRc9) => (given: ConnectOptions) =>
      make({ auth: given.auth, logger: given.logger, ...given.caches }),
  ]
  expect(connects).toHaveLength(3)
})

const group = '120363000000000001@g.us'
const anna = '4915100000001'
const own = ['491700000001:1@s.whatsapp.net', '100000000000001:1@lid']
const minute = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  // What lru-cache takes in at 0 has no age.
  vi.advanceTimersByTime(1)
})
afterEach(() => void vi.useRealTimers())

/** A socket that answers questions for groups when it is told to. */
function connected(caches = new AccountCaches(), parts: object = {}) {
  const ws = new EventEmitter()
  const ev = new EventEmitter()
  const answers: { resolve: (metadata: unknown) => void; reject: (error: Error) => void }[] = []
  const groupMetadata = () => new Promise((resolve, reject) => void answers.push({ resolve, reject }))
  const off = caches.follow({ ws, ev, groupMetadata, ...parts } as never, () => own)
  const node = (tag: string, attrs: Record<string, string>, ...content: object[]) => ({ tag, attrs, content })
  return {
    caches,
    ws,
    ev,
    off,
    answers,
    notified: (type: string, from: string, ...content: object[]) =>
      ws.emit('CB:notification', node('notification', { type, from }, ...content)),
    acknowledged: (from: string) => ws.emit('CB:ack,class:message', node('ack', { from, phash: '2:a' })),
    answered: (from: string, ...content: object[]) =>
      ws.emit('CB:iq', node('iq', { from, type: 'result' }, ...content)),
    caughtUp: () => ws.emit('CB:ib,,offline', node('ib', {})),
    node,
  }
}

const metadata = (...members: string[]) => ({ id: group, participants: members.map((id) => ({ id })) })
const creds = (mark: number) =>
  ({ signedIdentityKey: { public: Buffer.alloc(32, mark) } }) as unknown as AuthenticationCreds

describe('what is kept of contacts', () => {
  test('is bounded by age: devices and counters for an hour, calls for five minutes', () => {
    const { forSocket } = connected().caches
    const { userDevicesCache, msgRetryCounterCache, placeholderResendCache, callOfferCache } = forSocket
    const all = [userDevicesCache, msgRetryCounterCache, placeholderResendCache, callOfferCache]
    for (const cache of all) cache.set('a', 1)
    vi.advanceTimersByTime(5 * minute + 1)
    expect(all.map((cache) => cache.get('a'))).toEqual([1, 1, 1, undefined])
    vi.advanceTimersByTime(55 * minute)
    expect(all.map((cache) => cache.get('a'))).toEqual([undefined, undefined, undefined, undefined])
  })

  test('is bounded by number, and the least wanted goes first', () => {
    const { callOfferCache } = new AccountCaches().forSocket
    for (let at = 0; at < 500; at += 1) callOfferCache.set(`call ${at}`, at)
    callOfferCache.get('call 0')
    callOfferCache.set('one more', 500)
    expect(['call 0', 'call 1', 'one more'].map((key) => callOfferCache.get(key))).toEqual([0, undefined, 500])
  })

  test('goes with the identity that it was learned under, and not with a socket', () => {
    const { caches } = connected()
    const { userDevicesCache, msgRetryCounterCache } = caches.forSocket
    caches.belongTo(creds(1))
    for (const cache of [userDevicesCache, msgRetryCounterCache]) cache.set(anna, 1)
    caches.belongTo(creds(1))
    expect([userDevicesCache.get(anna), msgRetryCounterCache.get(anna)]).toEqual([1, 1])
    caches.belongTo(creds(2))
    expect([userDevicesCache.get(anna), msgRetryCounterCache.get(anna)]).toEqual([undefined, undefined])
    caches.belongTo({} as AuthenticationCreds)
  })

  test('lets what could not be read be asked for afresh once sessions were set aside', () => {
    const { caches } = connected()
    const { userDevicesCache, msgRetryCounterCache } = caches.forSocket
    for (const cache of [userDevicesCache, msgRetryCounterCache]) cache.set(anna, 1)
    caches.sessionsSetAside()
    expect([userDevicesCache.get(anna), msgRetryCounterCache.get(anna)]).toEqual([1, undefined])
  })

  test('takes several at once, as version 7 hands them over, and lets go of them', async () => {
    const { userDevicesCache } = new AccountCaches().forSocket
    userDevicesCache.mset([
      { key: 'a', value: [1] },
      { key: 'b', value: [2] },
    ])
    expect(await userDevicesCache.mget(['a', 'b', 'c'])).toEqual({ a: [1], b: [2], c: undefined })
    userDevicesCache.mdel(['a'])
    userDevicesCache.del('nobody')
    expect(await userDevicesCache.mget(['a', 'b'])).toEqual({ a: undefined, b: [2] })
    userDevicesCache.flushAll()
    expect(userDevicesCache.get('b')).toBeUndefined()
  })
})

describe('lists of devices', () => {
  const device = { tag: 'device', attrs: { jid: `${anna}:3@s.whatsapp.net`, lid: '555:3@lid' } }
  const add = { tag: 'add', attrs: {}, content: [device] }

  test('are dropped when the server says that they have changed, under each name', () => {
    const { caches, notified, caughtUp } = connected()
    const { userDevicesCache } = caches.forSocket
    caughtUp()
    for (const user of [anna, '555', '777']) userDevicesCache.set(user, [1])
    notified('devices', `${anna}@s.whatsapp.net`, add)
    expect([anna, '555', '777'].map((user) => userDevicesCache.get(user))).toEqual([undefined, undefined, [1]])
    notified('devices', '777@lid', { tag: 'update', attrs: { hash: 'a' } })
    expect(userDevicesCache.get('777')).toBeUndefined()
  })

  test('are left to a Baileys that keeps them up to date, once the backlog is in, but for the other name', () => {
    const caches = new AccountCaches()
    const { userDevicesCache } = caches.forSocket
    const { notified, caughtUp } = connected(caches, { userDevicesCache })
    for (const user of [anna, '555']) userDevicesCache.set(user, [1])
    notified('devices', `${anna}@s.whatsapp.net`, add)
    expect(userDevicesCache.get(anna)).toBeUndefined()
    caughtUp()
    for (const user of [anna, '555']) userDevicesCache.set(user, [1])
    notified('devices', `${anna}@s.whatsapp.net`, add)
    expect([anna, '555'].map((user) => userDevicesCache.get(user))).toEqual([[1], undefined])
  })

  test('of the account itself are dropped when its phone links or unlinks a device', () => {
    const { caches, notified } = connected()
    const { userDevicesCache } = caches.forSocket
    for (const user of ['491700000001', '100000000000001', anna]) userDevicesCache.set(user, [1])
    notified('account_sync', own[0] ?? '', { tag: 'blocklist', attrs: {} })
    expect(userDevicesCache.get('491700000001')).toEqual([1])
    notified('account_sync', own[0] ?? '', { tag: 'devices', attrs: {} })
    expect(['491700000001', '100000000000001', anna].map((user) => userDevicesCache.get(user))).toEqual([
      undefined,
      undefined,
      [1],
    ])
  })

  test('of an earlier connection count when the backlog is in: 7 waits for that a second at most, 6 does without', async () => {
    const caches = new AccountCaches()
    const { userDevicesCache } = caches.forSocket
    const first = connected(caches)
    userDevicesCache.set(anna, [1])
    first.off()
    const second = connected(caches)
    expect(userDevicesCache.get(anna)).toBeUndefined()
    const waiting = userDevicesCache.mget([anna])
    second.caughtUp()
    expect(await waiting).toEqual({ [anna]: [1] })
    second.off()
    connected(caches)
    const [late, later] = [userDevicesCache.mget([anna]), userDevicesCache.mget([anna])]
    vi.advanceTimersByTime(1_000)
    expect([await late, await later, await userDevicesCache.mget([anna])]).toEqual(Array(3).fill({ [anna]: undefined }))
    userDevicesCache.set(anna, [2])
    expect(await userDevicesCache.mget([anna])).toEqual({ [anna]: [2] })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('are doubted when a message has not reached all devices, once in five minutes', () => {
    const { caches, acknowledged, caughtUp } = connected()
    const { userDevicesCache } = caches.forSocket
    caughtUp()
    const missed = (from: string) => {
      for (const user of [anna, '491700000001', '777']) userDevicesCache.set(user, [1])
      acknowledged(from)
      return [anna, '491700000001', '777'].map((user) => userDevicesCache.get(user) !== undefined)
    }
    expect(missed(`${anna}@s.whatsapp.net`)).toEqual([false, false, true])
    expect(missed(`${anna}@s.whatsapp.net`)).toEqual([true, true, true])
    // Of a group of which nothing is known, everybody's.
    expect(missed(group)).toEqual([false, false, false])
    expect(missed(group)).toEqual([true, true, true])
    vi.advanceTimersByTime(5 * minute + 1)
    expect(missed(`${anna}@s.whatsapp.net`)).toEqual([false, false, true])
  })

  test('of the members of a group that is known are doubted, and of nobody else', async () => {
    const { caches, acknowledged, caughtUp, answers } = connected()
    const { userDevicesCache } = caches.forSocket
    caughtUp()
    const asked = caches.forSocket.cachedGroupMetadata(group)
    answers[0]?.resolve(metadata(`${anna}@s.whatsapp.net`, '555@lid'))
    await asked
    const all = [anna, '555', '491700000001', '100000000000001', '777']
    for (const user of all) userDevicesCache.set(user, [1])
    acknowledged(group)
    expect(all.map((user) => userDevicesCache.get(user) === undefined)).toEqual([true, true, true, true, false])
  })

  test('are not doubted when a message has reached all of them, or nobody says whose it was', () => {
    const { caches, ws, node, caughtUp } = connected()
    const { userDevicesCache } = caches.forSocket
    caughtUp()
    for (const user of [anna, '491700000001']) userDevicesCache.set(user, [1])
    for (const attrs of [{ from: `${anna}@s.whatsapp.net` }, { phash: '2:a' }] as Record<string, string>[])
      ws.emit('CB:ack,class:message', node('ack', attrs))
    expect([anna, '491700000001'].map((user) => userDevicesCache.get(user))).toEqual([[1], [1]])
  })
})

describe('groups', () => {
  const known = async (...members: string[]) => {
    const one = connected()
    one.caughtUp()
    const asked = one.caches.forSocket.cachedGroupMetadata(group)
    one.answers.pop()?.resolve(metadata(...members))
    expect(await asked).toEqual(metadata(...members))
    return one
  }

  test('are asked for once, however many want to know at a time, and again after five minutes', async () => {
    const { caches, answers } = connected()
    const ask = () => caches.forSocket.cachedGroupMetadata(group)
    const [one, other] = [ask(), ask()]
    expect(answers).toHaveLength(1)
    answers[0]?.resolve(metadata(anna))
    expect([await one, await other, await ask()]).toEqual(Array(3).fill(metadata(anna)))
    vi.advanceTimersByTime(5 * minute + 1)
    void ask()
    expect(answers).toHaveLength(2)
  })

  test.each<[string, (one: ReturnType<typeof connected>) => unknown]>([
    ['a notification', ({ notified, node }) => notified('w:gp2', group, node('add', {}))],
    ['groups.upsert', ({ ev }) => ev.emit('groups.upsert', [{ id: group }])],
    ['groups.update', ({ ev }) => ev.emit('groups.update', [{ id: group, announce: true }])],
    ['group-participants.update', ({ ev }) => ev.emit('group-participants.update', { id: group, action: 'add' })],
    ['a message that has not reached everybody', ({ acknowledged }) => acknowledged(group)],
    ['the answer to a change of our own', ({ answered, node }) => answered(group, node('add', {}))],
    ['another identity', ({ caches }) => caches.belongTo(creds(9))],
  ])('are asked for again after %s', async (_, moved) => {
    const one = await known(anna)
    moved(one)
    void one.caches.forSocket.cachedGroupMetadata(group)
    expect(one.answers).toHaveLength(1)
  })

  test.each<[string, (one: ReturnType<typeof connected>) => unknown]>([
    ['of another group', ({ notified }) => notified('w:gp2', '1@g.us')],
    ['of a contact', ({ notified }) => notified('picture', `${anna}@s.whatsapp.net`)],
    ['that only tells how it is', ({ answered, node }) => answered(group, node('group', {}))],
    ['that makes no sense', ({ ws }) => ws.emit('CB:notification', undefined)],
  ])('are known all the same after a word %s', async (_, said) => {
    const one = await known(anna)
    said(one)
    expect(await one.caches.forSocket.cachedGroupMetadata(group)).toEqual(metadata(anna))
    expect(one.answers).toHaveLength(0)
  })

  test('that change while they are asked for are not kept as they were', async () => {
    const { caches, answers, notified } = connected()
    const ask = () => caches.forSocket.cachedGroupMetadata(group)
    const before = ask()
    notified('w:gp2', group)
    const after = ask()
    answers[0]?.resolve(metadata(anna))
    answers[1]?.resolve(metadata(anna, 'bert'))
    expect([await before, await after, await ask()]).toEqual([
      metadata(anna),
      metadata(anna, 'bert'),
      metadata(anna, 'bert'),
    ])
  })

  test('that were asked for over another connection, or for another identity, are asked for anew', async () => {
    const caches = new AccountCaches()
    const ask = () => caches.forSocket.cachedGroupMetadata(group)
    const [one, two] = [connected(caches), connected(caches)]
    void ask()
    expect([one.answers.length, two.answers.length]).toEqual([0, 1])
    const three = connected(caches)
    const third = ask()
    expect([two.answers.length, three.answers.length]).toEqual([1, 1])
    caches.belongTo(creds(9))
    const fourth = ask()
    expect(three.answers).toHaveLength(2)
    three.answers[0]?.resolve(metadata('of before'))
    three.answers[1]?.resolve(metadata(anna))
    expect([await third, await fourth, await ask()]).toEqual([metadata('of before'), metadata(anna), metadata(anna)])
    two.answers[0]?.resolve(metadata('of long ago'))
    await Promise.resolve()
    expect(await ask()).toEqual(metadata(anna))
  })

  test('of an earlier connection count when the backlog is in and has said nothing against it', async () => {
    const first = await known(anna)
    first.off()
    expect(await first.caches.forSocket.cachedGroupMetadata('2@g.us')).toBeUndefined()
    const second = connected(first.caches)
    const asked = second.caches.forSocket.cachedGroupMetadata(group)
    second.caughtUp()
    expect(await asked).toEqual(metadata(anna))
    second.off()
    const third = connected(first.caches)
    const moved = third.caches.forSocket.cachedGroupMetadata(group)
    third.notified('w:gp2', group)
    third.caughtUp()
    await vi.waitFor(() => expect(third.answers).toHaveLength(1))
    third.answers[0]?.resolve(metadata(anna, 'bert'))
    expect(await moved).toEqual(metadata(anna, 'bert'))
  })

  test('that the server does not tell of are nobody’s to keep: whoever wants to know asks by itself', async () => {
    const { caches, answers } = connected()
    const ask = () => caches.forSocket.cachedGroupMetadata(group)
    const refused = ask()
    answers[0]?.reject(new Error('forbidden'))
    expect(await refused).toBeUndefined()
    const odd = ask()
    answers[1]?.resolve({ id: group })
    expect(await odd).toBeUndefined()
    expect(
      await connected(undefined, { groupMetadata: undefined }).caches.forSocket.cachedGroupMetadata(group),
    ).toBeUndefined()
  })
})

test('nobody waits for a connection that is over, nor for what it was asked', async () => {
  const caches = new AccountCaches()
  const { userDevicesCache, cachedGroupMetadata } = caches.forSocket
  userDevicesCache.set(anna, [1])
  const one = connected(caches)
  const waiting = userDevicesCache.mget([anna])
  const asked = cachedGroupMetadata(group)
  one.off()
  expect(await waiting).toEqual({ [anna]: undefined })
  expect(await cachedGroupMetadata(group)).toBeUndefined()
  one.answers[0]?.resolve(metadata(anna))
  expect(await asked).toEqual(metadata(anna))
})

test('no listener and no timer is left of a socket that is no longer followed', () => {
  const { ws, ev, off } = connected()
  off()
  expect([ws.eventNames(), ev.eventNames(), vi.getTimerCount()]).toEqual([[], [], 0])
})
