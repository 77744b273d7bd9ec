import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type SignalEvent, tapConsole } from '../../src/baileys/console-tap.ts'
import { foreignSession } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { SignalPeer } from '../../src/rehearsal/fake-whatsapp/peer.ts'

interface Entry {
  indexInfo: { closed: number }
  currentRatchet: { rootKey: Buffer; ephemeralKeyPair: { privKey: Buffer } }
}
interface Record {
  sessions: { [key: string]: Entry }
  closeSession(entry: Entry): void
  openSession(entry: Entry): void
  removeOldSessions(): void
  getOpenSession(): Entry | undefined
}
interface Libsignal {
  SessionRecord: { deserialize(data: object): Record }
  SessionCipher: new (storage: object, address: object) => { decryptWhisperMessage(data: Buffer): Promise<Buffer> }
  ProtocolAddress: { from(address: string): object }
}

const fromHere = createRequire(import.meta.url)
const libsignals: [string, Libsignal][] = ['@whiskeysockets/baileys', 'baileys-6'].map((baileys) => [
  baileys,
  createRequire(fromHere.resolve(baileys))('libsignal') as Libsignal,
])

const methods = ['error', 'warn', 'info', 'log'] as const
let printed: unknown[][]
let taps: (() => void)[]

beforeEach(() => {
  printed = []
  taps = []
  for (const method of methods) vi.spyOn(console, method).mockImplementation((...args) => void printed.push(args))
})

afterEach(() => {
  for (const off of taps) off()
  vi.restoreAllMocks()
})

function tap(listener: (event: SignalEvent) => void = () => undefined): () => void {
  const off = tapConsole(listener)
  taps.push(off)
  return off
}

const stored = await foreignSession()

function record(libsignal: Libsignal) {
  const found = libsignal.SessionRecord.deserialize(stored)
  const entry = found.getOpenSession()
  if (entry === undefined) throw new Error('The session should be open.')
  return { record: found, entry }
}

/** Everything that libsignal prints a session on. */
function printSessions(libsignal: Libsignal): Entry {
  const { record: printing, entry } = record(libsignal)
  printing.closeSession(entry)
  printing.closeSession(entry)
  printing.openSession(entry)
  for (let i = 0; i < 41; i++) {
    const { entry: old } = record(libsignal)
    old.indexInfo.closed = i + 1
    printing.sessions[`old ${i}`] = old
  }
  printing.removeOldSessions()
  return entry
}

/** A message for somebody else's session, to a record of `sessions` sessions. */
async function failToDecrypt(libsignal: Libsignal, address: string, sessions = 1): Promise<void> {
  const { record: kept } = record(libsignal)
  for (let i = 1; i < sessions; i++) {
    const { entry } = record(libsignal)
    entry.indexInfo.closed = i
    kept.sessions[`old ${i}`] = entry
  }
  const [a, b] = [new SignalPeer(), new SignalPeer()]
  await a.establish('b.0', b.bundle())
  await b.decrypt('a.0', await a.encrypt('b.0', Buffer.from('one')))
  await a.decrypt('b.0', await b.encrypt('a.0', Buffer.from('two')))
  const { body } = await a.encrypt('b.0', Buffer.from('three'))
  const storage = {
    loadSession: async () => kept,
    storeSession: async () => undefined,
    isTrustedIdentity: () => true,
    getOurIdentity: () => b.identity,
  }
  const cipher = new libsignal.SessionCipher(storage, libsignal.ProtocolAddress.from(address))
  await expect(cipher.decryptWhisperMessage(body)).rejects.toThrow('No matching sessions')
}

describe.each(libsignals)('the libsignal of %s', (_, libsignal) => {
  test('prints private keys where nobody taps the console: this is what the tap is for', async () => {
    const entry = printSessions(libsignal)
    const lines = printed.map(([first]) => first)
    expect(lines).toEqual(
      expect.arrayContaining([
        'Closing session:',
        'Session already closed',
        'Opening session:',
        'Removing old closed session:',
      ]),
    )
    expect(inspect(printed, { depth: 10 })).toContain(inspect(entry.currentRatchet.ephemeralKeyPair.privKey))
  })

  test('prints no session and no key while the console is tapped', async () => {
    tap()
    printSessions(libsignal)
    expect(printed).toEqual([])
  })

  test('has each message that it cannot read told once, with its address and what each session said', async () => {
    const events: SignalEvent[] = []
    tap((event) => events.push(event))
    await failToDecrypt(libsignal, '4915100000001.7')
    await failToDecrypt(libsignal, '77777777_1.0', 12)
    expect(events).toMatchObject([
      { type: 'decrypt-failed', address: '4915100000001.7', errors: ['Bad MAC'] },
      { type: 'decrypt-failed', address: '77777777_1.0', errors: Array(12).fill('Bad MAC') },
    ])
    expect(printed).toEqual([])
  })
})

