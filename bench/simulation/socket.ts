import { EventEmitter } from 'node:events'
import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { type BaileysSocket, listen, type SocketKeys } from '../../src/baileys/socket.ts'
import type { ConnectOptions } from '../../src/index.ts'
import { identityOf, pairedFields, readSessions, sessionFile } from './account.ts'
import type { Random } from './random.ts'
import type { Owner, VirtualTime } from './virtual-time.ts'
import type { Ending, Message, WhatsApp } from './whatsapp.ts'
import { restartRequired } from './whatsapp.ts'

export interface SocketWorld {
  readonly time: VirtualTime
  readonly random: Random
  readonly whatsapp: WhatsApp
  readonly owner: Owner
  /** The order of names and events in which a line of Baileys differs from the other. */
  readonly line: 'v6' | 'v7'
  readonly keepAliveMs: number
  /** A number that grows whenever the library moves on: a new socket, files moved. */
  readonly epoch: () => number
  readonly onClose: (socket: SimSocket, ending: Ending) => void
  readonly onOpen: (socket: SimSocket) => void
  /** A write of a socket that is over was taken, although the library has moved on. */
  readonly onLateWrite: () => void
  readonly onCode: (socket: SimSocket, code: string) => void
}

type Keys = ConnectOptions['auth']['keys']
type KeyData = Parameters<Keys['set']>[0]

/** Baileys' own: a failed commit is tried ten times, three seconds apart. */
const commitTries = 10
const commitPauseMs = 3_000
const mostRetries = 5

/** What a supervisor sees of Baileys: its events, its transport, the calls it makes to the key store, and its habits when it ends. */
export class SimSocket implements BaileysSocket {
  readonly ev = new SimEvents()
  readonly ws = new SimTransport()
  readonly authState: { readonly keys: SocketKeys }
  readonly signalRepository?: object
  readonly identity: number
  readonly epoch: number
  over = false
  open = false
  /** Nothing comes through any more, in either direction; the other end does not know. */
  deaf = false
  code: string | undefined
  readonly #world: SocketWorld
  readonly #creds: AuthenticationCreds
  readonly #keys: Keys
  readonly #logger: ConnectOptions['logger']
  #turn: Promise<unknown> = Promise.resolve()
  #tags = 0
  #codes = 0

