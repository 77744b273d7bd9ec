import { EventEmitter } from 'node:events'
import type { makeWASocket as makeV7 } from '@whiskeysockets/baileys'
import type { makeWASocket as makeV6 } from 'baileys-6'
import { describe, expect, test } from 'vitest'
import { gateMessages } from '../../src/baileys/message-gate.ts'
import { endOnRefusedUpgrade } from '../../src/baileys/refused-upgrade.ts'
import { type BaileysSocket, isBaileysSocket, listen } from '../../src/baileys/socket.ts'
import { restTransactionStorage } from '../../src/baileys/transaction-storage.ts'
import { closedPort, lines } from './lines.ts'

test('the sockets of both lines fit the type, which the compiler checks', () => {
  const v7 = (sock: ReturnType<typeof makeV7>): BaileysSocket => sock
  const v6 = (sock: ReturnType<typeof makeV6>): BaileysSocket => sock
  expect([v7, v6]).toHaveLength(2)
})

describe.each(lines)('what makeWASocket of $line returns', ({ connect }) => {
  test('is a socket', async () => {
    const { sock, closed } = connect({ url: await closedPort() })
    expect(isBaileysSocket(sock)).toBe(true)
    await closed
  })
})

test.each([
  [undefined],
  [null],
  ['socket'],
  [{}],
  [{ ev: {}, ws: {}, end: () => 1 }],
  [
    new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
      },
    ),
  ],
])('anything else is none: %#', (value) => {
  expect(isBaileysSocket(value)).toBe(false)
})

test.each([
  'end',
  'sendNode',
  'query',
  'generateMessageTag',
  ...['on', 'off', 'emit', 'process'].map((name) => `ev.${name}`),
  ...['ws.on', 'ws.off', 'authState', 'authState.keys', 'authState.keys.get', 'authState.keys.set'],
])('what has no %s is none', (path) => {
  const all = () => 1
  const whole = {
    ...{ end: all, sendNode: all, query: all, generateMessageTag: all },
    ev: { on: all, off: all, emit: all, process: all },
    ws: { on: all, off: all },
    authState: { keys: { get: all, set: all } },
  }
  expect([whole, Object.assign(() => 1, whole)].map(isBaileysSocket)).toEqual([true, false])
  const names = path.split('.')
  const holder = names.slice(0, -1).reduce<object>((part, name) => Reflect.get(part, name), whole)
  Reflect.deleteProperty(holder, names.at(-1) ?? '')
  expect(isBaileysSocket(whole)).toBe(false)
})

test.each(['messageMutex', 'processingMutex'])('messages wait in the queue that is called %s', async (name) => {
  const begun: string[] = []
  const queue = { mutex: async (work: () => Promise<void>) => work() }
  const socket = Object.assign(bare(), { [name]: queue })
  const gate = gateMessages(socket)
  await queue.mutex(async () => void begun.push('before'))
  await gate.shut()
  const late = queue.mutex(async () => void begun.push('after'))
  gate.release()
  await expect(late).rejects.toThrow('Connection Closed')
  expect(begun).toEqual(['before'])
})

/** A socket that has none of the parts that only some versions have. */
const bare = () => {
  const ws = Object.assign(new EventEmitter(), { isOpen: true, isClosed: false })
  return { ws, authState: { keys: {} } } as unknown as BaileysSocket
}

test('a socket without a queue of messages and without transactions is left as it is', async () => {
  const socket = bare()
  const before = { ...socket }
  const gate = gateMessages(socket)
  await gate.shut()
  gate.release()
  restTransactionStorage(socket)
  restTransactionStorage({
    ...socket,
    authState: {
      keys: {
        ...socket.authState.keys,
        isInTransaction: () => {
          throw new Error('no')
        },
      },
    },
  })
  expect(socket).toEqual(before)
})

test('an upgrade that is answered without a status ends the socket all the same', () => {
  const socket = bare()
  const ended: unknown[] = []
  const off = endOnRefusedUpgrade({ ws: socket.ws, end: (error) => ended.push(error) })
  const { ws } = socket as unknown as { ws: EventEmitter }
  ws.emit('unexpected-response', {}, { statusCode: 302 })
  ws.emit('unexpected-response', {}, {})
  off()
  ws.emit('unexpected-response', {}, {})
  expect(ended.map((error) => (error as Error).message)).toEqual([
    'WebSocket Error (Unexpected server response: 302)',
    'WebSocket Error (Unexpected server response: 0)',
  ])
})

test('an event is listened to until that is ended', () => {
  const ev = new EventEmitter()
  const heard: unknown[] = []
  const end = listen(ev as unknown as BaileysSocket['ev'], 'a', (data) => heard.push(data))
  ev.emit('a', 1)
  end()
  ev.emit('a', 2)
  expect([heard, ev.listenerCount('a')]).toEqual([[1], 0])
})
