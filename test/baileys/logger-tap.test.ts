import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lineReader } from '../../src/baileys/baileys-lines.ts'
import { type LoggerLine, tapLogger } from '../../src/baileys/logger-tap.ts'
import {
  type FakeWhatsApp,
  faults,
  foreignSession,
  startFakeWhatsApp,
} from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Client, lines, muteConsole } from '../rehearsal/fake-whatsapp/client.ts'
import { silent } from './lines.ts'

const NUMBER = '491700000001'

function collecting(level: string) {
  const written: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk))
      done()
    },
  })
  return { logger: pino({ level }, stream), written }
}

describe.each(lines)('the logger that Baileys $line gets', ({ baileys }) => {
  let server: FakeWhatsApp
  let client: Client

  beforeEach(async () => {
    muteConsole()
    server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    client = await Client.on(server, baileys)
  })

  afterEach(async () => {
    await client.remove()
    await server.stop()
  })

  test('lets no key, no code and no bytes of a handshake into the log, even at trace', async () => {
    const { logger, written } = collecting('trace')
    await client.link(NUMBER, { logger: tapLogger(logger, () => undefined) })
    const heard = server.contact('anna').nextReceived()
    await client.sock?.sendMessage(server.contact('anna').jid, { text: 'hello' })
    await heard
    const log = written.join('')
    expect(written.length).toBeGreaterThan(50)
    const creds = client.sock?.authState.creds
    const keys = [
      creds?.noiseKey.private,
      creds?.signedIdentityKey.private,
      creds?.signedPreKey.keyPair.private,
      creds?.pairingEphemeralKeyPair.private,
      creds?.noiseKey.public,
      creds?.signedIdentityKey.public,
    ].map((key) => Buffer.from(key ?? ''))
    const secrets = [...keys.flatMap((key) => [key.toString('base64'), key.toString('hex'), [...key].join(',')])]
    for (const secret of [...secrets, creds?.advSecretKey ?? '', ...client.qrs]) {
      expect(secret.length).toBeGreaterThan(20)
      expect(log).not.toContain(secret)
    }
    // Of a QR code, the reference alone is enough to know which pairing it was.
    for (const qr of client.qrs) expect(log).not.toContain(/(?:#|^)([^,]+),/.exec(qr)?.[1])
  })

  test('tells what went wrong although it is silent', async () => {
    const told: LoggerLine[] = []
    const logger = tapLogger(silent, (line) => told.push(line))
    await client.link(NUMBER, { logger, retryRequestDelayMs: 1 })
    const contact = server.contact('anna')
    await contact.send(NUMBER, 'one')
    await client.until(() => client.texts.length > 0)
    const heard = contact.nextReceived()
    await client.sock?.sendMessage(contact.jid, { text: 'two' })
    await heard
    const address = `${contact.number}.0`
    const lid = `${contact.lid?.split('@')[0]}_1.0`
    const foreign = await foreignSession()
    await client.sock?.authState.keys.set({ session: { [address]: foreign, [lid]: foreign } } as never)
    const { id } = await contact.send(NUMBER, 'three')
    await client.until(() => client.texts.includes('three'))
    expect(told).toContainEqual(
      expect.objectContaining({ type: 'decrypt-failed', id, text: 'No matching sessions found for message' }),
    )
    expect(told).toContainEqual({ type: 'retry-sent', id, count: 1 })
    const closed = client.closed()
    server.now(faults.replaced)
    await closed
    expect(told).toContainEqual({ type: 'stream-error', tag: 'conflict' })
  })

  test('tells of writes that the store refuses, as what they are', async () => {
    const told: LoggerLine[] = []
    const logger = tapLogger(silent, (line) => told.push(line))
    const keys = baileys.addTransactionCapability(
      {
        get: async () => ({}),
        set: async () => {
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
        },
      },
      logger,
      { maxCommitRetries: 2, delayBetweenTriesMs: 1 },
    )
    const work = keys.transaction(async () => {
      await keys.set({ session: { 'a.0': new Uint8Array(1) } })
    }, 'a')
    await work.catch(() => undefined)
    const left = told.map((line) => (line.type === 'commit-failed' ? line.retriesLeft : -1))
    expect(left).toEqual([1, 0])
  })
})

test('a line below the level of the owner is not touched, and the level may change', () => {
  const { logger, written } = collecting('warn')
  const tapped = tapLogger(logger, () => undefined)
  const unread = {
    get secret() {
      throw new Error('should not be read')
    },
  }
  tapped.info(unread, 'not this')
  expect(written).toEqual([])
  expect(tapped.level).toBe('warn')
  tapped.level = 'info'
  tapped.info({ a: 1 }, 'but this')
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ a: 1, msg: 'but this', level: 30 })
})