  constructor({ auth, logger }: ConnectOptions, world: SocketWorld) {
    this.#world = world
    this.#creds = auth.creds
    this.#keys = auth.keys
    this.#logger = logger
    this.authState = {
      keys: {
        get: (type, ids) => auth.keys.get(type as 'session', ids),
        set: (data) => auth.keys.set(data as KeyData),
        transaction: (work) => this.#alone(work),
      },
    }
    if (world.line === 'v7') this.signalRepository = { lidMapping: {} }
    this.identity = identityOf(auth.creds)
    this.epoch = world.epoch()
    this.ws.terminate = () => this.#closed()
    listen(this.ev, 'creds.update', (update) => Object.assign(this.#creds, update))
    this.#later(world.random.between(20, 300), () => this.#dial())
  }

  get user() {
    return this.#creds.me
  }

  end(error: Error | undefined): Promise<void> {
    return this.#end(error ?? boom({ message: 'Connection Terminated', code: 428 }))
  }

  /** The connection ends by itself or by the server. */
  fail(ending: Ending): void {
    if (this.over) return
    this.#world.time.after(1, () => void this.#fail(ending), this.#world.owner)
  }

  deliver(message: Message): void {
    const { time, random, owner, whatsapp } = this.#world
    const arrive = () => {
      // What a dead link swallowed is delivered to the next connection.
      if (!owner.alive || this.over || this.deaf || !this.open) whatsapp.offline.push(message)
      else time.after(0, () => void this.#alone(() => this.#receive(message)).catch(() => undefined), owner)
    }
    time.later(random.between(5, 80), arrive)
  }

  sendNode(node: { readonly attrs: Readonly<Record<string, string | undefined>> }): Promise<void> {
    const { id } = node.attrs
    if (!this.deaf && this.open) this.#later(30, () => this.#answer(`TAG:${id}`))
    return Promise.resolve()
  }

  query(): Promise<unknown> {
    return Promise.resolve(undefined)
  }

  generateMessageTag(): string {
    return `tag-${this.#tags++}`
  }

  uploadPreKeys(): Promise<void> {
    return this.#issuePreKeys(10)
  }

  async assertSessions(jids: string[]): Promise<boolean> {
    const { whatsapp, random } = this.#world
    await this.#pause(50)
    if (this.over || this.deaf) throw boom({ message: 'Connection Closed', code: 428 })
    const contacts = whatsapp.contacts.filter(({ jid }) => jids.includes(jid))
    const session: Record<string, object> = {}
    for (const contact of contacts) {
      const begun = { id: whatsapp.newId(), turn: 0 }
      const stored = readSessions((await this.#keys.get('session', [contact.address]))[contact.address])
      session[contact.address] = sessionFile([begun, ...(stored === 'poison' ? [] : stored)])
      // The contact takes the new session over once the gateway writes to it, which it may or may not do.
      if (random.chance(0.5)) contact.session = { ...begun }
    }
    await this.#commit({ session } as unknown as KeyData)
    return true
  }

  async requestPairingCode(phone: string): Promise<string> {
    await this.#pause(100)
    if (this.over) throw boom({ message: 'Connection Closed', code: 428 })
    this.ev.emit('creds.update', { pairingCode: 'ABCD1234', me: { id: `${phone}@s.whatsapp.net`, name: '~' } })
    return 'ABCD1234'
  }

  /** The phone scans the code on show. */
  scan(code: string): void {
    const { time, owner, whatsapp } = this.#world
    time.after(
      100,
      () => {
        if (this.over || this.deaf || this.code !== code) return
        this.code = undefined
        whatsapp.link(this.identity)
        this.ev.emit('creds.update', pairedFields())
        this.ev.emit('connection.update', { isNewLogin: true, qr: undefined })
        this.#later(500, () => this.fail(restartRequired))
      },
      owner,
    )
  }

  #dial(): void {
    const { whatsapp, random } = this.#world
    if (this.over) return
    switch (whatsapp.network) {
      case 'gone':
        return this.fail({ message: 'WebSocket Error (getaddrinfo ENOTFOUND)', code: 408, errno: 'ENOTFOUND' })
      case 'portal':
        return this.fail({ message: 'WebSocket Error (Unexpected server response: 511)', code: 511 })
      case 'garbage':
        return this.fail({ message: 'Unsupported state or unable to authenticate data' })
      case 'clock':
        return this.fail({
          message: 'WebSocket Error (certificate is not yet valid)',
          code: 500,
          errno: 'CERT_NOT_YET_VALID',
        })
      case 'silent':
        // Now and then Baileys' own deadline is not there to help.
        if (random.chance(0.7)) this.#later(20_000, () => this.fail({ message: 'Timed Out', code: 408 }))
        return
    }
    this.ev.emit('connection.update', { connection: 'connecting' })
    this.#later(random.between(30, 400), () => this.#login())
  }

  #login(): void {
    const { whatsapp, onOpen } = this.#world
    if (this.over) return
    if (!this.#creds.account) return this.#showCode()
    const refusal = whatsapp.login(this)
    if (refusal) return this.fail(refusal)
    this.open = true
    this.#keepAlive()
    this.ws.emit('message')
    this.ev.emit('creds.update', { lastAccountSyncTimestamp: this.#world.time.now })
    this.ev.emit('connection.update', { connection: 'open' })
    onOpen(this)
    const stored = whatsapp.devices.get(this.identity)?.preKeys.length ?? 0
    if (stored < 5) void this.#issuePreKeys(10).catch(() => undefined)
    this.#later(400, () => {
      if (!this.over) this.ev.emit('connection.update', { receivedPendingNotifications: true })
    })
  }

  /** Six codes: the first for a minute, the others for twenty seconds. */
  #showCode(): void {
    if (this.over) return
    if (this.#codes === 6) return this.fail({ message: 'QR refs attempts ended', code: 408 })
    this.code = `code-${this.identity}-${this.#codes++}-${this.#world.whatsapp.newId()}`
    this.ev.emit('connection.update', { qr: this.code })
    this.#world.onCode(this, this.code)
    this.#later(this.#codes === 1 ? 60_000 : 20_000, () => {
      if (this.code !== undefined) this.#showCode()
    })
  }

  #keepAlive(): void {
    const { keepAliveMs, random } = this.#world
    // Most deaf links Baileys notices by itself; some hang on.
    this.#later(keepAliveMs, () => {
      if (this.over) return
      if (!this.deaf) this.ws.emit('message')
      else if (random.chance(0.5)) return this.fail({ message: 'Connection was lost', code: 408 })
      this.#keepAlive()
    })
  }

  #answer(event: string): void {
    if (this.over || this.deaf) return
    this.ws.emit('message')
    this.ws.emit(event, {})
  }

  /** Ids are issued in order, stored, and only then told to the server. */
  async #issuePreKeys(count: number): Promise<void> {
    const first = this.#creds.nextPreKeyId
    const ids = Array.from({ length: count }, (_, at) => first + at)
    await this.#alone(() => this.#commit({ 'pre-key': Object.fromEntries(ids.map((id) => [id, preKey(id)])) }))
    this.ev.emit('creds.update', { nextPreKeyId: first + count, firstUnuploadedPreKeyId: first + count })
    await this.#pause(80)
    if (!this.over && !this.deaf) this.#world.whatsapp.devices.get(this.identity)?.preKeys.push(...ids)
  }

  async #receive(message: Message): Promise<void> {
    const { whatsapp, time, random } = this.#world
    const { contact, begins } = message
    if (this.over) {
      whatsapp.offline.push(message)
      return
    }
    const key = { remoteJid: contact.jid, id: message.id, fromMe: false }
    this.ws.emit('message')
    this.ws.emit('CB:message', {
      tag: 'message',
      attrs: { id: message.id, from: contact.jid },
      content: [{ tag: 'enc', attrs: { type: begins ? 'pkmsg' : 'msg' } }],
    })
    let failure: string | undefined
    try {
      failure = await this.#decrypt(message)
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
    }
    whatsapp.delivered++
    if (failure === undefined) {
      whatsapp.read++
      whatsapp.readLately.set(contact.address, time.now)
      this.ev.emit('messages.upsert', { messages: [{ key, message: { conversation: 'hello' } }], type: 'notify' })
      return
    }
    whatsapp.failed++
    whatsapp.lastFailedAt = time.now
    this.#logger.error({ key, err: new Error(failure), author: contact.jid }, 'failed to decrypt message')
    this.ev.emit('messages.upsert', {
      messages: [{ key, messageStubType: 2, messageStubParameters: [failure] }],
      type: 'notify',
    })
    if (++message.asked > mostRetries) return
    this.#later(random.between(250, 2_500), () => void this.#askAgain(message).catch(() => undefined))
  }

  async #askAgain(message: Message): Promise<void> {
    if (this.over || this.deaf) return
    let id: number | undefined
    if (message.asked > 1) {
      const issued = this.#creds.nextPreKeyId
      id = issued
      await this.#alone(() => this.#commit({ 'pre-key': { [issued]: preKey(issued) } }))
      this.ev.emit('creds.update', { nextPreKeyId: issued + 1, firstUnuploadedPreKeyId: issued + 1 })
    }
    if (!this.over) this.#world.whatsapp.retry(message, id)
  }

  /** What libsignal makes of a message and the files that are there: nothing, or the words in which it fails. */
  async #decrypt(message: Message): Promise<string | undefined> {
    const { address } = message.contact
    const found = (await this.#keys.get('session', [address]))[address]
    const stored = readSessions(found)
    const poisoned = stored === 'poison' && this.#world.line === 'v6'
    if (poisoned) return "Cannot read properties of undefined (reading 'registrationId')"
    const sessions = stored === 'poison' ? [] : stored
    const removed: Record<string, null> = {}
    if (message.begins) {
      const { preKey: id } = message.begins
      if (id !== undefined) {
        if (!(await this.#keys.get('pre-key', [String(id)]))[String(id)]) return 'Invalid PreKey ID'
        removed[String(id)] = null
      }
    } else {
      if (sessions.length === 0) return 'No session record'
      const known = sessions.find(({ id }) => id === message.session)
      // Within some ratchet steps a session follows; one that was set back further cannot.
      if (!known || known.turn < message.turn - 8) return 'No matching sessions found for message'
    }
    const now = { id: message.session, turn: message.turn }
    await this.#commit({
      session: { [address]: sessionFile([now, ...sessions.filter(({ id }) => id !== now.id)]) },
      'pre-key': removed,
    } as unknown as KeyData)
    return undefined
  }

  async #commit(data: KeyData): Promise<void> {
    const { epoch, onLateWrite } = this.#world
    for (let tries = commitTries; ; ) {
      const late = this.over && epoch() !== this.epoch
      try {
        await this.#keys.set(data)
        if (late) onLateWrite()
        return
      } catch (error) {
        if (--tries <= 0) throw error
        this.#logger.warn(`failed to commit mutations, retries left=${tries}`)
        await this.#pause(commitPauseMs)
      }
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #fail(ending: Ending): Promise<void> {
    if (this.over) return
    this.#world.onClose(this, ending)
    await this.#end(boom(ending))
  }

  #end(error: Error): Promise<void> {
    if (this.over) return Promise.resolve()
    const { whatsapp, line, random } = this.#world
    this.over = true
    this.open = false
    this.code = undefined
    whatsapp.leave(this)
    if (random.chance(0.3)) this.#later(random.between(0, 8_000), () => void this.#lateWork())
    return new Promise((resolve) => {
      this.#later(line === 'v7' && this.deaf ? 30_000 : 1, () => {
        this.#closed()
        this.ev.emit('connection.update', { connection: 'close', lastDisconnect: { error, date: new Date(0) } })
        resolve()
      })
    })
  }

  #closed(): void {
    if (this.ws.isClosed) return
    this.ws.isOpen = false
    this.ws.isClosed = true
    this.ws.emit('close')
  }

  /** Baileys still writes and tells after its end. */
  async #lateWork(): Promise<void> {
    this.ev.emit('creds.update', { accountSyncCounter: 1 })
    await this.#commit({ 'device-list': { someone: ['0'] } }).catch(() => undefined)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#later(ms, resolve)
    })
  }

  #later(ms: number, run: () => void): void {
    this.#world.time.after(ms, run, this.#world.owner)
  }
}

