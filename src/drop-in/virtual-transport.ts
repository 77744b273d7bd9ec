import { EventEmitter } from 'node:events'
import type { SocketTransport } from '../baileys/socket.ts'
import { read } from '../errors/error-chain.ts'

type Listener = (...args: unknown[]) => void

interface TransportParts {
  readonly isOpen: () => boolean
  readonly isEnded: () => boolean
  /** The transport of the newest socket, live or gone. */
  readonly real: () => SocketTransport | undefined
  /** The gateway closes it. */
  readonly close: () => Promise<void>
  /** What Baileys itself does with this event is not wanted any more. */
  readonly onRemoved: () => void
}

/** Told by this socket itself, when it ends. */
const own: ReadonlySet<string> = new Set(['close', 'newListener', 'removeListener'])

/** `sock.ws`: one emitter that outlives the transports and tells what the newest one tells. */
export class VirtualTransport extends EventEmitter {
  /** Events whose listeners of Baileys' own the gateway has taken off. */
  readonly removed = new Set<string>()
  readonly #parts: TransportParts
  readonly #relays = new Map<string, Listener>()
  #attached: SocketTransport | undefined

  constructor(parts: TransportParts) {
    super()
    this.#parts = parts
    this.setMaxListeners(0)
  }

  get isOpen(): boolean {
    return !this.#parts.isEnded() && this.#parts.isOpen()
  }
  get isClosed(): boolean {
    return this.#parts.isEnded()
  }
  get isClosing(): boolean {
    return false
  }
  get isConnecting(): boolean {
    return !this.#parts.isEnded() && !this.#parts.isOpen()
  }
  /** As a bare WebSocket says it, which is what some forks of Baileys hand out: 0 connecting, 1 open, 3 closed. */
  get readyState(): 0 | 1 | 3 {
    if (this.isClosed) return 3
    return this.isOpen ? 1 : 0
  }
  get url(): unknown {
    return read(this.#parts.real(), 'url')
  }
  get config(): unknown {
    return read(this.#parts.real(), 'config')
  }
  get socket(): unknown {
    return read(this.#parts.real(), 'socket') ?? null
  }

  /** It connects by itself. */
  connect(): void {
    // Nothing to do.
  }

  async close(): Promise<void> {
    await this.#parts.close()
  }

  send(data: unknown, callback?: (error?: Error) => void): boolean {
    const real = this.isOpen ? this.#parts.real() : undefined
    const send = read(real, 'send')
    if (real === undefined || typeof send !== 'function') {
      callback?.(new Error('Connection Closed'))
      return false
    }
    return Boolean(Reflect.apply(send, real, [data, callback]))
  }

  override on(event: string, listener: Listener): this {
    super.on(event, listener)
    this.#relay(event)
    return this
  }
  override addListener(event: string, listener: Listener): this {
    return this.on(event, listener)
  }
  override prependListener(event: string, listener: Listener): this {
    super.prependListener(event, listener)
    this.#relay(event)
    return this
  }

  /** The live transport takes it, so that Baileys hears of it, too. Without one it is told here. */
  override emit(event: string, ...args: unknown[]): boolean {
    const real = this.isOpen && !own.has(event) ? this.#parts.real() : undefined
    const emit = read(real, 'emit')
    if (typeof emit === 'function') return Boolean(Reflect.apply(emit, real, [event, ...args]))
    return this.tell(event, ...args)
  }

  /** To the gateway's listeners alone. */
  tell(event: string, ...args: unknown[]): boolean {
    if (event === 'error' && this.listenerCount('error') === 0) return false
    return super.emit(event, ...args)
  }

  override removeAllListeners(event?: string): this {
    if (event === undefined) super.removeAllListeners()
    else {
      super.removeAllListeners(event)
      this.removed.add(event)
      this.#parts.onRemoved()
    }
    return this
  }

  /** From now on this one is listened to, in the place of the one before. */
  attach(real: SocketTransport | undefined): void {
    if (real === this.#attached) return
    for (const [event, relay] of this.#relays) this.#attached?.off(event, relay)
    this.#attached = real
    for (const [event, relay] of this.#relays) real?.on(event, relay)
  }

  /** Tells its end, and lets go of everything. */
  end(): void {
    this.attach(undefined)
    this.#relays.clear()
    this.tell('close')
    super.removeAllListeners()
  }

  /** Only what somebody here listens to is listened to there. */
  #relay(event: string): void {
    if (typeof event !== 'string' || own.has(event) || this.#relays.has(event) || this.#parts.isEnded()) return
    const relay: Listener = (...args) => {
      this.tell(event, ...args)
    }
    this.#relays.set(event, relay)
    this.#attached?.on(event, relay)
  }
}

/**
 * Baileys' own listeners on one transport, which gateways may take off and which come back with the next who needs
 * them.
 */
export class OwnListeners {
  readonly #real: SocketTransport
  readonly #listeners = new Map<string, readonly Listener[]>()
  readonly #off = new Set<string>()

  /** For a socket that has just been made: what listens by now is Baileys'. */
  constructor(real: SocketTransport) {
    this.#real = real
    if (real instanceof EventEmitter)
      for (const event of real.eventNames())
        if (typeof event === 'string') this.#listeners.set(event, real.listeners(event) as Listener[])
  }

  /** Exactly the listeners of these events are off. */
  keepOff(events: ReadonlySet<string>): void {
    for (const [event, listeners] of this.#listeners) {
      if (events.has(event) === this.#off.has(event)) continue
      for (const listener of listeners)
        if (events.has(event)) this.#real.off(event, listener)
        else this.#real.on(event, listener)
      if (events.has(event)) this.#off.add(event)
      else this.#off.delete(event)
    }
  }
}
