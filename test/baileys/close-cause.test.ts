import { createServer as createHttp } from 'node:http'
import { Agent, createServer as createHttps } from 'node:https'
import { createServer as createTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { afterEach, describe, expect, test } from 'vitest'
import type { CauseKind, CloseCause } from '../../machines/cause.ts'
import { classifyClose } from '../../src/baileys/close-cause.ts'
import { endOnRefusedUpgrade } from '../../src/baileys/refused-upgrade.ts'
import { inTurn } from '../share.ts'
import { future, key, past, untrusted } from './certificates.ts'
import { closedPort, lines, listening } from './lines.ts'
import { frame, webSocketServer } from './web-socket.ts'

const today = inTurn(lines, import.meta.url)

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function accepting(accepted?: (socket: Duplex) => void): Promise<string> {
  const { url, close } = await webSocketServer(accepted)
  cleanups.push(close)
  return url
}

const node = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode[]): BinaryNode =>
  content === undefined ? { tag, attrs } : { tag, attrs, content }
const streamError = (attrs: Record<string, string>, child?: BinaryNode) =>
  node('stream:error', attrs, child === undefined ? undefined : [child])
const conflict = (type: string) => node('conflict', { type })

/** What the server says at login → what it means. */
const stanzas: [string, BinaryNode, CauseKind, Record<string, unknown>][] = [
  ['failure 401', node('failure', { reason: '401', location: 'frc' }), 'logged-out', { code: 401 }],
  ['failure 402', node('failure', { reason: '402', expire: '3600' }), 'temporary-ban', { expiresInMs: 3_600_000 }],
  ['failure 402 without an end', node('failure', { reason: '402' }), 'temporary-ban', { code: 402 }],
  ['failure 403', node('failure', { reason: '403' }), 'locked', {}],
  ['failure 405', node('failure', { reason: '405' }), 'outdated', {}],
  ['failure 406', node('failure', { reason: '406' }), 'banned', {}],
  ...[409, 411, 415, 418, 501].map((code): [string, BinaryNode, CauseKind, Record<string, unknown>] => [
    `failure ${code}`,
    node('failure', { reason: String(code) }),
    'configuration',
    { code },
  ]),
  ['failure 500', node('failure', { reason: '500' }), 'server', {}],
  ['failure 503', node('failure', { reason: '503' }), 'server', {}],
  ['failure without a reason', node('failure'), 'server', { code: 500 }],
  ['failure 515', node('failure', { reason: '515' }), 'restart-required', {}],
  ['failure of a new kind', node('failure', { reason: '499' }), 'unknown', { code: 499 }],
  ['stream error 515', streamError({ code: '515' }), 'restart-required', { code: 515 }],
  ['stream error 516', streamError({ code: '516' }), 'refused', {}],
  ['stream error 503', streamError({ code: '503' }), 'server', {}],
  ['conflict replaced', streamError({}, conflict('replaced')), 'replaced', { code: 440, detail: 'replaced' }],
  [
    'conflict device_removed',
    streamError({ code: '401' }, conflict('device_removed')),
    'logged-out',
    { code: 401, detail: 'device_removed' },
  ],
  ['stream error 401 that does not say why', streamError({ code: '401' }), 'refused', { code: 401 }],
  ['conflict of a new kind', streamError({}, conflict('other')), 'replaced', { detail: 'other' }],
  ['stream error ack', streamError({}, node('ack', { class: 'message' })), 'protocol', { code: 500, detail: 'ack' }],
  [
    'stream error xml-not-well-formed',
    streamError({}, node('xml-not-well-formed')),
    'protocol',
    { detail: 'xml-not-well-formed' },
  ],
  ['stream error that says nothing', streamError({}), 'protocol', { detail: 'unknown' }],
  ['end of the stream', node('xmlstreamend'), 'closed', { code: 428 }],
]

