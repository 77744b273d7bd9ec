import type { OwnersLogger } from '../baileys/logger-tap.ts'
import type { Baileys, EventBuffer } from './namespace.ts'

type Listener = (data: unknown) => unknown
type Events = Record<string, unknown>

/** Baileys' `ev`, as gateways use it. */
export interface GatewayEvents {
  on(event: string, listener: Listener): GatewayEvents
  off(event: string, listener: Listener): GatewayEvents
  process(handler: (events: Events) => unknown): () => void
  emit(event: string, data: unknown): boolean
  buffer(): void
  flush(): boolean
  isBuffering(): boolean
  createBufferedFunction: EventBuffer['createBufferedFunction']
  removeAllListeners(event?: string): GatewayEvents
  destroy(): void
}

interface VirtualEventsParts {
  readonly baileys: Baileys
  readonly logger: OwnersLogger
  /** A gateway tells an event by itself: true if the live socket takes it, and tells it to everybody. */
  readonly toSocket: (event: string, data: unknown) => boolean
  /** Somebody began to listen to this event, or to all of them. */
  readonly onListener: (event: string, tell: (data: unknown) => void) => void
}

/**
 * The events of one virtual socket, with a buffer of its own. A listener that throws keeps none of the others from
 * being told, nor Baileys from going on; its error meets what an error of a listener meets without us: the process'
 * handlers of unhandled rejections.
 */
export class VirtualEvents {
  readonly ev: GatewayEvents
  readonly #parts: VirtualEventsParts
  readonly #listeners = new Map<string, readonly Listener[]>()
  #handlers: readonly ((events: Events) => unknown)[] = []
  #own: EventBuffer | undefined

  constructor(parts: VirtualEventsParts) {
    this.#parts = parts
    this.ev = this.#facade()
  }

  /** A batch of events as Baileys told it. */
  deliver(events: Events): void {
    if (this.#own?.isBuffering()) for (const event in events) this.#own.emit(event, events[event])
    else this.#dispatch(events)
  }

  tell(event: string, data: unknown): void {
    this.deliver({ [event]: data })
  }

  isListening(event: string, listener: Listener): boolean {
    return this.#listeners.get(event)?.includes(listener) === true
  }

  /** Nobody listens any more, and no timer is left. */
  end(): void {
    this.#own?.destroy?.()
    this.#own?.flush()
    this.#own = undefined
    this.#listeners.clear()
    this.#handlers = []
  }

  #dispatch(events: Events): void {
    // As in Baileys, `event` is every batch as it comes.
    for (const listener of this.#listeners.get('event') ?? []) call(listener, events)
    for (const event in events) for (const listener of this.#listeners.get(event) ?? []) call(listener, events[event])
    for (const handler of this.#handlers) call(handler as Listener, events)
  }

  /** Baileys' own buffer, since it alone knows how its events are made one. Most gateways never need it. */
  get #buffer(): EventBuffer {
    if (this.#own === undefined) {
      this.#own = this.#parts.baileys.makeEventBuffer(this.#parts.logger)
      this.#own.process((events) => this.#dispatch(events))
    }
    return this.#own
  }

  #facade(): GatewayEvents {
    const { toSocket, onListener } = this.#parts
    // Lists are replaced, never changed in place: a listener may come or go while one is being told.
    const ev: GatewayEvents = {
      on: (event, listener) => {
        this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
        onListener(event, (data) => {
          if (this.isListening(event, listener)) call(listener, data)
        })
        return ev
      },
      off: (event, listener) => {
        const those = this.#listeners.get(event) ?? []
        const at = those.lastIndexOf(listener)
        if (at >= 0) this.#listeners.set(event, those.toSpliced(at, 1))
        return ev
      },
      process: (handler) => {
        const own = (events: Events) => handler(events)
        this.#handlers = [...this.#handlers, own]
        onListener('connection.update', (data) => {
          if (this.#handlers.includes(own)) call(own as Listener, { 'connection.update': data })
        })
        return () => {
          this.#handlers = this.#handlers.filter((one) => one !== own)
        }
      },
      emit: (event, data) => {
        if (!toSocket(event, data)) this.tell(event, data)
        return true
      },
      buffer: () => this.#buffer.buffer(),
      flush: () => this.#own?.flush() ?? false,
      isBuffering: () => this.#own?.isBuffering() ?? false,
      createBufferedFunction: (work) => this.#buffer.createBufferedFunction(work),
      removeAllListeners: (event) => {
        if (event === undefined) {
          this.#listeners.clear()
          this.#handlers = []
        } else this.#listeners.delete(event)
        return ev
      },
      destroy: () => this.end(),
    }
    return ev
  }
}

function call(listener: Listener, data: unknown): void {
  try {
    listener(data)
  } catch (error) {
    void Promise.reject(error)
  }
}
