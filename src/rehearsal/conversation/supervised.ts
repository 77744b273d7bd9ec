import type * as v7 from '@whiskeysockets/baileys'
import type { AuthStore, Lifeline } from '../../index.ts'
import { createLifeline, type PolicyOptions } from '../../index.ts'
import { askedAlready } from '../fake-whatsapp/asked-already.ts'
import type { FakeWhatsApp, Phone } from '../fake-whatsapp/index.ts'
import { type ConversationClient, type Heard, heardIn } from './client.ts'
import { Happenings } from './happenings.ts'
import { slowStore } from './slow-store.ts'

const connectsWithinMs = 30_000

export interface SupervisedOptions {
  readonly baileys: typeof v7
  readonly server: Pick<FakeWhatsApp, 'clientOptions'>
  readonly store: AuthStore
  /** What the medium takes more for each write of keys, ms. Default 0. */
  readonly writeMs?: number
  readonly policy?: PolicyOptions
  readonly config?: Partial<v7.UserFacingSocketConfig>
}

/** Baileys under `createLifeline`. */
export class Supervised implements ConversationClient {
  readonly line: Lifeline<v7.WASocket>
  readonly #happenings = new Happenings()

  constructor({ baileys, server, store, writeMs = 0, policy, config }: SupervisedOptions) {
    this.line = createLifeline({
      account: 'conversation',
      auth: writeMs === 0 ? store : slowStore(store, writeMs),
      ...(policy && { policy }),
      connect: ({ auth, logger }) =>
        baileys.makeWASocket({
          ...server.clientOptions,
          auth,
          logger,
          placeholderResendCache: askedAlready,
          ...config,
        }),
    })
    this.line.on('socket', this.#happenings.happened)
    this.line.on('status', this.#happenings.happened)
  }

  async start(phone: Phone): Promise<void> {
    await phone.link(this.line)
  }

  async send(jid: string, text: string): Promise<string> {
    await this.#connected()
    const sent = await this.line.socket?.sendMessage(jid, { text })
    return sent?.key.id ?? ''
  }

  onHeard(listener: (heard: Heard) => void): () => void {
    const tell = (told: Parameters<typeof heardIn>[0]) => {
      for (const heard of heardIn(told)) listener(heard)
    }
    this.line.ev.on('messages.upsert', tell)
    return () => this.line.ev.off('messages.upsert', tell)
  }

  async reconnect(): Promise<void> {
    const before = this.line.socket
    await this.line.reconnect()
    if (!(await this.#happenings.until(() => this.line.socket !== before && this.#up, connectsWithinMs)))
      throw new Error(`It did not reconnect: ${this.line.status.state}, ${this.line.status.message}`)
  }

  stop(): Promise<void> {
    return this.line.stop()
  }

  get #up(): boolean {
    return this.line.socket?.ws.isOpen === true
  }

  async #connected(): Promise<void> {
    if (!(await this.#happenings.until(() => this.#up, connectsWithinMs)))
      throw new Error(`It is not connected: ${this.line.status.state}, ${this.line.status.message}`)
  }
}