const pairing: [string, BinaryNode, string | undefined][] = [
  ['without an identity', node('iq', { id: '1' }, [node('pair-success')]), 'device-identity'],
  [
    'with a forged HMAC',
    node('iq', { id: '1' }, [
      node('pair-success', {}, [
        { tag: 'device-identity', attrs: {}, content: Buffer.from([0x0a, 1, 1, 0x12, 1, 2]) },
        node('device', { jid: '491700000001:1@s.whatsapp.net' }),
      ]),
    ]),
    'hmac',
  ],
  [
    'of bytes that are no protobuf',
    node('iq', { id: '1' }, [
      node('pair-success', {}, [
        { tag: 'device-identity', attrs: {}, content: Buffer.from([0xff, 0xff, 0xff]) },
        node('device', { jid: '491700000001:1@s.whatsapp.net' }),
      ]),
    ]),
    undefined,
  ],
]

describe.each(today)('a close of Baileys $line', ({ connect }) => {
  test.each(stanzas)('after %s', async (_, stanza, kind, rest) => {
    const { sock, closed } = connect({ url: await accepting(), me: '491700000001:1@s.whatsapp.net' })
    emit(sock, `CB:${stanza.tag}`, stanza)
    const cause = classifyClose(await closed)
    expect(cause).toMatchObject({ kind, ...rest })
  })

  test.each(pairing)('after a pairing answer %s is no transport trouble', async (_, stanza, detail) => {
    const { sock, closed } = connect({ url: await accepting() })
    emit(sock, 'CB:iq,,pair-success', stanza)
    const cause = classifyClose(await closed)
    expect(cause.kind).toBe('pairing-failed')
    expect(cause.detail).toBe(detail)
  })

  test('of an account outside multi-device is a matter of configuration', async () => {
    const { sock, closed } = connect({ url: await accepting() })
    emit(sock, 'CB:ib,,downgrade_webclient', node('ib'))
    expect(classifyClose(await closed)).toMatchObject({ kind: 'configuration', code: 411 })
  })

  test('when the QR references have run out is the end of a window, not an outage', async () => {
    const { sock, closed } = connect({ url: await accepting(), config: { qrTimeout: 1 } })
    await opened(sock)
    emit(sock, 'CB:iq,type:set,pair-device', node('iq', { id: '1' }, [node('pair-device')]))
    expect(classifyClose(await closed)).toMatchObject({ kind: 'qr-window-over', code: 408 })
  })

  test('by our own logout is intentional, whatever word went with it', async () => {
    for (const word of [undefined, 'good night']) {
      const { sock, closed } = connect({ url: await accepting() })
      await (sock as unknown as { logout(word?: string): Promise<void> }).logout(word)
      expect(classifyClose(await closed)).toMatchObject({ kind: 'intentional', code: 401 })
    }
  })

  test.each([
    [401, 'portal'],
    [403, 'portal'],
    [407, 'portal'],
    [404, 'portal'],
    [302, 'portal'],
    [200, 'portal'],
    [511, 'portal'],
    [405, 'portal'],
    [408, 'network'],
    [429, 'network'],
    [500, 'network'],
    [503, 'network'],
  ] as const)('with HTTP %i in answer to the upgrade is %s, never a word about the account', async (status, kind) => {
    const http = createHttp()
    http.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`))
    const { url, close } = await listening(http)
    cleanups.push(close)
    const { sock, closed } = connect({ url })
    endOnRefusedUpgrade(sock)
    expect(classifyClose(await closed)).toMatchObject({ kind, code: status, detail: `HTTP ${status}` })
  })

  test.each([
    ['not valid yet', future, 'CERT_NOT_YET_VALID'],
    ['no longer valid', past, 'CERT_HAS_EXPIRED'],
  ])('with a certificate that is %s by our clock names the clock', async (_, cert, detail) => {
    const { url, close } = await listening(createHttps({ key, cert }), 'wss')
    cleanups.push(close)
    const { closed } = connect({ url, config: { agent: new Agent({ ca: cert }) } })
    expect(classifyClose(await closed)).toMatchObject({ kind: 'clock', code: 500, detail })
  })

  test('with a certificate that is not trusted is network trouble', async () => {
    const { url, close } = await listening(createHttps({ key, cert: untrusted }), 'wss')
    cleanups.push(close)
    expect(classifyClose(await connect({ url }).closed)).toMatchObject({ kind: 'network', code: 500 })
  })

  test('on a port where nobody listens is network trouble', async () => {
    const cause = classifyClose(await connect({ url: await closedPort() }).closed)
    expect(cause).toMatchObject({ kind: 'network', code: 408, detail: 'ECONNREFUSED' })
  })

  test('to a name that does not resolve is network trouble', async () => {
    const cause = classifyClose(await connect({ url: 'ws://nobody.invalid/ws/chat' }).closed)
    expect(cause).toMatchObject({ kind: 'network', code: 408 })
    expect(cause.detail).toMatch(/ENOTFOUND|EAI_AGAIN/)
  })

  test('by a connection that breaks at once is network trouble', async () => {
    const { url, close } = await listening(createTcp((socket) => socket.destroy()))
    cleanups.push(close)
    expect(classifyClose(await connect({ url }).closed)).toMatchObject({ kind: 'network', detail: 'ECONNRESET' })
  })

  test('by a server that speaks something else is a matter of protocol', async () => {
    const { url, close } = await listening(createTcp((socket) => socket.end('220 mail.example ESMTP\r\n')))
    cleanups.push(close)
    expect(classifyClose(await connect({ url }).closed)).toMatchObject({ kind: 'protocol' })
  })

  test('by a server that never answers the upgrade ran into its deadline', async () => {
    const { url, close } = await listening(createTcp())
    cleanups.push(close)
    const cause = classifyClose(await connect({ url, config: { connectTimeoutMs: 50 } }).closed)
    expect(cause).toMatchObject({ kind: 'timed-out', code: 408 })
  })

  test('by a server that never answers the handshake ran into its deadline', async () => {
    const url = await accepting()
    let cause: CloseCause
    // The upgrade has the same deadline, and the machine may be too busy for the first ones.
    let connectTimeoutMs = 100
    do {
      cause = classifyClose(await connect({ url, config: { connectTimeoutMs } }).closed)
      connectTimeoutMs *= 2
    } while (cause.message.includes('Opening handshake'))
    expect(cause).toMatchObject({ kind: 'timed-out', code: 408, message: 'Timed Out' })
  })

  test('by a server that hangs up after the upgrade is a plain close', async () => {
    const url = await accepting((socket) => socket.end(Buffer.from([0x88, 0])))
    expect(classifyClose(await connect({ url }).closed)).toMatchObject({ kind: 'closed', code: 428 })
  })

  test.each([
    ['bytes that are no protobuf', Buffer.from([0, 0, 4, 0x0a, 0x7f, 1, 2])],
    ['a frame of noise', Buffer.concat([Buffer.from([0, 0, 40]), Buffer.alloc(40, 0xa7)])],
    ['a hello that cannot be decrypted', hello()],
  ])('by a server that answers the handshake with %s is a matter of protocol', async (_, bytes) => {
    const url = await accepting((socket) => socket.once('data', () => socket.write(frame(bytes))))
    expect(classifyClose(await connect({ url }).closed)).toMatchObject({ kind: 'protocol' })
  })

  test('by a broken WebSocket frame is a matter of protocol', async () => {
    const url = await accepting((socket) => socket.write(Buffer.from([0xff, 0x00])))
    expect(classifyClose(await connect({ url }).closed)).toMatchObject({ kind: 'protocol', code: 500 })
  })
})

/** ServerHello with keys that belong to nobody. */
function hello(): Buffer {
  const field = (tag: number, content: Buffer) => Buffer.concat([Buffer.from([tag, content.length]), content])
  const body = field(
    0x1a - 8,
    Buffer.concat([
      field(0x0a, Buffer.alloc(32, 9)),
      field(0x12, Buffer.alloc(48, 7)),
      field(0x1a, Buffer.alloc(64, 5)),
    ]),
  )
  return Buffer.concat([Buffer.from([0, body.length >> 8, body.length & 255]), body])
}

function emit(sock: { ws: object }, event: string, stanza: BinaryNode): void {
  ;(sock.ws as import('node:events').EventEmitter).emit(event, stanza)
}

function opened(sock: { ws: object }): Promise<unknown> {
  return new Promise((resolve) => (sock.ws as import('node:events').EventEmitter).once('open', resolve))
}
