import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { joinFrames } from '../../src/baileys/joined-frames.ts'

const servers: WebSocketServer[] = []
const closes: Promise<unknown>[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate()
    server.close()
  }
  await Promise.all(closes.splice(0))
})

/** A WebSocket whose frames are joined, and what the server at its other end was sent. */
async function joined() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  servers.push(server)
  const received: string[] = []
  server.on('connection', (client) => {
    client.on('message', (data) => received.push(String(data)))
    client.on('close', () => received.push('closed'))
  })
  await once(server, 'listening')
  const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const join = joinFrames(ws)
  const [[response], [client]] = (await Promise.all([
    once(ws, 'upgrade'),
    once(server, 'connection'),
    once(ws, 'open'),
  ])) as [[IncomingMessage], [WebSocket], unknown]
  closes.push(once(response.socket, 'close'))
  const send = (text: string) => {
    join()
    return new Promise((resolve) => ws.send(text, resolve))
  }
  return { ws, client, connection: response.socket, received, send }
}

test('frames of one turn of the event loop leave together at its end, in their order', async () => {
  const { client, connection, received, send } = await joined()
  const before = connection.bytesWritten
  const writes: number[] = []
  const sent = ['a', 'b', 'c'].map((text) => send(text).then(() => writes.push(connection.writableCorked)))
  expect([connection.writableCorked, connection.writableLength > 0]).toEqual([1, true])
  await Promise.all([...sent, once(client, 'message')])
  expect(writes).toEqual([0, 0, 0])
  expect(connection.bytesWritten - before).toBe(3 * 7)
  const next = send('d')
  expect(connection.writableCorked).toBe(1)
  await next
  while (received.length < 4) await once(client, 'message')
  expect(received).toEqual(['a', 'b', 'c', 'd'])
})

test('what was sent in the turn in which the WebSocket is closed still leaves', async () => {
  const { ws, client, received, send } = await joined()
  void send('last')
  ws.close()
  await once(client, 'close')
  expect(received).toEqual(['last', 'closed'])
})

test('what was sent in the turn in which the process ends still leaves, and nothing listens once all is closed', async () => {
  const before = process.listeners('exit')
  const { ws, client, connection, received, send } = await joined()
  const other = await joined()
  const ours = process.listeners('exit').filter((listener) => !before.includes(listener))
  expect(ours).toHaveLength(1)
  void send('last')
  ours[0]?.(0)
  expect([connection.writableCorked, connection.writableLength]).toEqual([0, 0])
  await once(client, 'message')
  expect(received).toEqual(['last'])
  ws.terminate()
  await once(connection, 'close')
  expect(process.listeners('exit')).toHaveLength(before.length + 1)
  other.ws.terminate()
  await once(other.connection, 'close')
  expect(process.listeners('exit')).toEqual(before)
})

test('a WebSocket that does not tell of its connection is sent over as before', () => {
  expect(joinFrames({})()).toBeUndefined()
  const { once: _, ...rest } = process
  expect(joinFrames(rest)()).toBeUndefined()
})
