import { afterEach, expect, test, vi } from 'vitest'
import { DeliveryLedger } from '../../../src/rehearsal/fake-whatsapp/delivery.ts'
import { FaultQueue, farewell, faults } from '../../../src/rehearsal/fake-whatsapp/fault.ts'
import { Journal } from '../../../src/rehearsal/fake-whatsapp/journal.ts'
import { accountNumber, registrationIn } from '../../../src/rehearsal/fake-whatsapp/login.ts'
import { SeededRandom } from '../../../src/rehearsal/fake-whatsapp/random.ts'
import { SentLedger } from '../../../src/rehearsal/fake-whatsapp/sent-message.ts'

afterEach(() => void vi.useRealTimers())

test('of a message of an account is kept which device got a copy, how often, and whether it could be read', () => {
  const ledger = new SentLedger()
  ledger.open('1', '49', 'anna')
  ledger.open('1', '50', 'bela')
  ledger.open('2', '50', 'bela')
  ledger.came('1', 'anna.0', false)
  ledger.came('1', 'anna.0', true)
  ledger.came('1', 'anna.0', false)
  ledger.asked('1', 'anna.1', 1, false)
  ledger.asked('1', 'anna.1', 2, true)
  ledger.came('none', 'anna.0', true)
  ledger.asked('none', 'anna.0', 1, true)
  const first = {
    ...{ id: '1', from: '49', to: 'anna' },
    copies: [
      { to: 'anna.0', came: 3, read: true, asked: [] },
      {
        ...{ to: 'anna.1', came: 0, read: false },
        asked: [
          { count: 1, withKeys: false },
          { count: 2, withKeys: true },
        ],
      },
    ],
  }
  expect([ledger.get('1'), ledger.get('none'), ledger.by('49')]).toEqual([first, undefined, [first]])
  expect(ledger.by('50')).toEqual([{ id: '2', from: '50', to: 'bela', copies: [] }])
})

test('of a message of a contact is kept how often it went out, and what the client said of it', async () => {
  const ledger = new DeliveryLedger()
  const delivery = ledger.open('1', 'anna', '49')
  const other = ledger.open('2', 'anna', '49')
  const delivered = delivery.delivered()
  for (const id of ['1', '1', undefined, 'none']) ledger.sent(id)
  for (const [id, error] of [
    ['1', undefined],
    ['1', '500'],
    ['none', '501'],
    [undefined, undefined],
  ] as const)
    ledger.acknowledged(id, error)
  ledger.retry('1', 1, false)
  ledger.retry(undefined, 1, false)
  ledger.receipt(undefined, 'read')
  ledger.receipt('none', 'read')
  let over = false
  void delivered.then(() => (over = true))
  await Promise.resolve()
  expect(over).toBe(false)
  ledger.receipt('1', undefined)
  ledger.receipt('1', 'read')
  expect(await delivered).toBe(delivery)
  expect(await delivery.delivered()).toBe(delivery)
  expect(delivery).toMatchObject({
    ...{ id: '1', from: 'anna', to: '49', sent: 2, acks: 1, nacks: ['500'], receipts: ['delivered', 'read'] },
    retries: [{ count: 1, withKeys: false }],
  })
  expect(other).toMatchObject({ sent: 0, acks: 0, nacks: [], receipts: [], retries: [] })
  expect([ledger.get('1'), ledger.get('none')]).toEqual([delivery, undefined])
})

test('a fault waits for whom it is for, as often as it is to come, in the order in which it was told', () => {
  const queue = new FaultQueue()
  queue.add(faults.banned, { account: '49', times: 2 })
  queue.add(faults.locked, {})
  queue.add(faults.outdated, { account: '49' })
  expect([queue.take('50'), queue.take(), queue.take()]).toEqual([undefined, faults.locked, undefined])
  expect([1, 2, 3, 4].map(() => queue.take('49'))).toEqual([faults.banned, faults.banned, faults.outdated, undefined])
  queue.add(faults.banned, {})
  queue.clear()
  expect(queue.take()).toBeUndefined()
})

