import type * as v7 from '../../baileys/baileys-types.ts'
import { isOpen } from '../../baileys/transport-state.ts'
import type { AuthStore, Lifeline } from '../../index.ts'
import { createLifeline, type OwnersLogger, type PolicyOptions } from '../../index.ts'
import { askedAlready } from '../fake-whatsapp/asked-already.ts'
import type { FakeWhatsApp } from '../fake-whatsapp/index.ts'
import { type ConversationClient, type Heard, heardIn, type Scanner } from './client.ts'
import { Happenings } from './happenings.ts'
import { slowStore } from './slow-store.ts'

const connectsWithinMs = 30_000

export interface SupervisedOptions {
  readonly baileys: v7.Baileys
  readonly server: Pick<FakeWhatsApp, 'clientOptions'>
  readonly store: AuthStore
  /** What the medium takes more for each write of keys, ms. Default 0. */
  readonly writeMs?: number
  readonly policy?: PolicyOptions
  /** The owner's logger. Default: as of `createLifeline`. */
  readonly logger?: OwnersLogger
  readonly config?: Partial<v7.UserFacingSocketConfig>
  /** Is shown each socket. */
  readonly onSocket?: (socket: v7.WASocket) => void
}

/** Speaks and hears through a line that somebody else starts and stops. */
export function clientOf(line: Lifeline<v7.WASocket>): Pick<ConversationClient, 'send' | 'onHeard'> {
  return {
    send: async (jid, text) => {
      const sent = await line.socket?.sendMessage(jid, { text })
      if (!sent?.key.id) throw new Error('There is no socket to send with.')
      return sent.key.id
    },
    onHeard: (listener) => {
      const tell = (told: Parameters<typeof heardIn>[0]) => {
        for (const heard of heardIn(told)) listener(heard)
      }
      line.ev.on('messages.upsert', tell)
      return () => line.ev.off('messages.upsert', tell)
    },
  }
}

/** Baileys under `createLifeline`. */
export class Supervised implements ConversationClient {
  readonly line: Lifeline<v7.WASocket>
  readonly #happenings = new Happenings()

  constructor({ baileys, server, store, writeMs = 0, policy, logger: owners, config, onSocket }: SupervisedOptions) {
    this.line = createLifeline({
      account: 'conversation',
      auth: slowStore(store, writeMs),
      ...(policy && { policy }),
      ...(owners && { logger: owners }),
      connect: ({ auth, logger }) => {
        const shared = { ...server.clientOptions, auth, logger, placeholderResendCache: askedAlready }
        const socket = baileys.makeWASocket({ ...shared, ...config })
        onSocket?.(socket)
        return socket
      },
    })
    this.line.on('socket', this.#happenings.happened)
    this.line.on('status', this.#happenings.happened)
  }

  async start(phone: Scanner): Promise<void> {
    // A code that was rotated meanwhile cannot be scanned any more; the next one can.
    const off = this.line.on('qr', ({ code }) => void phone.scan(code).catch(() => undefined))
    try {
      await this.line.start()
      await this.#must(() => this.line.status.state === 'healthy')
    } finally {
      off()
    }
  }

  async send(jid: string, text: string): Promise<string> {
    await this.#must(() => this.#up)
    return clientOf(this.line).send(jid, text)
  }

  onHeard(listener: (heard: Heard) => void): () => void {
    return clientOf(this.line).onHeard(listener)
  }

  async reconnect(): Promise<void> {
    // It is refused while the connection is on its way back by itself.
    await this.#must(() => this.#up && ['healthy', 'degraded'].includes(this.line.status.state))
    const before = this.line.socket
    await this.line.reconnect()
    await this.#must(() => this.line.socket !== before && this.#up)
  }

  stop(): Promise<void> {
    return this.line.stop()
  }

  get #up(): boolean {
    return isOpen(this.line.socket?.ws) === true
  }

  async #must(holds: () => boolean): Promise<void> {
    if (!(await this.#happenings.until(holds, connectsWithinMs)))
      throw new Error(`It is not connected: ${this.line.status.state}, ${this.line.status.message}`)
  }
}
