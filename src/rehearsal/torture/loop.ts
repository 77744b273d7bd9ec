import { type BaileysSocket, isBaileysSocket, listen } from '../../baileys/socket.ts'
import { isOpen } from '../../baileys/transport-state.ts'
import type { OwnersLogger } from '../../index.ts'
import { heardIn } from '../conversation/client.ts'
import type { Phone } from '../fake-whatsapp/index.ts'
import { hostOf, Tortured } from './tortured.ts'

/** What a tortured loop is given. */
export interface LoopGiven {
  /** A folder for the credentials, which is not there yet. */
  readonly auth: string
  /** Says nothing; for `makeWASocket`. */
  readonly logger: OwnersLogger
  /** Options to spread into `makeWASocket`, which lead to the fake server. */
  readonly clientOptions: Readonly<Record<string, unknown>>
  /** To be called with each socket as soon as it is made. */
  readonly onSocket: (socket: unknown) => void
}

/**
 * A gateway that keeps itself connected, without supervision: starts, and returns what ends it, or a promise of that.
 */
export type TortureLoop = (given: LoopGiven) => unknown

interface LoopOptions {
  readonly auth: string
  readonly number: string
  readonly loop: TortureLoop
  readonly clientOptions: { readonly waWebSocketUrl: string }
}

const nothing = () => undefined
const silent: OwnersLogger & { readonly child: () => OwnersLogger } = {
  level: 'silent',
  child: () => silent,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}

/** An account under torture that its owner's own loop keeps connected. */
export class TorturedLoop extends Tortured {
  readonly statuses = []
  readonly notices = []
  readonly history = []
  readonly path: string[] = []
  askedToPair = false
  socket: BaileysSocket | undefined
  readonly #options: LoopOptions
  #phone: Phone | undefined
  #linked = false
  #end: unknown

  constructor(options: LoopOptions) {
    super(options.auth, options.number)
    this.#options = options
  }

  get state(): string {
    return this.path.at(-1) ?? 'stopped'
  }

  get message(): string {
    return this.up ? 'The socket is open.' : 'No socket is open.'
  }

  get up(): boolean {
    return isOpen(this.socket?.ws) === true && this.state === 'open'
  }

  get resting(): boolean {
    return false
  }

  async link(phone: Phone): Promise<void> {
    this.#phone = phone
    await this.start()
  }

  async start(): Promise<void> {
    const { loop, auth, clientOptions } = this.#options
    this.calls += 1
    this.pending += 1
    try {
      this.#end = await loop({ auth, clientOptions, logger: silent, onSocket: (socket) => this.#follow(socket) })
    } catch (error) {
      this.refusals.add(error instanceof Error ? error.message : String(error))
      throw error
    } finally {
      this.pending -= 1
    }
  }

  async stop(): Promise<void> {
    const end = this.#end
    this.#end = undefined
    if (typeof end === 'function') await end()
  }

  async reconnect(): Promise<void> {
    Object(this.socket?.ws).close?.()
  }

  calm(): () => void {
    return nothing
  }

  async prune(): Promise<void> {
    // A loop knows nothing of that.
  }

  #follow(socket: unknown): void {
    if (!isBaileysSocket(socket)) {
      this.refusals.add('onSocket was not given a Baileys socket')
      return
    }
    if (this.sockets.some(({ ws }) => isOpen(ws))) this.overlaps += 1
    const host = hostOf(Reflect.get(socket.ws, 'url'))
    if (host !== undefined && host !== hostOf(this.#options.clientOptions.waWebSocketUrl)) this.astray.add(host)
    this.sockets.push(socket)
    this.socket = socket
    this.drained = false
    this.#pass('connecting')
    listen(socket.ev, 'messages.upsert', (told) => this.heard(heardIn(told as Parameters<typeof heardIn>[0])))
    listen(socket.ev, 'connection.update', (update) => this.#updated(socket, Object(update)))
  }

  #updated(socket: BaileysSocket, update: { connection?: string; qr?: string; receivedPendingNotifications?: true }) {
    const { connection, qr, receivedPendingNotifications } = update
    if (qr !== undefined) {
      this.askedToPair ||= this.#linked
      this.#pass('awaitingQr')
      // A code that was rotated meanwhile cannot be scanned any more; the next one can.
      this.#phone?.scan(qr).then(() => {
        this.#linked = true
      }, nothing)
    }
    if (receivedPendingNotifications) this.drained = true
    if (connection === 'open') this.#pass('open')
    if (connection === 'close' && this.socket === socket) {
      this.socket = undefined
      this.#pass('closed')
    }
    this.happenings.happened()
  }

  #pass(state: string): void {
    if (this.state !== state) this.path.push(state)
    this.happenings.happened()
  }
}
