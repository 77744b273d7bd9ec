import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { type BaileysSocket, listen, type SocketKeys } from '../../src/baileys/socket.ts'
import type { ConnectOptions } from '../../src/index.ts'
import { identityOf, pairedFields } from './account.ts'
import { KeyTransactions } from './key-transactions.ts'
import { SimEvents, SimTransport } from './socket-events.ts'
import { boom, hindrances, type SocketWorld, stanzaOf } from './socket-world.ts'
import type { Ending, Message } from './whatsapp.ts'
import { restartRequired } from './whatsapp.ts'

const mostRetries = 5

/**
 * What a supervisor sees of Baileys: its events, its transport, the calls it makes to the key store, and its habits
 * when it ends.
 */
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
  /** Baileys itself never notices a deaf link. */
  readonly #numb: boolean
  readonly #world: SocketWorld<SimSocket>
  readonly #creds: AuthenticationCreds
  readonly #logger: ConnectOptions['logger']
  readonly #transactions: KeyTransactions
  #tags = 0
  #codes = 0

  constructor({ auth, logger }: ConnectOptions, world: SocketWorld<SimSocket>) {
    this.#world = world
    this.#creds = auth.creds
    this.#logger = logger
    this.#transactions = new KeyTransactions({
      keys: auth.keys,
      logger,
      line: world.line,
      isLate: () => this.over && world.epoch() !== this.epoch,
      onLate: world.onLateWrite,
      pause: (ms) => this.#pause(ms),
    })
    this.authState = { keys: this.#transactions.socketKeys }
    if (world.line === 'v7') this.signalRepository = { lidMapping: {} }
    this.identity = identityOf(auth.creds)
    this.epoch = world.epoch()
    this.#numb = world.random.chance(0.5)
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
    const receive = async () => {
      if (this.over) whatsapp.offline.push(message)
      else await this.#receive(message)
    }
    const arrive = () => {
      // What a dead link swallowed is delivered to the next connection.
      if (!owner.alive || this.over || this.deaf || !this.open) whatsapp.offline.push(message)
      else time.after(0, () => void this.#transactions.alone(receive).catch(() => undefined), owner)
    }
    time.later(random.between(5, 80), arrive)
  }

  sendNode(node: { readonly attrs: Readonly<Record<string, string | undefined>> }): Promise<void> {
    const { id } = node.attrs
    if (!this.deaf && this.open) this.#later(30, () => this.#answer(`TAG:${id}`))
    return Promise.resolve()
  }

  query = (): Promise<unknown> => Promise.resolve(undefined)

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
    const begun = await this.#transactions.begin(contacts, () => whatsapp.newId())
    // A contact takes the new session over once the gateway writes to it, which it may or may not do.
    for (const [contact, session] of begun) if (random.chance(0.5)) contact.session = { ...session }
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
    const hindrance = hindrances[whatsapp.network]
    if (hindrance) this.fail(hindrance)
    else if (whatsapp.network === 'silent') {
      // Now and then Baileys' own deadline is not there to help.
      if (random.chance(0.7)) this.#later(20_000, () => this.fail({ message: 'Timed Out', code: 408 }))
    } else {
      this.ev.emit('connection.update', { connection: 'connecting' })
      this.#later(random.between(30, 400), () => this.#login())
    }
  }

  #login(): void {
    const { whatsapp, onOpen } = this.#world
    if (this.over) return
    if (!this.#creds.account) {
      this.#showCode()
      return
    }
    const refusal = whatsapp.login(this)
    if (refusal) {
      this.fail(refusal)
      return
    }
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
    if (this.#codes === 6) {
      this.fail({ message: 'QR refs attempts ended', code: 408 })
      return
    }
    this.code = `code-${this.identity}-${this.#codes++}-${this.#world.whatsapp.newId()}`
    this.ev.emit('connection.update', { qr: this.code })
    this.#world.onCode(this, this.code)
    this.#later(this.#codes === 1 ? 60_000 : 20_000, () => {
      if (this.code !== undefined) this.#showCode()
    })
  }

  #keepAlive(): void {
    this.#later(this.#world.keepAliveMs, () => {
      if (this.over) return
      if (!this.deaf) this.ws.emit('message')
      else if (!this.#numb) this.fail({ message: 'Connection was lost', code: 408 })
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
    await this.#transactions.storePreKeys(ids)
    this.ev.emit('creds.update', { nextPreKeyId: first + count, firstUnuploadedPreKeyId: first + count })
    await this.#pause(80)
    if (!this.over && !this.deaf) this.#world.whatsapp.devices.get(this.identity)?.preKeys.push(...ids)
  }

  async #receive(message: Message): Promise<void> {
    const { whatsapp, time, random } = this.#world
    const { contact } = message
    const key = { remoteJid: contact.jid, id: message.id, fromMe: false }
    this.ws.emit('message')
    this.ws.emit('CB:message', stanzaOf(message))
    let failure: string | undefined
    try {
      failure = await this.#transactions.decrypt(message)
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
    whatsapp.lastFailed = { at: time.now, wall: time.wall }
    this.#logger.error({ key, err: new Error(failure), author: contact.jid }, 'failed to decrypt message')
    const stub = { key, messageStubType: 2, messageStubParameters: [failure] }
    this.ev.emit('messages.upsert', { messages: [stub], type: 'notify' })
    if (++message.asked > mostRetries) return
    this.#later(random.between(250, 2_500), () => void this.#askAgain(message).catch(() => undefined))
  }

  async #askAgain(message: Message): Promise<void> {
    if (this.over || this.deaf) return
    let id: number | undefined
    if (message.asked > 1) {
      const issued = this.#creds.nextPreKeyId
      id = issued
      await this.#transactions.storePreKeys([issued])
      this.ev.emit('creds.update', { nextPreKeyId: issued + 1, firstUnuploadedPreKeyId: issued + 1 })
    }
    if (!this.over) this.#world.whatsapp.retry(message, id)
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
    await this.#transactions.commit({ 'device-list': { someone: ['0'] } }).catch(() => undefined)
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