test('what holds no secret arrives as the very object that was logged', () => {
  const seen: unknown[] = []
  const error = new Error('plain')
  const tapped = tapLogger({ ...silent, level: 'trace', error: (fields) => seen.push(fields) }, () => undefined)
  const fields = { err: error, key: { id: '3EB0C767D26A1B2F4A5C6D' } }
  tapped.error(fields, 'something')
  expect(seen[0]).toBe(fields)
})

test('a child keeps its bindings and tells as its parent does', () => {
  const { logger, written } = collecting('info')
  const told: LoggerLine[] = []
  const child = tapLogger(logger, (line) => told.push(line)).child({ class: 'ns' })
  child.error({ err: new Error('boom') }, "unexpected error in 'processing'")
  expect(told).toEqual([{ type: 'unexpected', where: 'processing', text: 'boom' }])
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ class: 'ns' })
})

test('neither a logger nor a listener that throws reaches Baileys', () => {
  const fail = () => {
    throw new Error('no')
  }
  const tapped = tapLogger({ trace: fail, debug: fail, info: fail, warn: fail, error: fail }, fail)
  expect(() => {
    tapped.error({}, 'stream errored out')
    tapped.child({}).warn('failed to commit mutations, retries left=0')
  }).not.toThrow()
})

test('a logger that names no level decides itself what it shows, and Baileys is told info', () => {
  const seen: unknown[] = []
  const { level: _, ...methods } = silent
  const tapped = tapLogger({ ...methods, trace: (fields) => seen.push(fields) }, () => undefined)
  tapped.trace({ a: 1 })
  expect([tapped.level, seen]).toEqual(['info', [{ a: 1 }]])
})

const err = new Error('Bad MAC')
test.each<[string, unknown, unknown, LoggerLine | undefined]>([
  ['error', { key: {}, err }, 'failed to decrypt message', undefined],
  [
    'error',
    { key: { id: 'A' } },
    'failed to decrypt message',
    { type: 'decrypt-failed', id: 'A', text: '', senderKey: false },
  ],
  ['error', { err }, 'unexpected error in a handler', { type: 'unexpected', where: '', text: 'Bad MAC' }],
  ['error', {}, 'stream errored out', { type: 'stream-error', tag: 'unknown' }],
  ['error', 'stream errored out', undefined, { type: 'stream-error', tag: 'unknown' }],
  ['error', {}, 'Failed to send retry', { type: 'retry-failed', text: '' }],
  ['error', {}, 5, undefined],
  ['warn', {}, 'failed to commit mutations', { type: 'commit-failed', retriesLeft: 0 }],
  ['info', {}, 'sent retry receipt', { type: 'retry-sent' }],
  ['info', { msgAttrs: { id: 'A' }, retryCount: 2 }, 'sent retry receipt', { type: 'retry-sent', id: 'A', count: 2 }],
  ['debug', {}, 'recv retry request', { type: 'retry-asked' }],
])('a line of Baileys is read at %s with whatever it lacks: %o %j', (level, first, second, line) => {
  expect(lineReader(level)?.(first, second)).toEqual(line)
})

test('a logger that writes later and fails then harms nobody', async () => {
  const unhandled: unknown[] = []
  const heard = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', heard)
  const later = async () => {
    throw new Error('no')
  }
  tapLogger({ trace: later, debug: later, info: later, warn: later, error: later }, () => undefined).error({}, 'x')
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', heard)
  expect(unhandled).toEqual([])
})
