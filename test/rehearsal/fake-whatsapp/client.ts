import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import { vi } from 'vitest'
import { restTransactionStorage } from '../../../src/baileys/transaction-storage.ts'
import { askedAlready } from '../../../src/rehearsal/fake-whatsapp/asked-already.ts'
import type { FakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'

export type Baileys = typeof v7

/** The two lines, one under the other's types: what the tests call is the same in both. */
export const lines = [
  { line: 'v7', baileys: v7 },
  { line: 'v6', baileys: v6 as unknown as Baileys },
] as const

const silent = {
  level: 'silent',
  child: () => silent,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** How a connection ended, as Baileys tells it. */
export interface Close {
  message: string
  code: number | undefined
  data: unknown
  error: unknown
}

interface Stub {
  id: string
  text: string
  type: string
}

/** Real Baileys on a real folder, with everything that it emitted, and a way to wait for it. */
export class Client {
  readonly folder: string
  readonly qrs: string[] = []
  readonly closes: Close[] = []
  readonly texts: string[] = []
  readonly types: string[] = []
  readonly stubs: Stub[] = []
  open = false
  drained = false
  sock: v7.WASocket | undefined
  readonly #baileys: Baileys
  readonly #server: FakeWhatsApp
  #waiting: { holds(): boolean; resolve(): void }[] = []
  #saving: Promise<void> = Promise.resolve()

  private constructor(baileys: Baileys, server: FakeWhatsApp, folder: string) {
    this.#baileys = baileys
    this.#server = server
    this.folder = folder
  }

  static async on(server: FakeWhatsApp, baileys: Baileys): Promise<Client> {
    server.trust(baileys)
    return new Client(baileys, server, await mkdtemp(join(tmpdir(), 'fake-whatsapp-')))
  }

  /** Begins a connection; `config` goes to `makeWASocket`. */
  async connect(config: Partial<v7.UserFacingSocketConfig> = {}): Promise<this> {
    const { state, saveCreds } = await this.#baileys.useMultiFileAuthState(this.folder)
    this.open = false
    this.drained = false
    const sock = this.#baileys.makeWASocket({
      auth: state,
      logger: silent,
      placeholderResendCache: askedAlready,
      ...this.#server.clientOptions,
      ...config,
    })
    this.sock = sock
    sock.ev.on('creds.update', () => {
      this.#saving = this.#saving.then(saveCreds)
    })
    sock.ev.on('connection.update', ({ connection, lastDisconnect, qr, receivedPendingNotifications }) => {
      if (qr) this.qrs.push(qr)
      if (connection === 'open') this.open = true
      if (receivedPendingNotifications) this.drained = true
      if (connection === 'close') {
        // Else it would slow every test that comes after in this process.
        restTransactionStorage(sock)
        this.closes.push(closeOf(lastDisconnect?.error))
      }
      this.#look()
    })
    sock.ev.on('messages.upsert', ({ messages, type }) => {
      for (const { key, message, messageStubParameters } of messages) {
        if (key.fromMe) continue
        const stub = messageStubParameters?.[0]
        if (stub) this.stubs.push({ id: key.id ?? '', text: stub, type })
        const text = message?.conversation
        if (text) {
          this.texts.push(text)
          this.types.push(type)
        }
      }
      this.#look()
    })
    return this
  }

  /** Resolves as soon as an event has made it true. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }))
  }

  /** The next end of a connection. */
  async closed(): Promise<Close> {
    const seen = this.closes.length
    await this.until(() => this.closes.length > seen)
    const close = this.closes.at(-1)
    if (!close) throw new Error('No close was seen.')
    await this.#saving
    return close
  }

  /** Connects, pairs by QR, restarts as it is told, and is online. */
  async link(number: string, config: Partial<v7.UserFacingSocketConfig> = {}): Promise<this> {
    await this.connect(config)
    await this.until(() => this.qrs.length > 0)
    const closed = this.closed()
    await this.#server.phone(number).scan(this.qrs.at(-1) ?? '')
    await closed
    return this.login(config)
  }

  async login(config: Partial<v7.UserFacingSocketConfig> = {}): Promise<this> {
    await this.connect(config)
    await this.until(() => this.open && this.drained)
    return this
  }

  /** Begins a new record; the connection stays. */
  forgetEvents(): void {
    for (const list of [this.closes, this.texts, this.types, this.stubs]) list.length = 0
  }

  /** Another client with the same credentials. */
  async twin(): Promise<Client> {
    await this.#saving
    return new Client(this.#baileys, this.#server, this.folder)
  }

  /** A question and its answer: whatever the server sent before has arrived. */
  async ping(): Promise<void> {
    await this.sock?.query({
      tag: 'iq',
      attrs: { to: 's.whatsapp.net', type: 'get', xmlns: 'w:p' },
      content: [{ tag: 'ping', attrs: {} }],
    })
  }

  /** Ends the connection, and waits until the server has seen it: version 6 does not. */
  async leave(): Promise<void> {
    const gone = this.#server.next('closed')
    await this.end()
    await gone
  }

  async end(): Promise<void> {
    await this.sock?.end(undefined)
    await this.#saving
  }

  async remove(): Promise<void> {
    await this.end()
    // Baileys may still write keys.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }

  #look(): void {
    const due = this.#waiting.filter((one) => one.holds())
    this.#waiting = this.#waiting.filter((one) => !due.includes(one))
    for (const { resolve } of due) resolve()
  }
}

function closeOf(error: unknown): Close {
  const message = error instanceof Error ? error.message : String(error)
  const output = error instanceof Error && 'output' in error ? error.output : undefined
  const code = output && typeof output === 'object' && 'statusCode' in output ? output.statusCode : undefined
  const data = error instanceof Error && 'data' in error ? error.data : undefined
  return { message, code: typeof code === 'number' ? code : undefined, data, error }
}

/** libsignal prints sessions and failures past every logger; what the tests need of that, they ask the spy. */
export function muteConsole(): { failures(): number } {
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined)
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  info.mockClear()
  warn.mockClear()
  return { failures: () => error.mock.calls.filter(([line]) => String(line).startsWith('Failed to decrypt')).length }
}
