import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type FakeWhatsApp, type Fault, faults, startFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn } from '../../share.ts'
import { Client, type Close, lines, muteConsole } from './client.ts'

const today = inTurn(lines, import.meta.url)

const NUMBER = '491700000001'

interface Row {
  title: string
  fault: Fault
  close: { message: string; code?: number | undefined; data?: unknown }
}

/**
 * What the server says with a stanza, and how Baileys passes it on. Data of stream errors differ by version: the node,
 * or its child.
 */
function stanzaRows(line: 'v6' | 'v7'): Row[] {
  const streamError = (attrs: Record<string, string>, child?: { tag: string; attrs: Record<string, string> }) => {
    if (line === 'v7') return child ?? { tag: 'stream:error', attrs }
    return child ? { tag: 'stream:error', attrs, content: [child] } : { tag: 'stream:error', attrs }
  }
  const replaced = { tag: 'conflict', attrs: { type: 'replaced' } }
  const removed = { tag: 'conflict', attrs: { type: 'device_removed' } }
  const ack = { tag: 'ack', attrs: { class: 'message' } }
  const row = (title: string, fault: Fault, message: string, code: number, data: unknown): Row => {
    return { title, fault, close: { message, code, data } }
  }
  const failure = (title: string, fault: Fault & { reason: number }, data: object = {}): Row => {
    const said = { reason: String(fault.reason), ...data }
    return row(title, fault, 'Connection Failure', fault.reason, said)
  }
  const stream = 'Stream Errored'
  return [
    row('restart', faults.restartRequired, `${stream} (restart required)`, 515, streamError({ code: '515' })),
    row('503', faults.serviceUnavailable, `${stream} (unknown)`, 503, streamError({ code: '503' })),
    row('516', faults.streamError516, `${stream} (unknown)`, 516, streamError({ code: '516' })),
    row('replaced', faults.replaced, `${stream} (conflict)`, 440, streamError({}, replaced)),
    row('device removed', faults.deviceRemoved, `${stream} (conflict)`, 401, streamError({ code: '401' }, removed)),
    row(
      'bad XML',
      faults.xmlNotWellFormed,
      `${stream} (xml-not-well-formed)`,
      500,
      streamError({}, { tag: 'xml-not-well-formed', attrs: {} }),
    ),
    row('ack', faults.ack, `${stream} (ack)`, 500, streamError({}, ack)),
    row('stream end', { kind: 'stream-end' }, 'Connection Terminated by Server', 428, null),
    row('downgrade', { kind: 'downgrade' }, 'Multi-device beta not joined', 411, null),
    failure('logged out', faults.loggedOut, { location: 'frc' }),
    failure('temporary ban', faults.banned, { expire: '3600', code: '101' }),
    failure('locked', faults.locked),
    failure('outdated', faults.outdated),
    failure('ban', faults.bannedForGood),
    failure('server error', faults.serverError),
    failure('unavailable', faults.unavailable),
  ]
}

/** A live connection takes the same path through Baileys, so a few stand for all. */
const LIVE = ['restart', 'replaced', 'device removed', 'stream end', 'logged out']

const TERMINATED = { message: 'Connection Terminated', code: 428 }
const TIMED_OUT = { message: 'Timed Out', code: 408 }
const HANDSHAKE_TIMEOUT = { message: 'WebSocket Error (Opening handshake has timed out)', code: 408 }

/** What breaks below the stanzas; the same in both versions. */
const transportRows: Row[] = [
  {
    title: 'connection broken before the WebSocket',
    fault: { kind: 'reset', at: 'upgrade' },
    close: { message: 'WebSocket Error (socket hang up)', code: 408 },
  },
  { title: 'connection broken at once', fault: { kind: 'reset', at: 'connect' }, close: TERMINATED },
  { title: 'connection broken in the handshake', fault: { kind: 'reset', at: 'hello' }, close: TERMINATED },
  { title: 'connection broken after the handshake', fault: { kind: 'reset', at: 'login' }, close: TERMINATED },
  { title: 'closed at once', fault: { kind: 'close', at: 'connect' }, close: TERMINATED },
  { title: 'closed in the handshake', fault: { kind: 'close', at: 'hello' }, close: TERMINATED },
  { title: 'closed after the handshake', fault: { kind: 'close', at: 'login' }, close: TERMINATED },
  { title: 'no answer to the upgrade', fault: { kind: 'silence', at: 'upgrade' }, close: HANDSHAKE_TIMEOUT },
  {
    title: 'no answer to the connection',
    fault: { kind: 'silence', at: 'connect' },
    close: TIMED_OUT,
  },
  {
    title: 'no answer to the hello',
    fault: { kind: 'silence', at: 'hello' },
    close: TIMED_OUT,
  },
  {
    title: 'captive portal that keeps the connection open',
    fault: { kind: 'http-status', status: 401, keepOpen: true },
    close: HANDSHAKE_TIMEOUT,
  },
  {
    title: 'garbage in the handshake',
    fault: { kind: 'garbage' },
    close: { message: 'index out of range: 4 + 127 > 4', code: undefined },
  },
  {
    title: 'certificate of another issuer',
    fault: { kind: 'bad-certificate' },
    close: { message: 'certification match failed', code: 400 },
  },
]

