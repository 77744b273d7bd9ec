import { EventEmitter } from 'node:events'

/** The transport under a simulated socket. */
export class SimTransport extends EventEmitter {
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

/** Its events, each told by itself. */
export class SimEvents {
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
