import { isOpen as isOpenState } from '../../../machines/open-states.ts'
import { type BaileysSocket, isBaileysSocket } from '../../baileys/socket.ts'
import { isOpen } from '../../baileys/transport-state.ts'
import {
  type ConnectOptions,
  createLifeline,
  type HistoryEntry,
  type Lifeline,
  LifelineError,
  type LifelineOptions,
  type Status,
} from '../../index.ts'
import type { Contact } from '../fake-whatsapp/index.ts'
import { torturePolicy } from './pace.ts'

/**
 * What a tortured `connect` is given beside the usual: options to spread into `makeWASocket`, which lead to the fake
 * server.
 */
export interface TortureGiven extends ConnectOptions {
  readonly clientOptions: Readonly<Record<string, unknown>>
}

export type TortureConnect = (given: TortureGiven) => unknown

interface GatewayOptions {
  readonly auth: string
  readonly number: string
  readonly connect: TortureConnect
  readonly clientOptions: { readonly waWebSocketUrl: string }
  readonly inspect?: LifelineOptions['inspect'] | undefined
}

const hostOf = (url: unknown): string | undefined => {
  try {
    return new URL(String(url)).host
  } catch {
    return undefined
  }
}

/** An account under torture: its supervised line, and all that was seen of it. */
export class TorturedGateway {
  readonly folder: string
  readonly number: string
  readonly line: Lifeline
  readonly statuses: Status[] = []
  readonly notices: string[] = []
  /** What was read, as the line's own emitter told it. */
  readonly texts = new Set<string>()
  /** What helpful contacts have sent. */
  readonly sent: string[] = []
  readonly friends: Contact[] = []
  readonly sockets: BaileysSocket[] = []
  /** How often a socket was asked for while an earlier one was still open. */
  overlaps = 0
  /** How often `connect` was called. */
  calls = 0
  /** Calls that have neither returned nor thrown. */
  pending = 0
  /** Where sockets went that did not go to the fake server. */
  readonly astray = new Set<string>()
  /** What `connect` threw, and what it returned that is no socket. */
  readonly refusals = new Set<string>()
  /** What had waited for the present connection has come through. */
  drained = false
  #waiting: { holds(): boolean; resolve(): void }[] = []

  constructor({ auth, number, connect, clientOptions, inspect }: GatewayOptions) {
    this.folder = auth
    this.number = number
    this.line = createLifeline({
      account: 'torture',
      auth,
      policy: torturePolicy,
      ...(inspect === undefined ? {} : { inspect }),
      connect: (given) => this.#connect(connect, { ...given, clientOptions }, clientOptions.waWebSocketUrl),
    })
    const look = () => this.#look()
    this.line.on('status', (status) => {
      this.statuses.push(status)
      look()
    })
    this.line.on('notice', ({ kind }) => {
      this.notices.push(kind)
      look()
    })
    this.line.on('socket', look)
    this.line.ev.on('connection.update', ({ connection, receivedPendingNotifications }) => {
      this.drained = connection === undefined && (receivedPendingNotifications === true || this.drained)
      look()
    })
    this.line.ev.on('messages.upsert', ({ messages }) => {
      for (const { key, message } of messages) {
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (text && !key.fromMe) this.texts.add(text)
      }
      look()
    })
  }

  get state(): Status['state'] {
    return this.line.status.state
  }

  /** Connected, and able to read. */
  get up(): boolean {
    return isOpenState(this.state) && isOpen(this.line.socket?.ws) === true
  }

  get allRead(): boolean {
    return this.sent.every((text) => this.texts.has(text))
  }

  /** The states that were passed, each named once per stay. */
  get path(): string[] {
    return this.statuses.map(({ state }) => state as string).filter((state, at, all) => state !== all[at - 1])
  }

  get history(): readonly HistoryEntry[] {
    return this.line.history()
  }

  /** Whether it came true within that time; looked at whenever something happens to the line. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    if (holds()) return true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs)
    })
    const waiting = { holds, resolve: (): void => undefined }
    const come = new Promise<void>((resolve) => {
      waiting.resolve = resolve
    })
    this.#waiting.push(waiting)
    await Promise.race([come, late])
    clearTimeout(timer)
    this.#waiting = this.#waiting.filter((one) => one !== waiting)
    return holds()
  }

  /** A helpful contact writes; what it sends is to be read in the end. */
  async hears(friend: Contact): Promise<void> {
    const text = `${friend.name}: ${this.sent.length + 1}`
    this.sent.push(text)
    await friend.send(this.number, text)
  }

  #look(): void {
    for (const one of this.#waiting) if (one.holds()) one.resolve()
  }

  async #connect(connect: TortureConnect, given: TortureGiven, url: string): Promise<BaileysSocket> {
    if (this.sockets.some(({ ws }) => isOpen(ws))) this.overlaps += 1
    this.calls += 1
    this.pending += 1
    try {
      const socket = await connect(given)
      if (!isBaileysSocket(socket)) throw new TypeError('it did not return a Baileys socket')
      const host = hostOf(Reflect.get(socket.ws, 'url'))
      if (host !== undefined && host !== hostOf(url)) {
        this.astray.add(host)
        await socket.end(undefined)
        throw new LifelineError('ASTRAY', `the socket went to ${host}`, 'Let it go where clientOptions says.')
      }
      this.sockets.push(socket)
      return socket
    } catch (error) {
      this.refusals.add(error instanceof Error ? error.message : String(error))
      throw error
    } finally {
      this.pending -= 1
    }
  }
}
