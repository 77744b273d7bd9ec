import { EventEmitter, getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PingError, pingSocket, watchFrames } from '../../src/baileys/frame-activity.ts'
import { isBaileysSocket } from '../../src/baileys/socket.ts'
import { type FakeWhatsApp, startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Client, lines, muteConsole } from '../rehearsal/fake-whatsapp/client.ts'

test.each<[string, (ws: EventEmitter, controller: AbortController) => unknown, string]>([
  ['an answer', (ws) => ws.emit('TAG:7'), 'answered in 20 ms'],
  ['a close', (ws) => ws.emit('close'), 'The connection closed before the ping was answered.'],
  ['an end of who asked', (_, controller) => controller.abort(), 'The ping was given up before it was answered.'],
  ['its deadline', () => vi.advanceTimersByTime(30), 'The ping was not answered within 50 ms.'],
])('of a ping that ends by %s neither a listener nor a timer is left', async (_, ends, outcome) => {
  vi.useFakeTimers()
  try {
    const ws = new EventEmitter()
    const controller = new AbortController()
    const sent: object[] = []
    const sock = { ws, generateMessageTag: () => '7', sendNode: async (node: object) => void sent.push(node) }
    const ping = pingSocket(sock, 50, controller.signal).then(
      (ms) => `answered in ${ms} ms`,
      (error: Error) => error.message,
    )
    expect(sent).toMatchObject([{ tag: 'iq', attrs: { id: '7', xmlns: 'w:p' } }])
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(20)
    ends(ws, controller)
    expect([vi.getTimerCount(), ws.eventNames(), getEventListeners(controller.signal, 'abort')]).toEqual([0, [], []])
    expect(await ping).toBe(outcome)
  } finally {
    vi.useRealTimers()
  }
})

describe.each(lines)('the life of a socket of $line', ({ baileys }) => {
  let server: FakeWhatsApp
  let client: Client

  beforeEach(async () => {
    muteConsole()
    server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    client = await Client.on(server, baileys)
    await client.link('491700000001')
  })

  afterEach(async () => {
    // The server first: v7 waits half a minute for the end of a half-open connection.
    await server.stop()
    await client.remove()
  })

  function live() {
    const sock = client.sock
    if (!isBaileysSocket(sock)) throw new Error('What Baileys made should be a socket.')
    const ws = sock.ws as unknown as EventEmitter
    const listeners = () => ws.eventNames().reduce((sum, name) => sum + ws.listenerCount(name), 0)
    return { sock, listeners }
  }

  test('shows in a ping that the server answers, of which nothing is left', async () => {
    const { sock, listeners } = live()
    const before = listeners()
    const { signal } = new AbortController()
    await expect(pingSocket(sock, 5_000, signal)).resolves.toBeGreaterThan(0)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(listeners()).toBe(before)
  })

  test('ends for a ping at its deadline when the server answers nothing', async () => {
    const { sock, listeners } = live()
    const before = listeners()
    server.now({ kind: 'half-open' })
    const ping = pingSocket(sock, 50)
    await expect(ping).rejects.toThrow('The ping was not answered within 50 ms.')
    await expect(ping).rejects.toBeInstanceOf(PingError)
    expect(listeners()).toBe(before)
  })

  test('ends for a ping when the connection closes, or when it is given up', async () => {
    const { sock, listeners } = live()
    const before = listeners()
    server.now({ kind: 'half-open' })
    const controller = new AbortController()
    const given = pingSocket(sock, 60_000, controller.signal)
    controller.abort()
    await expect(given).rejects.toThrow('given up')
    await expect(pingSocket(sock, 60_000, controller.signal)).rejects.toThrow('given up')
    expect(listeners()).toBe(before)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    const broken = pingSocket(sock, 60_000)
    server.now({ kind: 'reset', at: 'login' })
    await expect(broken).rejects.toThrow(PingError)
    await expect(pingSocket(sock, 60_000)).rejects.toThrow('could not be sent')
  })

  test('shows in every frame, and no longer once the watch is stopped', async () => {
    const { sock, listeners } = live()
    const before = listeners()
    let now = 1
    const frames = watchFrames(sock, () => now)
    expect(frames.lastAt).toBe(1)
    now = 2
    await pingSocket(sock, 5_000)
    expect(frames.lastAt).toBe(2)
    frames.stop()
    now = 3
    await pingSocket(sock, 5_000)
    expect(frames.lastAt).toBe(2)
    expect(listeners()).toBe(before)
  })
})