test('a fault that ends a connection says so in its own stanza, and any other in none', () => {
  expect(farewell(faults.banned)).toMatchObject({
    ...{ tag: 'failure', attrs: { reason: '402', expire: '3600', code: '101' } },
  })
  expect(farewell(faults.restartRequired)).toMatchObject({ tag: 'stream:error', attrs: { code: '515' } })
  const replaced = farewell(faults.replaced)
  expect(replaced).toMatchObject({ content: [{ tag: 'conflict', attrs: { type: 'replaced' } }] })
  expect(replaced?.attrs.code).toBeUndefined()
  expect(farewell({ kind: 'stream-end' })?.tag).toBe('xmlstreamend')
  expect(farewell({ kind: 'downgrade' })).toMatchObject({ tag: 'ib', content: [{ tag: 'downgrade_webclient' }] })
  expect([farewell({ kind: 'deaf' }), farewell(faults.portal)]).toEqual([undefined, undefined])
})

test('what happens is told to who waits for it, once, and to who listens, until he leaves', async () => {
  vi.useFakeTimers({ now: 1_000 })
  const journal = new Journal()
  const heard: string[] = []
  const off = journal.on(({ kind }) => heard.push(kind))
  const met: string[] = []
  const wait = (name: string, ...of: Parameters<Journal['next']>) =>
    void journal.next(...of).then(({ detail }) => met.push(`${name} ${detail}`))
  wait('any login', 'login')
  wait('login of 49', 'login', { account: '49' })
  journal.add('closed')
  journal.add('login', { account: '50', detail: 'a' })
  journal.add('login', { account: '49', detail: 'b' })
  journal.add('login', { account: '49', detail: 'c' })
  off()
  journal.add('closed')
  await vi.advanceTimersByTimeAsync(0)
  expect([met, heard]).toEqual([
    ['any login a', 'login of 49 b'],
    ['closed', 'login', 'login', 'login'],
  ])
  expect(journal.events[1]).toEqual({ at: 1_000, kind: 'login', account: '50', detail: 'a' })
  const done: string[] = []
  void journal.any(50).then(() => done.push('happened'))
  journal.add('closed')
  await vi.advanceTimersByTimeAsync(0)
  expect([done, vi.getTimerCount()]).toEqual([['happened'], 0])
  void journal.any(50).then(() => done.push('late'))
  await vi.advanceTimersByTimeAsync(49)
  expect(done).toEqual(['happened'])
  await vi.advanceTimersByTimeAsync(1)
  expect(done).toEqual(['happened', 'late'])
})

test('the same seed gives the same, and a number lies between its bounds, both of them included', () => {
  const [one, same, other] = [new SeededRandom(7), new SeededRandom('7'), new SeededRandom(8)]
  const drawn = [one, same, other].map((random) => [random.bytes(40).toString('hex'), random.id()])
  expect(drawn[0]).toEqual(drawn[1])
  expect(drawn[0]).not.toEqual(drawn[2])
  expect([drawn[0]?.[0]?.length, drawn[0]?.[1]]).toEqual([80, expect.stringMatching(/^3A[0-9A-F]{18}$/)])
  const numbers = new Set(Array.from({ length: 100 }, () => one.between(3, 5)))
  expect([...numbers].sort()).toEqual([3, 4, 5])
  expect(one.bytes(64).subarray(0, 32)).not.toEqual(one.bytes(64).subarray(32))
})

test('what a client leaves out of its registration is nothing, and one that logs in registers nothing', () => {
  const staticKey = Buffer.alloc(32, 1)
  expect(registrationIn({ payload: {}, staticKey } as never)).toBeUndefined()
  expect(registrationIn({ payload: { devicePairingData: {} }, staticKey } as never)).toEqual({
    ...{ noiseKey: staticKey, registrationId: 0, identityKey: Buffer.alloc(0) },
    signedPreKey: { keyId: 0, publicKey: Buffer.alloc(0), signature: Buffer.alloc(0) },
  })
  const pairing = { eRegid: Buffer.from([1, 2]), eSkeyId: Buffer.from([3]), eIdent: Buffer.from([4]) }
  const signed = { eSkeyVal: Buffer.from([5]), eSkeySig: Buffer.from([6]) }
  expect(registrationIn({ payload: { devicePairingData: { ...pairing, ...signed } }, staticKey } as never)).toEqual({
    ...{ noiseKey: staticKey, registrationId: 258, identityKey: Buffer.from([4]) },
    signedPreKey: { keyId: 3, publicKey: Buffer.from([5]), signature: Buffer.from([6]) },
  })
  expect([accountNumber({ username: 49 } as never), accountNumber({} as never)]).toEqual(['49', ''])
})
