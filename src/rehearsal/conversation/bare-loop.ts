import type * as v7 from '../../baileys/baileys-types.ts'
import { restTransactionStorage } from '../../baileys/transaction-storage.ts'
import { askedAlready } from '../fake-whatsapp/asked-already.ts'
import type { FakeWhatsApp } from '../fake-whatsapp/index.ts'
import { type ConversationClient, type Heard, heardIn, type Scanner } from './client.ts'
import { Happenings } from './happenings.ts'
import { slowState } from './slow-store.ts'

const connectsWithinMs = 30_000
const nothing = () => undefined
const silent = {
  level: 'silent',
  child: () => silent,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}

export interface BareLoopOptions {
  readonly baileys: v7.Baileys
  readonly server: Pick<FakeWhatsApp, 'clientOptions'>
  /** Opens the account's store anew for each connection, as `useMultiFileAuthState(folder)` does. */
  readonly open: () => Promise<{ readonly state: v7.AuthenticationState; readonly saveCreds: () => Promise<void> }>
  /** What the medium takes more for each write of keys, ms. Default 0. */
  readonly writeMs?: number
  readonly config?: Partial<v7.UserFacingSocketConfig>
  /** Is shown each socket. */
  readonly onSocket?: (socket: v7.WASocket) => void
}

/**
 * Baileys alone, as the example in its own repository keeps it connected: its own store, and dial again after every
 * close but a logout.
 */
export class BareLoop implements ConversationClient {
  readonly #options: BareLoopOptions
  readonly #happenings = new Happenings()
  readonly #listeners = new Set<(heard: Heard) => void>()
  #socket: v7.WASocket | undefined
  #open: v7.WASocket | undefined
  #drained = false
  #onCode: (code: string) => void = nothing
  #ended = false
  #saving: Promise<unknown> = Promise.resolve()

  constructor(options: BareLoopOptions) {
    this.#options = options
  }

  async start(phone: Scanner): Promise<void> {
    // A code that was rotated meanwhile cannot be scanned any more; the next one can.
    this.#onCode = (code) => void phone.scan(code).catch(nothing)
    await this.#connect()
    await this.#must(() => this.#open !== undefined && this.#drained, 'open')
  }

  async send(jid: string, text: string): Promise<string> {
    await this.#must(() => this.#open !== undefined, 'open')
    const sent = await this.#open?.sendMessage(jid, { text })
    return sent?.key.id ?? ''
  }

  onHeard(listener: (heard: Heard) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async reconnect(): Promise<void> {
    const before = this.#socket
    before?.ws.close()
    await this.#must(() => this.#open !== undefined && this.#open !== before && this.#drained, 'open again')
  }

  async stop(): Promise<void> {
    this.#ended = true
    await this.#socket?.end(undefined)
    await this.#saving
  }

  async #connect(): Promise<void> {
    const { baileys, server, open, writeMs = 0, config, onSocket } = this.#options
    const { state, saveCreds } = await open()
    if (this.#ended) return
    const socket = baileys.makeWASocket({
      ...server.clientOptions,
      auth: slowState(state, writeMs),
      logger: silent,
      placeholderResendCache: askedAlready,
      ...config,
    })
    this.#socket = socket
    this.#drained = false
    onSocket?.(socket)
    socket.ev.on('creds.update', () => {
      this.#saving = Promise.all([this.#saving, saveCreds()])
    })
    socket.ev.on('messages.upsert', (told) => {
      for (const heard of heardIn(told)) for (const listener of this.#listeners) listener(heard)
    })
    socket.ev.on('connection.update', ({ connection, lastDisconnect, qr, receivedPendingNotifications }) => {
      if (qr) this.#onCode(qr)
      if (connection === 'open') this.#open = socket
      if (receivedPendingNotifications) this.#drained = true
      if (connection === 'close') {
        if (this.#open === socket) this.#open = undefined
        // Else the storage of this socket would slow all that this process does later.
        restTransactionStorage(socket)
        if (!this.#ended && !isLogout(lastDisconnect?.error)) void this.#connect()
      }
      this.#happenings.happened()
    })
  }

  async #must(holds: () => boolean, what: string): Promise<void> {
    if (!(await this.#happenings.until(holds, connectsWithinMs)))
      throw new Error(`Baileys alone was not ${what} within ${connectsWithinMs / 1000} s.`)
  }
}

const isLogout = (error: unknown): boolean => Object(Object(error).output).statusCode === 401
