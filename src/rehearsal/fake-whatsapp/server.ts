import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { BinaryNode } from '../../baileys/baileys-types.ts'
import { Connection } from './connection.ts'
import { type AccountName, Contact, type ContactOptions } from './contact.ts'
import type { Delivery } from './delivery.ts'
import type { Fault, FaultOptions } from './fault.ts'
import { Group, type GroupMember, type GroupOptions } from './group.ts'
import type { ServerEvent, ServerEventKind } from './journal.ts'
import { Phone } from './phone.ts'
import { learnProtocol } from './protocol.ts'
import { SeededRandom } from './random.ts'
import type { SentMessage } from './sent-message.ts'
import { ServerState } from './server-state.ts'
import { type BaileysModule, trust } from './trust.ts'
import { WebSocketLink } from './websocket.ts'

const PATH = '/ws/chat'
/** As the addresses of real groups do. */
const GROUPS_BEGIN = '120363'

/** Options of `startFakeWhatsApp`. */
export interface FakeWhatsAppOptions {
  /** Where to listen on 127.0.0.1. Default: a free port. */
  port?: number
  /** Decides message ids, references, LIDs and paddings. Keys are always new. Default 1. */
  seed?: number | string
  /**
   * How many QR codes a client that waits to be paired may show. Default 6; how long each lasts is the client's
   * `qrTimeout`.
   */
  qrRefs?: number
  /**
   * Milliseconds between a client's last message of the handshake and the server's first stanza. Default 20, and never
   * less than twice what the client took for that message. Less is nearer than any real server is, and version 6 of
   * Baileys loses frames that come before it has derived its keys.
   */
  latencyMs?: number
  /** Milliseconds between a client's being active and its getting the backlog. Default 25. */
  offlineDelayMs?: number
  /**
   * One-time pre-keys that the server says it has of each device beside those that it really has. Default 0: version 7
   * of Baileys then uploads 812 after pairing. With 1 it uploads five, which saves a test about a second of processor
   * time and 800 files; contacts do without one-time keys when those are used up, as real ones do.
   */
  claimedPreKeys?: number
  /**
   * Namespaces of the Baileys whose clients come, if they are forks: `await import('the-fork')`, one or several. Each
   * abbreviates stanzas by a dictionary of its line, which the server learns from it. Default: what `trust` is given in
   * this process, and the Baileys that is installed beside this package.
   */
  baileys?: object | readonly object[]
}

/** One connection that is up. */
export interface LiveConnection {
  /** Connections are numbered from 1 in the order in which they came. */
  number: number
  /** The phone number of the account; undefined until it has logged in. */
  account: string | undefined
  /** The number of the device; undefined until it has logged in. */
  device: number | undefined
}

/**
 * A WhatsApp server on loopback, for tests: real Baileys, version 6 or 7, pairs with it, logs in and exchanges Signal
 * messages with its contacts, and it fails in all the ways that the real one does. Nothing of it reaches a network.
 */
export class FakeWhatsApp {
  readonly #state: ServerState
  readonly #sockets = new Set<Duplex>()
  readonly #connections = new Set<Connection>()
  readonly #phones = new Map<string, Phone>()
  readonly #contacts = new Map<string, Contact>()
  readonly #groups = new Map<string, Group>()
  #http: Server | undefined
  #port: number
  #counted = 0
  #always: Fault | undefined

  /** @internal Use `startFakeWhatsApp`. */
  constructor({
    port = 0,
    seed = 1,
    qrRefs = 6,
    latencyMs = 20,
    offlineDelayMs = 25,
    claimedPreKeys = 0,
  }: FakeWhatsAppOptions) {
    this.#port = port
    this.#state = new ServerState(new SeededRandom(seed), { qrRefs, latencyMs, offlineDelayMs, claimedPreKeys })
  }

