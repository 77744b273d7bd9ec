import { isPromiseLike } from '../baileys/promise-like.ts'
import { wrap } from '../baileys/signal-repository.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import type { MakeSocket } from './namespace.ts'

/**
 * When a Baileys tells the close: up to 7.0.0-rc.9 within `end()`, later ones when it has returned, as they wait for
 * the transport first. What a gateway writes behind it, such as that it has stopped, is done by then or not.
 */
export class EndOrder {
  #seen: boolean | undefined
  #isAsync = false

  /** Follows a real socket: what its `end()` gives back, once it is called, tells it for all of them. */
  follow(socket: BaileysSocket): void {
    this.#isAsync = Object.prototype.toString.call(socket.end) === '[object AsyncFunction]'
    wrap(socket, 'end', (inner) => (error) => {
      const ended: unknown = inner(error)
      this.#seen = isPromiseLike(ended)
      return ended as ReturnType<typeof inner>
    })
  }

  /** Until one has been ended, the kind of the function tells: an `async` one waits. */
  get later(): boolean {
    return this.#seen ?? this.#isAsync
  }
}

const orders = new WeakMap<MakeSocket, EndOrder>()

/** One for each Baileys of the process. */
export function endOrderOf({ makeWASocket }: { readonly makeWASocket: MakeSocket }): EndOrder {
  const order = orders.get(makeWASocket) ?? new EndOrder()
  orders.set(makeWASocket, order)
  return order
}
