import { AsyncResource } from 'node:async_hooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import { restTransactionStorage } from '../../src/baileys/transaction-storage.ts'
import { closedPort, lines } from './lines.ts'

/** How many storages each new promise, timer or request of the process is charged for. */
const charged = (): number =>
  Object.getOwnPropertySymbols(new AsyncResource('looked at')).filter(
    ({ description }) => description === 'kResourceStore',
  ).length

const session = (text: string) => ({ session: { '4915.0': Buffer.from(text) } })

async function stored({ authState: { keys } }: BaileysSocket): Promise<string | undefined> {
  const { '4915.0': found } = Object(await keys.get('session', ['4915.0']))
  return found === undefined ? undefined : String(found)
}

const transaction = ({ authState: { keys } }: BaileysSocket, work: () => Promise<unknown>, key = 'one') =>
  keys.transaction?.(work, key)

let url: string
const sockets: BaileysSocket[] = []
const make = ({ connect }: (typeof lines)[number]): BaileysSocket => {
  const { sock } = connect({ url })
  restTransactionStorage(sock)
  sockets.push(sock)
  return sock
}
beforeAll(async () => {
  url = await closedPort()
})
afterAll(() => Promise.all(sockets.map((socket) => socket.end(undefined))))

test.each(lines)(
  'the transactions of $line charge for one socket at most outside of them, however many there were',
  async (line) => {
    const before = charged()
    for (let at = 0; at < 10; at += 1) {
      const socket = make(line)
      let within = 0
      await transaction(socket, async () => {
        within = charged()
        await socket.authState.keys.set(session('new'))
      })
      expect(within - before).toBeLessThan(3)
      expect(await stored(socket)).toBe('new')
      expect(charged() - before).toBeLessThan(2)
    }
  },
)

test('a socket may be told of twice', async () => {
  const socket = make(lines[0])
  restTransactionStorage(socket)
  await transaction(socket, async () => socket.authState.keys.set(session('new')))
  expect(await stored(socket)).toBe('new')
})

test('a transaction of v7 sees what it has written, keeps it from the others, and leaves nothing when it fails', async () => {
  const socket = make(lines[0])
  const { keys } = socket.authState
  let wrote: () => void = () => undefined
  const written = new Promise<void>((resolve) => {
    wrote = resolve
  })
  let fail: () => void = () => undefined
  const failing = new Promise<void>((resolve) => {
    fail = resolve
  })
  const failed = transaction(socket, async () => {
    await keys.set(session('torn'))
    expect(await stored(socket)).toBe('torn')
    wrote()
    await failing
    expect(keys.isInTransaction?.()).toBe(true)
    expect(await stored(socket)).toBe('torn')
    throw new Error('no')
  })
  await written
  expect(await stored(socket)).toBeUndefined()
  // Another one begins and ends meanwhile: what runs in the first stays in it.
  await transaction(socket, async () => expect(await stored(socket)).toBeUndefined(), 'two')
  fail()
  await expect(failed).rejects.toThrow('no')
  expect(keys.isInTransaction?.()).toBe(false)
  expect(await stored(socket)).toBeUndefined()
})

test('a transaction of v7 that runs while those of another socket begin and end stays one', async () => {
  const [one, other] = [make(lines[0]), make(lines[0])]
  await transaction(one, async () => undefined)
  await transaction(one, async () => {
    await transaction(other, async () => undefined)
    await transaction(other, async () => undefined)
    expect(one.authState.keys.isInTransaction?.()).toBe(true)
    await one.authState.keys.set(session('kept'))
    expect(await stored(one)).toBe('kept')
  })
  expect(await stored(one)).toBe('kept')
})