  /** Where it listens, `ws://127.0.0.1:…`: the `waWebSocketUrl` of a client. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}${PATH}`
  }

  /** The public key, in hex, that clients must hold for WhatsApp's own: pass it to `trust` in the client's process. */
  get rootKey(): string {
    return Buffer.from(this.#state.authority.root.public).toString('hex')
  }

  /**
   * Options to spread into `makeWASocket`. `shouldSyncHistoryMessage` is there because this server has no history to
   * send, and Baileys would hold its events back for 20 s in wait for it.
   */
  get clientOptions(): { waWebSocketUrl: string; fireInitQueries: false; shouldSyncHistoryMessage: () => boolean } {
    return { waWebSocketUrl: this.url, fireInitQueries: false, shouldSyncHistoryMessage: () => false }
  }

  /** Makes a Baileys module that is loaded in this process believe in this server. */
  trust(baileys: BaileysModule): void {
    trust(baileys, this.rootKey)
  }

  /** The phone with that number; the same one each time. */
  phone(number: string): Phone {
    const known = this.#phones.get(number)
    if (known) return known
    const phone = new Phone(this.#state, number)
    this.#phones.set(number, phone)
    return phone
  }

  /** The contact of that name; `options` count when it is named for the first time. */
  contact(name: string, options: ContactOptions = {}): Contact {
    const known = this.#contacts.get(name)
    if (known) return known
    const number = options.number ?? String(4_915_100_000_001 + this.#contacts.size)
    const contact = new Contact(this.#state, name, number, options)
    this.#contacts.set(name, contact)
    return contact
  }

  /** The group of that name; who is in it, and `options`, count when it is named for the first time. */
  group(name: string, members: readonly GroupMember[] = [], options: GroupOptions = {}): Group {
    const known = this.#groups.get(name)
    if (known) return known
    const jid = `${GROUPS_BEGIN}${String(this.#groups.size + 1).padStart(12, '0')}@g.us`
    const group = new Group(name, jid, members, options, (group, notice) => this.#tellGroup(group, notice))
    this.#groups.set(name, group)
    this.#state.groups.set(jid, group)
    return group
  }

  /** What became of a message that an account sent; undefined until it has arrived at the server. */
  sentMessage(id: string): SentMessage | undefined {
    return this.#state.sent.get(id)
  }

  /** All that the account of that number sent, oldest first. */
  sentBy(number: string): readonly SentMessage[] {
    return this.#state.sent.by(number)
  }

  /** What became of a message of a contact. */
  delivery(id: string): Delivery | undefined {
    return this.#state.deliveries.get(id)
  }

  /** The next connections, or the next logins of one account, meet this fault; several wait in line. */
  onNextLogin(fault: Fault, options: FaultOptions = {}): void {
    this.#state.faults.add(fault, options)
  }

  /** Each connection meets this fault, unless another one waits for it. */
  always(fault: Fault): void {
    this.#always = fault
  }

  /** Nothing more goes wrong: forgets what waits and what holds always. Live connections stay as they are. */
  clear(): void {
    this.#always = undefined
    this.#state.faults.clear()
  }

  /** The live connections of that account, or all of them, meet this fault now. Returns how many there were. */
  now(fault: Fault, account?: AccountName): number {
    const hit = this.#live(account)
    for (const connection of hit) connection.suffer(fault)
    return hit.length
  }

  /**
   * Sends a stanza as it is, well-formed or not, over the live connections of that account, or all of them; bytes are
   * sent as the content of a frame. Returns how many connections there were.
   */
  push(stanza: BinaryNode | Uint8Array, account?: AccountName): number {
    const hit = this.#live(account)
    for (const connection of hit) connection.send(stanza)
    return hit.length
  }

  /** Everything that happened, oldest first. */
  get events(): readonly ServerEvent[] {
    return this.#state.journal.events
  }

  /** Resolves with the next event of that kind that has these fields; events of the past do not count. */
  next(kind: ServerEventKind, fields: Partial<ServerEvent> = {}): Promise<ServerEvent> {
    return this.#state.journal.next(kind, fields)
  }

  /** Tells every event from now on; returns the unsubscribe function. */
  onEvent(listener: (event: ServerEvent) => void): () => void {
    return this.#state.journal.on(listener)
  }

  /** The connections that are up. */
  get connections(): LiveConnection[] {
    return [...this.#connections].map(({ number, device }) => {
      return { number, account: device?.account.number, device: device?.id }
    })
  }

  /** The logins that were admitted, of one account or of all. */
  logins(account?: string): ServerEvent[] {
    return this.events.filter((event) => event.kind === 'login' && (account === undefined || event.account === account))
  }

  /**
   * How many connections one device of that account ever had at the same time. More than one: two clients, one set of
   * credentials.
   */
  peak(account: string): number {
    const up = new Map<number, number>()
    let most = 0
    for (const event of this.events) {
      if (event.account !== account || event.device === undefined || event.connection === undefined) continue
      if (event.kind === 'login') up.set(event.connection, event.device)
      if (event.kind === 'closed') up.delete(event.connection)
      most = Math.max(most, [...up.values()].filter((device) => device === event.device).length)
    }
    return most
  }

  /** Listens on its port. Only needed after `unplug`. */
  plug(): Promise<void> {
    if (this.#http) return Promise.resolve()
    const http = createServer((_, response) => response.writeHead(426).end())
    this.#http = http
    http.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => this.#sockets.delete(socket))
    })
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    return new Promise((resolve, reject) => {
      http.once('error', reject)
      http.listen(this.#port, '127.0.0.1', () => {
        http.off('error', reject)
        this.#port = (http.address() as AddressInfo).port
        resolve()
      })
    })
  }

  /** Breaks every connection and refuses new ones on TCP, until `plug`. What it knows stays. */
  async unplug(): Promise<void> {
    const http = this.#http
    if (!http) return
    this.#http = undefined
    const closed = new Promise<void>((resolve) => http.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** The end: no socket and no timer is left. */
  async stop(): Promise<void> {
    await this.unplug()
  }

  #tellGroup(group: Group, notice: BinaryNode): void {
    const accounts = [...this.#state.accounts.values()].filter(({ jid }) => group.has(jid))
    for (const device of accounts.flatMap(({ devices }) => [...devices.values()]))
      device.push({ ...notice, attrs: { ...notice.attrs, id: this.#state.random.id() } })
  }

  #live(account: AccountName | undefined): readonly Connection[] {
    const number = typeof account === 'object' ? account.number : account
    const live = [...this.#connections].filter(({ over }) => !over)
    return live.filter(({ device }) => number === undefined || device?.account.number === number)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = this.#state.faults.take() ?? this.#always
    if (fault?.kind === 'http-status') {
      this.#state.journal.add('fault', { detail: `http-status ${fault.status}` })
      socket.write(`HTTP/1.1 ${fault.status} Not WhatsApp\r\nContent-Length: 0\r\n\r\n`)
      if (!fault.keepOpen) socket.end()
      return
    }
    if (fault && 'at' in fault && fault.at === 'upgrade') {
      this.#state.journal.add('fault', { detail: `${fault.kind} at upgrade` })
      if (fault.kind === 'reset') socket.destroy()
      return
    }
    const link = new WebSocketLink(socket)
    const connection = new Connection(this.#state, ++this.#counted, link, fault)
    this.#connections.add(connection)
    link.accept(request, head, {
      message: (data) => connection.read(data),
      closed: () => {
        this.#connections.delete(connection)
        connection.closed()
      },
    })
    connection.opened()
  }
}

/** Starts a server; resolves when it listens. */
export async function startFakeWhatsApp(options: FakeWhatsAppOptions = {}): Promise<FakeWhatsApp> {
  const server = new FakeWhatsApp(options)
  await learnProtocol(options.baileys === undefined ? [] : [options.baileys].flat())
  await server.plug()
  return server
}
