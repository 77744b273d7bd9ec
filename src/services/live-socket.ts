import type { OpenAuth } from '../auth/store.ts'
import { type BaileysSocket, listen, listenAll } from '../baileys/socket.ts'

/**
 * One socket from before its birth to after its end: it may still be on its way out of `connect`, open, ending, or left to its fence.
 * Whatever happens, its auth is fenced before anything else touches the folder.
 */
export class LiveSocket {
  readonly generation: number
  readonly auth: OpenAuth
  socket: BaileysSocket | undefined
  readonly #offs: (() => void)[] = []
  #detached = false
  #closing: Promise<void> | undefined
  readonly #closed: Promise<void>
  #markClosed: () => void = () => undefined

  constructor(generation: number, auth: OpenAuth) {
    this.generation = generation
    this.auth = auth
    this.#closed = new Promise((resolve) => {
      this.#markClosed = resolve
    })
  }

  /** True once its events count no more. */
  get detached(): boolean {
    return this.#detached
  }

  /** The socket has arrived from `connect`. One that comes after the end is ended at once. */
  adopt(socket: BaileysSocket): boolean {
    this.socket = socket
    // These two stay to the end: they are how the end is known, and how a late error finds a listener.
    socket.ws.on('close', this.#markClosed)
    socket.ws.on('error', ignore)
    listen(socket.ev, 'connection.update', (update) => {
      if (isClose(update)) this.#markClosed()
    })
    if (this.#detached) {
      void this.#end()
      return false
    }
    return true
  }

  /** Keeps an unsubscribe function for `detach`. */
  keep(off: () => void): void {
    if (this.#detached) off()
    else this.#offs.push(off)
  }

  listen(event: string, listener: (data: unknown) => void): void {
    if (this.socket) this.keep(listen(this.socket.ev, event, (data) => !this.#detached && listener(data)))
  }

  listenAll(handler: (events: Record<string, unknown>) => void): void {
    if (this.socket) this.keep(listenAll(this.socket.ev, (events) => !this.#detached && handler(events)))
  }

  /** From now on nothing that this socket does is heard. */
  detach(): void {
    if (this.#detached) return
    this.#detached = true
    for (const off of this.#offs.splice(0)) off()
  }

  /**
   * Detaches, ends the socket, waits for its close until the deadline, cuts the line if it did not close, and shuts the fence.
   * Resolves when nothing can be written any more. May be called again; the first deadline counts.
   */
  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(deadlineMs)
    return this.#closing
  }

  async #close(deadlineMs: number): Promise<void> {
    this.detach()
    if (this.socket) {
      const deadline = timeout(deadlineMs)
      // In v7 end() itself waits for the transport: up to 30 s on a half-open link.
      await Promise.race([Promise.all([this.#end(), this.#closed]), deadline.over])
      deadline.clear()
      cut(this.socket)
    }
    await this.auth.fence()
    await this.auth.close(deadlineMs)
  }

  async #end(): Promise<void> {
    try {
      await this.socket?.end(undefined)
    } catch {
      // It is gone already; the fence does the rest.
    }
  }
}

const ignore = (): void => undefined

function isClose(update: unknown): boolean {
  return typeof update === 'object' && update !== null && 'connection' in update && update.connection === 'close'
}

function timeout(ms: number): { readonly over: Promise<void>; readonly clear: () => void } {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return { over, clear: () => clearTimeout(timer) }
}

/** Takes the TCP connection away from a socket that did not close by itself, so that no handle is left behind. */
function cut(socket: BaileysSocket): void {
  try {
    const raw: unknown = Reflect.get(socket.ws, 'socket')
    if (typeof raw === 'object' && raw !== null && 'terminate' in raw && typeof raw.terminate === 'function')
      raw.terminate()
  } catch {
    // Not every transport can be cut; the fence keeps the folder safe.
  }
}
