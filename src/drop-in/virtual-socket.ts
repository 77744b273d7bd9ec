import type { OwnersLogger } from '../baileys/logger-tap.ts'
import { isPromiseLike } from '../baileys/promise-like.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import { connectionClosed, connectionTerminated } from './closes.ts'
import { endOrderOf } from './end-order.ts'
import { silentLogger } from './folder-logger.ts'
import { following, liveView } from './live-view.ts'
import { lidMappingMethods, methodsOf, repositoryMethods, type synchronous } from './members.ts'
import { type Baileys, lineOf, type SocketConfig } from './namespace.ts'
import type { Presence } from './presence.ts'
import { VirtualEvents } from './virtual-events.ts'
import { VirtualTransport } from './virtual-transport.ts'

type Method = (...args: unknown[]) => unknown
type Update = Record<string, unknown>

/** What a virtual socket needs of its folder. */
export interface FolderSide {
  /** The socket that is open. */
  readonly live: BaileysSocket | undefined
  /** The newest one: live, on its way, or gone. */
  readonly newest: BaileysSocket | undefined
  readonly presence: Presence
  readonly creds: object
  readonly keys: object
  /** The live socket as soon as there is one; rejects when that takes too long, or when a person is needed. */
  untilLive(): Promise<BaileysSocket>
  /** A promise of the live socket's, which is settled whatever becomes of the socket. */
  inFlight(result: PromiseLike<unknown>): Promise<unknown>
  letGo(socket: VirtualSocket): Promise<void>
  logout(message: string | undefined): Promise<void>
  requestPairingCode(phone: string, custom: string | undefined): Promise<string>
  transportChanged(): void
}

/** What a gateway holds for a socket: it has Baileys' interface, and lives across real ones. */
export class VirtualSocket {
  readonly config: SocketConfig
  readonly baileys: Baileys
  readonly logger: OwnersLogger
  readonly events: VirtualEvents
  readonly transport: VirtualTransport
  /** What the gateway is given. */
  readonly sock: object
  readonly #folder: FolderSide
  readonly #endHandlers: ((error: unknown) => unknown)[] = []
  #ending: Promise<void> | undefined
  /** The update that told the end. */
  #closed: Update | undefined
  #begun = false
  /** What the last update said of the connection. */
  #told: unknown

