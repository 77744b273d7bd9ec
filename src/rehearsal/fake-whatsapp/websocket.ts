import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

interface Handlers {
  message(data: Buffer): void
  closed(): void
}

/** Answers upgrades for all links; it listens nowhere and keeps no list. */
const upgrades = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false })

/**
 * The server's end of one WebSocket, with the faults that a healthy server never shows: it can stop reading and
 * answering while TCP stays up, or vanish without a close frame.
 */
export class WebSocketLink {
  readonly #socket: Duplex
  #ws: WebSocket | undefined
  #frozen = false

  constructor(socket: Duplex) {
    this.#socket = socket
  }

  /** Answers the upgrade; whatever arrives from then on goes to `handlers`. */
  accept(request: IncomingMessage, head: Buffer, handlers: Handlers): void {
    this.#socket.once('close', () => handlers.closed())
    upgrades.handleUpgrade(request, this.#socket, head, (ws) => {
      this.#ws = ws
      ws.on('message', (data: Buffer) => {
        if (!this.#frozen) handlers.message(data)
      })
      // A client that breaks off is part of the tests.
      ws.on('error', () => ws.terminate())
    })
  }

  get open(): boolean {
    return this.#ws?.readyState === WebSocket.OPEN
  }

  send(data: Buffer): void {
    if (!this.#frozen && this.open) this.#ws?.send(data)
  }

  /** Ends the connection with a close frame, as a server does that means it; does not wait for the client's. */
  close(): void {
    if (this.#frozen || !this.#ws) {
      this.destroy()
      return
    }
    this.#ws.close(1000)
    this.#socket.end()
  }

  /** Ends the connection without a word: the client sees its socket break. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Half-open: nothing is read, nothing is written, and the TCP connection stays up. */
  freeze(): void {
    this.#frozen = true
    this.#ws?.pause()
    this.#socket.pause()
  }
}