describe.each(today)('faults, Baileys $line', ({ line, baileys }) => {
  let server: FakeWhatsApp
  let client: Client

  beforeAll(async () => {
    muteConsole()
    server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    client = await Client.on(server, baileys)
    await client.link(NUMBER)
  })

  beforeEach(async () => {
    muteConsole()
    server.clear()
    await client.end()
  })

  afterEach(() => void vi.useRealTimers())

  afterAll(async () => {
    await client.remove()
    await server.stop()
  })

  async function closeAtLogin(fault: Fault, connectTimeoutMs = 5_000): Promise<Close> {
    server.onNextLogin(fault)
    await client.connect({ connectTimeoutMs })
    return client.closed()
  }

  /** The client waits in vain from the fault on, and not for what comes before it, however long that takes. */
  async function closeInVain(fault: Fault): Promise<Close> {
    const connectTimeoutMs = 20_000
    server.onNextLogin(fault)
    const suffered = server.next('fault')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await client.connect({ connectTimeoutMs })
    let isOver = false
    const closed = client.closed().finally(() => (isOver = true))
    await suffered
    // Where nothing at all is answered, the client may begin to wait after that.
    while (!isOver) {
      await vi.advanceTimersByTimeAsync(connectTimeoutMs)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return closed
  }

  test.each(stanzaRows(line))('at login: $title', async ({ fault, close }) => {
    expect(await closeAtLogin(fault)).toMatchObject(close)
    expect(client.open).toBe(false)
  })

  test.each(transportRows)('at login: $title', async ({ fault, close }) => {
    // What the client closes by itself may come soon; what the server closes must not come second to that.
    const soonMs = close === HANDSHAKE_TIMEOUT ? 300 : undefined
    expect(await (close === TIMED_OUT ? closeInVain(fault) : closeAtLogin(fault, soonMs))).toMatchObject(close)
    expect(client.open).toBe(false)
  })

  test.each(stanzaRows(line).filter(({ title }) => LIVE.includes(title)))(
    'on a live connection: $title',
    async ({ fault, close }) => {
      await client.login()
      const closed = client.closed()
      expect(server.now(fault, NUMBER)).toBe(1)
      expect(await closed).toMatchObject(close)
    },
  )

  test('a fault is over with the connection that it was for', async () => {
    await closeAtLogin(faults.serviceUnavailable)
    await client.login()
    expect(client.open).toBe(true)
  })

  test('a run of restarts is as long as it was ordered', async () => {
    server.onNextLogin(faults.restartRequired, { times: 3, account: NUMBER })
    const codes: (number | undefined)[] = []
    for (let i = 0; i < 3; i++) {
      await client.connect()
      codes.push((await client.closed()).code)
    }
    expect(codes).toEqual([515, 515, 515])
    await client.login()
  })

  test('what holds always holds until it is cleared', async () => {
    server.always(faults.unavailable)
    for (let i = 0; i < 2; i++) {
      await client.connect()
      expect(await client.closed()).toMatchObject({ code: 503 })
    }
    server.clear()
    await client.login()
  })

  test('an unplugged server refuses connections, and knows the account when it is back', async () => {
    await server.unplug()
    await client.connect()
    const { message, code } = await client.closed()
    expect(message).toMatch(/^WebSocket Error \(connect ECONNREFUSED/)
    expect(code).toBe(408)
    await server.plug()
    await client.login()
  })

  test('a second login with the same credentials takes the place of the first', async () => {
    await client.login()
    const closed = client.closed()
    const second = await client.twin()
    await second.login()
    expect(await closed).toMatchObject({ message: 'Stream Errored (conflict)', code: 440 })
    expect(server.connections.filter(({ account }) => account === NUMBER)).toHaveLength(1)
    expect(server.peak(NUMBER)).toBe(2)
    await second.end()
  })

  test('codes run out after as many as the server gave references', async () => {
    const fresh = await Client.on(server, baileys)
    server.onNextLogin({ kind: 'qr-refs', count: 2 })
    await fresh.connect({ qrTimeout: 50 })
    expect(await fresh.closed()).toMatchObject({ message: 'QR refs attempts ended', code: 408 })
    expect(new Set(fresh.qrs).size).toBe(2)
    await fresh.remove()
  })

  test('a login that is deaf brings nothing of what waited, and who says twice that it is there is told once', async () => {
    await client.login()
    await client.leave()
    const early = await server.contact('anna').send(NUMBER, 'anybody?')
    server.onNextLogin({ kind: 'deaf' })
    await client.login()
    const times = (kind: string) => server.events.filter((event) => event.kind === kind).length
    const before = [times('opened'), times('online')]
    const active = { tag: 'iq', attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'passive' } }
    await client.sock?.query({ ...active, content: [{ tag: 'active', attrs: {} }] })
    await client.ping()
    expect([early.sent, times('opened'), times('online')]).toEqual([0, ...before])
  })

  test('without the offline node the client is open and never drained', async () => {
    server.onNextLogin({ kind: 'no-offline-node' })
    await server.contact('anna').send(NUMBER, 'hello?')
    const delivered = server.next('message-to-client')
    await client.connect()
    await client.until(() => client.open)
    await delivered
    await client.ping()
    expect(client.drained).toBe(false)
  })
})