const preKey = (id: number) => ({ private: Buffer.alloc(32, id & 255), public: Buffer.alloc(32, (id >> 8) & 255) })

const boom = ({ message, code, data, errno }: Ending): Error =>
  Object.assign(new Error(message), {
    ...(code === undefined ? {} : { isBoom: true, output: { statusCode: code } }),
    ...(data === undefined ? {} : { data }),
    ...(errno === undefined ? {} : { code: errno }),
  })

class SimTransport extends EventEmitter {
  isOpen = true
  isClosed = false
  terminate: () => void = () => undefined
  readonly socket = { terminate: () => this.terminate() }

  constructor() {
    super()
    this.setMaxListeners(0)
  }
}

type Handler = (events: Record<string, unknown>) => void

class SimEvents {
  readonly #listeners = new EventEmitter()
  readonly #handlers = new Set<Handler>()

  constructor() {
    this.#listeners.setMaxListeners(0)
  }

  on(event: string, listener: never): unknown {
    return this.#listeners.on(event, listener)
  }

  off(event: string, listener: never): unknown {
    return this.#listeners.off(event, listener)
  }

  emit(event: string, data: unknown): boolean {
    const told = this.#listeners.emit(event, data)
    for (const handler of [...this.#handlers]) handler({ [event]: data })
    return told
  }

  process(handler: never): () => void {
    const own: Handler = (events) => (handler as Handler)(events)
    this.#handlers.add(own)
    return () => {
      this.#handlers.delete(own)
    }
  }
}