test('what is not of libsignal passes untouched, by the method it came by', () => {
  const error = new Error('mine')
  const original = { ...console }
  tap()
  console.error('Something failed', error)
  console.info('Closing session: of parliament')
  console.log()
  console.warn({ a: 1 }, [2])
  expect(printed).toEqual([['Something failed', error], ['Closing session: of parliament'], [], [{ a: 1 }, [2]]])
  expect(vi.mocked(original.error)).toHaveBeenCalledTimes(1)
})

test('a method of the console has what it was called on, and the console where that is nothing', () => {
  const calledOn: unknown[] = []
  console.log = function (this: unknown) {
    calledOn.push(this)
  }
  tap()
  const { log } = console
  const other = { log }
  log('a word')
  other.log('a word')
  expect(calledOn).toEqual([console, other])
})

test('a session that is printed in other words than those of today is held back all the same', () => {
  tap()
  const session = { indexInfo: { closed: -1 }, currentRatchet: { rootKey: 'x' } }
  const record = { sessions: { a: session }, haveOpenSession: () => true }
  for (const printed of [session, record]) {
    console.log(printed)
    console.warn('Said by a version to come:', printed)
  }
  const near = [{ currentRatchet: 1 }, { indexInfo: 1 }, { sessions: [] }, { haveOpenSession: 1 }]
  for (const one of near) console.log(one)
  expect(printed).toEqual(near.map((one) => [one]))
})

test('a message read by an archived session is told, and when it was as for one that was not read', async () => {
  const events: SignalEvent[] = []
  tap((event) => events.push(event))
  const before = performance.now()
  console.warn('Decrypted message with closed session.')
  console.error('Session error:Error: Bad MAC')
  await Promise.resolve()
  expect(events).toMatchObject([{ type: 'closed-session' }, { type: 'decrypt-failed', errors: ['Bad MAC'] }])
  for (const { at } of events) expect(at >= before && at <= performance.now()).toBe(true)
})

test('a text of a broken file is told without what it may quote of it', async () => {
  const events: SignalEvent[] = []
  tap((event) => events.push(event))
  const key = Buffer.alloc(32, 0x41).toString('base64')
  console.error('Failed to decrypt message with any known session...')
  console.error(`Session error:SyntaxError: Unexpected token '${key}' is not valid JSON`, 'no stack')
  await Promise.resolve()
  expect(events).toMatchObject([{ errors: ["Unexpected token '[redacted]' is not valid JSON"] }])
})

test('a listener that throws harms neither the others nor libsignal', () => {
  let heard = 0
  tap(() => {
    throw new Error('no')
  })
  tap(() => heard++)
  expect(() => console.warn('Decrypted message with closed session.')).not.toThrow()
  expect(heard).toBe(1)
})

test('the tap goes with its last listener, and not before', () => {
  const before = console.error
  const first = tap()
  const second = tap()
  first()
  first()
  expect(console.error).not.toBe(before)
  second()
  expect(console.error).toBe(before)
})

test('somebody who wrapped the console meanwhile keeps a working one, and the next tap works too', async () => {
  const before = console.error
  const off = tap()
  const tapped = console.error
  const wrapped: unknown[][] = []
  console.error = (...args) => {
    wrapped.push(args)
    tapped(...args)
  }
  off()
  console.error('Session error:Error: Bad MAC')
  expect(wrapped).toHaveLength(1)
  expect(printed).toEqual([['Session error:Error: Bad MAC']])

  const events: SignalEvent[] = []
  const again = tap((event) => events.push(event))
  console.error('Session error:Error: Bad MAC')
  await Promise.resolve()
  expect(events).toHaveLength(1)
  expect(printed).toHaveLength(1)
  again()
  console.error = before
})

test('a console that was replaced meanwhile is tapped by the next listener, and each call is told once', async () => {
  const [before, own] = [console.error, vi.fn()]
  const events: SignalEvent[] = []
  const first = tap((event) => events.push(event))
  const lower = console.error
  console.error = own
  console.error('Session error:Error: Bad MAC')
  expect(own, 'nothing stands above it yet').toHaveBeenCalledTimes(1)

  const second = tap()
  console.error('Session error:Error: Bad MAC')
  console.error('mine')
  await Promise.resolve()
  expect(events).toHaveLength(1)
  expect(own.mock.calls.slice(1)).toEqual([['mine']])

  // A wrapper that hands on what it is given is below the newest tap and above the first.
  console.error = (...args) => lower(...args)
  tap()()
  console.error('Session error:Error: Bad MAC')
  console.error('mine too')
  await Promise.resolve()
  expect(events).toHaveLength(2)
  expect(printed).toEqual([['mine too']])

  // Who puts back what he found finds a tap there, and no other is needed.
  console.error = lower
  const third = tap()
  expect(console.error).toBe(lower)
  first()
  second()
  third()
  expect(console.error).toBe(before)
})
