import { markLostCall } from '../baileys/stray.ts'
import { callLost, isConnectionGone } from './closes.ts'

type Reject = (error: unknown) => void

/**
 * The calls that one socket has taken. When a connection ends Baileys forgets some of the questions that it has asked
 * (it takes off the listener that would tell them): without a `defaultQueryTimeoutMs` such a promise would never
 * settle.
 */
export class CallsInFlight {
  readonly #open = new Set<Reject>()
  #timer: NodeJS.Timeout | undefined
  /** Their connection has ended. */
  #gone = false

  get count(): number {
    return this.#open.size
  }

  /** The same result, or a rejection if it has not come some time after the connection has ended. */
  take(result: PromiseLike<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#open.add(reject)
      const settle = (how: (value: unknown) => void) => (value: unknown) => {
        this.#open.delete(reject)
        how(value)
      }
      result.then(
        settle(resolve),
        settle((error) => {
          if (this.#gone || isConnectionGone(error)) markLostCall(error)
          reject(error)
        }),
      )
    })
  }

  /** The connection has ended: what Baileys settles by itself has this long for it, ms. */
  endIn(ms: number): void {
    this.#gone = true
    if (this.#open.size > 0) this.#timer ??= setTimeout(() => this.end(), ms)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#gone = true
    for (const reject of this.#open) reject(callLost())
    this.#open.clear()
  }
}
