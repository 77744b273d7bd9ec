import { cpSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import type { ConnectOptions } from '../../src/index.ts'
import { askedAlready } from '../../src/rehearsal/fake-whatsapp/asked-already.ts'
import {
  type Contact,
  type FakeWhatsApp,
  type FakeWhatsAppOptions,
  startFakeWhatsApp,
} from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Gateway, type GatewayOptions, type Socket } from './gateway.ts'

export type Baileys = typeof v7

/** The two lines, one under the other's types: what the tests call is the same in both. */
export const lines: readonly { readonly name: 'v7' | 'v6'; readonly baileys: Baileys }[] = [
  { name: 'v7', baileys: v7 },
  { name: 'v6', baileys: v6 as unknown as Baileys },
]

/**
 * A server, and gateways that connect to it with one line of Baileys. One for each test file: pairing costs a second.
 */
export class World {
  readonly server: FakeWhatsApp
  readonly baileys: Baileys
  /** The number of the account that `gateway` is linked to. */
  readonly number = '491700000001'
  readonly #place: string
  readonly #gateways: Gateway[] = []
  #linked: Promise<string> | undefined
  #count = 0

  private constructor(server: FakeWhatsApp, baileys: Baileys, place: string) {
    this.server = server
    this.baileys = baileys
    this.#place = place
  }

  static async open(baileys: Baileys = v7, options: FakeWhatsAppOptions = {}): Promise<World> {
    const server = await startFakeWhatsApp({ claimedPreKeys: 1, ...options })
    server.trust(baileys)
    return new World(server, baileys, await mkdtemp(join(tmpdir(), 'lifeline-world-')))
  }

  /** A path for a folder that does not exist yet. */
  folder(): string {
    return join(this.#place, `account-${++this.#count}`)
  }

  /** A gateway on an empty folder, or on the one given. */
  newcomer(options: GatewayOptions = {}, folder = this.folder(), number = this.number): Gateway {
    const gateway = new Gateway(folder, number, (given) => this.socket(given), options)
    this.#gateways.push(gateway)
    return gateway
  }

  /** A gateway on its own copy of a linked folder, whose last run ended cleanly. */
  async gateway(options: GatewayOptions = {}): Promise<Gateway> {
    return this.newcomer(options, await this.linkedFolder())
  }

  async linkedFolder(): Promise<string> {
    this.#linked ??= this.#link()
    const folder = this.folder()
    // A fifth of what the other one costs, for some thousand gateways.
    cpSync(await this.#linked, folder, { recursive: true, preserveTimestamps: true })
    return folder
  }

  /** A gateway that is linked to an account of its own: for tests in which the phone unlinks it. */
  async linked(number: string, options: GatewayOptions = {}): Promise<Gateway> {
    const gateway = this.newcomer(options, this.folder(), number)
    await gateway.start()
    await this.scan(gateway)
    await gateway.until(() => gateway.state === 'healthy' && gateway.drained)
    return gateway
  }

  /** The phone scans what the gateway shows, once it shows something. */
  async scan(gateway: Gateway): Promise<void> {
    await gateway.until(() => gateway.line.status.qr !== undefined)
    await this.server.phone(gateway.number).scan(gateway.line.status.qr?.code ?? '')
  }

  /** What an owner's `connect` does. */
  socket(
    { auth, logger }: Pick<ConnectOptions, 'auth' | 'logger'>,
    config: Partial<v7.UserFacingSocketConfig> = {},
    baileys = this.baileys,
  ): Socket {
    return baileys.makeWASocket({
      ...this.server.clientOptions,
      auth,
      logger,
      placeholderResendCache: askedAlready,
      ...config,
    })
  }

  /** Contacts that have a session with the gateway, whose ratchet has turned once. */
  async friends(gateway: Gateway, names: readonly string[], options?: Parameters<FakeWhatsApp['contact']>[1]) {
    const friends = names.map((name) => this.server.contact(`${name} ${this.#count}`, options))
    for (const friend of friends) await this.chat(gateway, friend)
    return friends
  }

  /** A message each way. */
  async chat(gateway: Gateway, contact: Contact): Promise<void> {
    const there = `hello from ${contact.name} ${Math.random()}`
    await contact.send(gateway.number, there)
    await gateway.until(() => gateway.texts.includes(there))
    const back = contact.nextReceived()
    await gateway.soon(gateway.say(contact.jid, 'hello'), 'the end of sending')
    await gateway.soon(back, `what was sent to ${contact.name}`)
  }

  /** Each of them writes once more. Resolves when the gateway has read it. */
  async read(gateway: Gateway, contacts: readonly Contact[], withinMs?: number): Promise<void> {
    const texts = contacts.map((contact) => `${contact.name} writes ${Math.random()}`)
    await Promise.all(contacts.map((contact, at) => contact.send(gateway.number, texts[at] ?? '')))
    await gateway.until(() => texts.every((text) => gateway.texts.includes(text)), withinMs)
  }

  /** Every gateway is stopped and nothing goes wrong any more; for the end of each test. */
  async calm(): Promise<void> {
    this.server.clear()
    await this.server.plug()
    await Promise.all(this.#gateways.splice(0).map((gateway) => gateway.line.stop()))
  }

  async close(): Promise<void> {
    await this.calm()
    await this.server.stop()
    await rm(this.#place, { recursive: true, force: true })
  }

  async #link(): Promise<string> {
    const gateway = await this.linked(this.number)
    await gateway.line.stop()
    return gateway.folder
  }
}
