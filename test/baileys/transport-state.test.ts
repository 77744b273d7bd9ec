import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { gateMessages } from '../../src/baileys/message-gate.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import { socketLacks } from '../../src/baileys/socket-parts.ts'
import { isClosed, isOpen, rawSocket } from '../../src/baileys/transport-state.ts'
import { closedPort, lines } from './lines.ts'

test('the bare WebSocket that a fork hands out is asked as Baileys own transport is', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect([isOpen(ws), isClosed(ws), rawSocket(ws)]).toEqual([false, false, ws])
  await once(ws, 'open')
  expect([isOpen(ws), isClosed(ws)]).toEqual([true, false])
  ws.close()
  expect([isOpen(ws), isClosed(ws)]).toEqual([false, true])
  await once(ws, 'close')
  expect([isOpen(ws), isClosed(ws)]).toEqual([false, true])
  server.close()
})

test.each<[object, boolean | undefined, boolean | undefined]>([
  [{ isOpen: true, isClosed: false, readyState: 3 }, true, false],
  [{ isOpen: false, isClosed: true, readyState: 1 }, false, true],
  [{ readyState: 0 }, false, false],
  [{ readyState: 1 }, true, false],
  [{ readyState: 2 }, false, true],
  [{ readyState: '1', isOpen: 1, isClosed: 0 }, undefined, undefined],
])('a transport that says %j is open: %s, closed: %s', (ws, open, closed) => {
  expect([isOpen(ws), isClosed(ws)]).toEqual([open, closed])
})

test('what carries a transport lies beneath it, or is itself a WebSocket', () => {
  const [beneath, own] = [{}, { readyState: 1 }]
  expect(rawSocket({ socket: beneath, readyState: 1 })).toBe(beneath)
  expect(rawSocket(own)).toBe(own)
  const bare = { socket: null, readyState: 1 }
  expect(rawSocket(bare)).toBe(bare)
  for (const none of [{}, { socket: null }, { socket: 7, readyState: '1' }, undefined])
    expect(rawSocket(none)).toBeUndefined()
})

test.each([
  ['that is open', { isOpen: true, isClosed: false }, 'taken in'],
  ['that is closed', { isOpen: false, isClosed: true }, 'Connection Closed'],
  ['of ws that is open', { readyState: 1 }, 'taken in'],
  ['of ws that is closing', { readyState: 2 }, 'Connection Closed'],
  ['that says neither', {}, 'taken in'],
])('a message over a transport %s', async (_, ws, outcome) => {
  const messageMutex = { mutex: async (work: () => unknown) => work() }
  gateMessages({ ws, messageMutex } as unknown as BaileysSocket)
  const taken = messageMutex.mutex(() => 'taken in')
  expect(await taken.catch((error: Error) => error.message)).toBe(outcome)
})

test.each(lines)('a socket of $line lacks nothing, and its WebSocket is found beneath its transport', async (row) => {
  const { sock, closed } = row.connect({ url: await closedPort() })
  expect(socketLacks(sock)).toEqual([])
  expect([isOpen(sock.ws), isClosed(sock.ws)]).toEqual([false, false])
  expect(rawSocket(sock.ws)).toHaveProperty('terminate')
  await closed
})