  constructor(baileys: Baileys, config: SocketConfig, folder: FolderSide) {
    this.baileys = baileys
    this.config = config
    this.#folder = folder
    this.logger = config.logger ?? baileys.DEFAULT_CONNECTION_CONFIG?.logger ?? silentLogger
    this.events = new VirtualEvents({
      baileys,
      logger: this.logger,
      toSocket: (event, data) => this.#toSocket(event, data),
      onListener: (event, tell) => this.#late(event, tell),
    })
    this.transport = new VirtualTransport({
      isOpen: () => folder.live !== undefined,
      isEnded: () => this.ended,
      real: () => folder.newest?.ws,
      close: () => this.end(connectionTerminated()),
      onRemoved: () => folder.transportChanged(),
    })
    this.transport.attach(folder.newest?.ws)
    this.sock = this.#facade()
    // As Baileys does: whoever listens in the same turn hears all of it.
    process.nextTick(() => this.#begin())
  }

  get ended(): boolean {
    return this.#ending !== undefined
  }

  /** Events of the live socket. */
  deliver(events: Update): void {
    if (!this.#begun || this.ended) return
    const update = events['connection.update']
    const { connection } = Object(update) as Update
    // One after the other says nothing new: between them is a dial that failed.
    const again = connection === 'connecting' && this.#told === 'connecting'
    if (update !== undefined) this.#told = connection
    if (!again) {
      this.events.deliver(events)
      return
    }
    const { 'connection.update': _, ...others } = events
    if (Object.keys(others).length > 0) this.events.deliver(others)
  }

  /** Ends this one alone; resolves when the supervision has ended, if it was the last one. */
  end(error?: Error): Promise<void> {
    if (this.#ending === undefined) {
      // Set before anything is told: a listener may end it once more.
      let settle: (ended: Promise<void>) => void = () => undefined
      this.#ending = new Promise((resolve) => {
        settle = resolve
      })
      const { later } = endOrderOf(this.baileys)
      const ended = this.#folder.letGo(this)
      if (later) queueMicrotask(() => this.#tellClose(error))
      else this.#tellClose(error)
      settle(ended)
    }
    return this.#ending
  }

  #tellClose(error: Error | undefined): void {
    this.#closed = { connection: 'close', lastDisconnect: { error, date: new Date() } }
    // One that throws keeps nobody from being told.
    for (const handler of this.#endHandlers.splice(0)) void (async () => handler(error))().catch(() => undefined)
    this.events.tell('connection.update', this.#closed)
    this.transport.end()
    this.events.end()
  }

  #begin(): void {
    this.#begun = true
    if (this.ended) return
    this.events.tell('connection.update', {
      connection: 'connecting',
      receivedPendingNotifications: false,
      qr: undefined,
    })
    this.#told = 'connecting'
    const { update } = this.#folder.presence
    const { connection, ...rest } = update
    if (connection === 'open') this.deliver({ 'connection.update': update })
    else if (Object.keys(rest).length > 0) this.deliver({ 'connection.update': rest })
  }

  /** Whoever begins to listen when the news is old is told how things stand. */
  #late(event: string, tell: (data: unknown) => void): void {
    if (event !== 'connection.update' || !this.#begun) return
    process.nextTick(() => {
      if (this.#closed) tell(this.#closed)
      else if (!this.ended) tell(this.#folder.presence.update)
    })
  }

  #toSocket(event: string, data: unknown): boolean {
    const { live } = this.#folder
    // To Baileys and to the supervision this would be the socket's own word.
    if (event === 'connection.update' || live === undefined || this.ended) return false
    live.ev.emit(event, data as never)
    return true
  }

  #facade(): object {
    const folder = this.#folder
    const line = lineOf(this.baileys)
    const { events, transport } = this
    const lidMapping = following<object>(
      () => Reflect.get(folder.newest?.signalRepository ?? {}, 'lidMapping'),
      lidMappingMethods,
      async () => Reflect.get((await this.#untilLive()).signalRepository ?? {}, 'lidMapping'),
    )
    const signalRepository = following<object>(
      () => folder.newest?.signalRepository,
      [...repositoryMethods.both, ...repositoryMethods[line]],
      async () => (await this.#untilLive()).signalRepository ?? {},
      line === 'v7' ? { lidMapping } : {},
    )
    const keys = liveView(() => folder.newest?.authState.keys ?? folder.keys)
    const own: Record<string, unknown> = {
      type: 'md',
      ev: events.ev,
      ws: transport,
      authState: { creds: folder.creds, keys },
      signalRepository,
      logger: this.logger,
      end: (error?: Error) => this.end(error),
      logout: (message?: string) => this.#logout(message),
      requestPairingCode: (phone: string, custom?: string) =>
        this.ended ? Promise.reject(connectionClosed()) : folder.requestPairingCode(phone, custom),
      waitForConnectionUpdate: this.baileys.bindWaitForConnectionUpdate(events.ev),
      waitForSocketOpen: async () => {
        await this.#untilLive()
      },
      ...this.#synchronous(),
    }
    Object.defineProperty(own, 'user', {
      enumerable: true,
      configurable: true,
      get: () => Reflect.get(folder.creds, 'me'),
    })
    return this.#proxyOf(own)
  }

  async #logout(message: string | undefined): Promise<void> {
    if (this.ended) throw connectionClosed()
    await this.#folder.logout(message)
  }

  /** What answers at once, with or without a connection. */
  #synchronous(): Record<string, Method> {
    const newest = (name: string, args: unknown[], without: () => unknown): unknown => {
      const on = this.#folder.newest
      const method: unknown = on && Reflect.get(on, name)
      return typeof method === 'function' ? Reflect.apply(method, on, args) : without()
    }
    let tags = 0
    const rows: Record<(typeof synchronous)[number], Method> = {
      generateMessageTag: () => newest('generateMessageTag', [], () => `${process.pid}.${Date.now()}-${++tags}`),
      onUnexpectedError: (...args) => newest('onUnexpectedError', args, () => undefined),
      updateServerTimeOffset: (...args) => newest('updateServerTimeOffset', args, () => undefined),
      // Real sockets end now and then; what the gateway means is the end of the one that it holds.
      registerSocketEndHandler: (handler) => void this.#endHandlers.push(handler as (error: unknown) => unknown),
    }
    const names = methodsOf(this.baileys)
    return Object.fromEntries(Object.entries(rows).filter(([name]) => names.has(name)))
  }

  #untilLive(): Promise<BaileysSocket> {
    return this.ended ? Promise.reject(connectionClosed()) : this.#folder.untilLive()
  }

  #call(name: string, args: unknown[]): unknown {
    const folder = this.#folder
    if (this.ended) return Promise.reject(connectionClosed())
    const { live } = folder
    if (live === undefined) return this.#untilLive().then((later) => callOn(later, name, args, folder))
    return callOn(live, name, args, folder)
  }

  /**
   * Own members first, also those that the gateway has put in the place of Baileys'; then what the newest socket has.
   */
  #proxyOf(own: object): object {
    const folder = this.#folder
    const names = methodsOf(this.baileys)
    const methods = new Map<string, Method>()
    const methodOf = (name: string): Method => {
      let method = methods.get(name)
      if (method === undefined) {
        method = (...args) => this.#call(name, args)
        methods.set(name, method)
      }
      return method
    }
    const isMethod = (name: string, value: unknown): boolean =>
      folder.newest === undefined ? names.has(name) : typeof value === 'function'
    const read = (name: string | symbol): unknown => {
      if (typeof name === 'symbol' || name === 'then') return undefined
      const value: unknown = folder.newest && Reflect.get(folder.newest, name)
      return isMethod(name, value) ? methodOf(name) : value
    }
    const others = (): readonly string[] => {
      const all = folder.newest === undefined ? names : Object.keys(folder.newest)
      return [...all].filter((name) => !Object.hasOwn(own, name))
    }
    return new Proxy(own, {
      get: (target, name) => (Object.hasOwn(target, name) ? Reflect.get(target, name) : read(name)),
      // Left to itself, a proxy would ask for the descriptor of what is inherited, and keep it as one that cannot be
      // written.
      set: (target, name, value) =>
        Reflect.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true }),
      has: (target, name) => Object.hasOwn(target, name) || others().includes(String(name)),
      ownKeys: (target) => [...Reflect.ownKeys(target), ...others()],
      getOwnPropertyDescriptor: (target, name) => {
        if (Object.hasOwn(target, name)) return Reflect.getOwnPropertyDescriptor(target, name)
        if (!others().includes(String(name))) return undefined
        return { value: read(name), writable: true, enumerable: true, configurable: true }
      },
    })
  }
}

function callOn(socket: BaileysSocket, name: string, args: unknown[], folder: FolderSide): unknown {
  const method: unknown = Reflect.get(socket, name)
  if (typeof method !== 'function') throw new TypeError(`sock.${name} is not a function`)
  const result: unknown = Reflect.apply(method, socket, args)
  return isPromiseLike(result) ? folder.inFlight(result) : result
}
