import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UserFacingSocketConfig } from '@whiskeysockets/baileys'
import type { AuthStore, PolicyOptions } from '../../../src/index.ts'
import { BareLoop } from '../../../src/rehearsal/conversation/bare-loop.ts'
import type { ConversationClient } from '../../../src/rehearsal/conversation/client.ts'
import { type ConversationOptions, converse } from '../../../src/rehearsal/conversation/conversation.ts'
import type { ConversationReport } from '../../../src/rehearsal/conversation/report.ts'
import { Supervised } from '../../../src/rehearsal/conversation/supervised.ts'
import {
  type Contact,
  type ContactOptions,
  type FakeWhatsApp,
  startFakeWhatsApp,
} from '../../../src/rehearsal/fake-whatsapp/index.ts'
import type { Baileys } from '../../line/world.ts'

export interface ArmOptions {
  readonly baileys: Baileys
  /** Makes the store of a supervised account. Absent: Baileys alone, on its own store. */
  readonly store?: (folder: string) => AuthStore
  /** What its medium takes more for each write of keys, ms. Default 0. */
  readonly writeMs?: number
  readonly policy?: PolicyOptions
  /** For `makeWASocket`. */
  readonly config?: Partial<UserFacingSocketConfig>
}

let arms = 0

/** One way to keep an account connected, linked and connected to a server of its own. */
export class Arm {
  readonly server: FakeWhatsApp
  readonly client: ConversationClient
  readonly number: string
  readonly #place: string
  /**
   * libsignal has one queue for each address in the whole process, so no number is there in two arms: they would wait
   * for each other's stores.
   */
  readonly #at: number
  #contacts = 0

  private constructor(server: FakeWhatsApp, client: ConversationClient, place: string) {
    this.server = server
    this.client = client
    this.#place = place
    arms += 1
    this.#at = arms
    this.number = `49170${1_000_000 + arms}`
  }

  static async open({ baileys, store, ...options }: ArmOptions): Promise<Arm> {
    const server = await startFakeWhatsApp({ claimedPreKeys: 1, seed: `arm ${arms + 1}` })
    server.trust(baileys)
    const place = await mkdtemp(join(tmpdir(), 'lifeline-arm-'))
    const folder = join(place, 'auth')
    const shared = { baileys, server, ...options }
    const client = store
      ? new Supervised({ ...shared, store: store(folder) })
      : new BareLoop({ ...shared, open: () => baileys.useMultiFileAuthState(folder) })
    const arm = new Arm(server, client, place)
    await client.start(server.phone(arm.number))
    return arm
  }

  contact(name: string, options: Omit<ContactOptions, 'number'> = {}): Contact {
    this.#contacts += 1
    return this.server.contact(name, { ...options, number: `4915${100_000 + this.#at}${100 + this.#contacts}` })
  }

  contacts(count: number, options?: Omit<ContactOptions, 'number'>): Contact[] {
    return Array.from({ length: count }, (_, at) => this.contact(`k${at}`, options))
  }

  converse(options: Omit<ConversationOptions, 'server' | 'number' | 'client'>): Promise<ConversationReport> {
    const { server, number, client } = this
    return converse({ server, number, client, ...options })
  }

  async close(): Promise<void> {
    await this.client.stop()
    await this.server.stop()
    // What Baileys alone has begun to write goes on after its end.
    await rm(this.#place, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}
