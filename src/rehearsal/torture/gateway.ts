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
import { heardIn } from '../conversation/client.ts'
import type { Phone } from '../fake-whatsapp/index.ts'
import { torturePolicy } from './pace.ts'
import { hostOf, Tortured } from './tortured.ts'

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

/** An account under torture whose line is supervised. */
export class TorturedGateway extends Tortured {
  readonly line: Lifeline
  readonly statuses: Status[] = []
  readonly notices: string[] = []

  constructor({ auth, number, connect, clientOptions, inspect }: GatewayOptions) {
    super(auth, number)
    this.line = createLifeline({
      account: 'torture',
      auth,
      policy: torturePolicy,
      ...(inspect === undefined ? {} : { inspect }),
      connect: (given) => this.#connect(connect, { ...given, clientOptions }, clientOptions.waWebSocketUrl),
    })
    this.line.on('status', (status) => {
      this.statuses.push(status)
      this.happenings.happened()
    })
    this.line.on('notice', ({ kind }) => {
      this.notices.push(kind)
      this.happenings.happened()
    })
    this.line.on('socket', this.happenings.happened)
    this.line.ev.on('connection.update', ({ connection, receivedPendingNotifications }) => {
      this.drained = connection === undefined && (receivedPendingNotifications === true || this.drained)
      this.happenings.happened()
    })
    this.line.ev.on('messages.upsert', (told) => this.heard(heardIn(told)))
  }

  get state(): Status['state'] {
    return this.line.status.state
  }

  get message(): string {
    return this.line.status.message
  }

  get socket(): BaileysSocket | undefined {
    return this.line.socket
  }

  get up(): boolean {
    return isOpenState(this.state) && isOpen(this.line.socket?.ws) === true
  }

  get resting(): boolean {
    return this.state === 'blocked' || this.state === 'conflicted'
  }

  get askedToPair(): boolean {
    return this.path.includes('awaitingQr', this.path.indexOf('healthy'))
  }

  get path(): string[] {
    return this.statuses.map(({ state }) => state as string).filter((state, at, all) => state !== all[at - 1])
  }

  get history(): readonly HistoryEntry[] {
    return this.line.history()
  }

  link(phone: Phone): Promise<unknown> {
    return phone.link(this.line)
  }

  start(): Promise<void> {
    return this.line.start()
  }

  stop(): Promise<void> {
    return this.line.stop()
  }

  reconnect(): Promise<void> {
    return this.line.reconnect()
  }

  calm(): () => void {
    const settle = () => {
      if (this.resting) this.line.reconnect().catch(() => undefined)
    }
    settle()
    return this.line.on('status', settle)
  }

  prune(): Promise<void> {
    return this.line.prune('all')
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
