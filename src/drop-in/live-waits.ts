import type { BaileysSocket } from '../baileys/socket.ts'
import { callLost } from './closes.ts'

interface Waiting {
  readonly resolve: (socket: BaileysSocket) => void
  readonly reject: (error: Error) => void
}

/** Calls that wait for a connection. */
export class LiveWaits {
  readonly #waitMs: number
  readonly #waiting = new Set<Waiting>()

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** The next socket that opens; rejects with `Connection Closed` when none does in time. */
  wait(): Promise<BaileysSocket> {
    return new Promise((resolve, reject) => {
      const over = () => {
        clearTimeout(timer)
        this.#waiting.delete(waiting)
      }
      const waiting: Waiting = {
        resolve: (socket) => {
          over()
          resolve(socket)
        },
        reject: (error) => {
          over()
          reject(error)
        },
      }
      const timer = setTimeout(() => waiting.reject(callLost()), this.#waitMs)
      this.#waiting.add(waiting)
    })
  }

  resolve(socket: BaileysSocket): void {
    for (const waiting of [...this.#waiting]) waiting.resolve(socket)
  }

  reject(error: Error): void {
    for (const waiting of [...this.#waiting]) waiting.reject(error)
  }
}
