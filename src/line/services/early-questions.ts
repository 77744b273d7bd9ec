import { addressLine } from '../../baileys/signal-address.ts'
import { eachBounded } from '../../stores/bounded.ts'
import type { LiveSocket } from './live-socket.ts'

/** Fewer have their turn in Baileys' own row soon enough. */
const fewest = 3
const asksAtATime = 8

/**
 * Has each sender write its last message again, in a session that it makes of the keys that come with the question.
 * Baileys sends these keys with its second question for a message only, and asks for one after the other: version 6
 * waits 5 s for the phone each time, so that where more messages come than that it never gets there.
 */
export async function askAgain(live: LiveSocket, addresses: readonly string[]): Promise<void> {
  await eachBounded(addresses, asksAtATime, async (address) => {
    const message = live.unread(address)
    if (!message || live.detached) return
    try {
      await live.socket?.sendRetryRequest?.(message, true)
    } catch {
      // The connection has gone, or the store refuses the keys, which is told by itself; Baileys asks too, and the next
      // rung is there.
    }
  })
}

/**
 * For version 6, where a restored backup is unreadable to many contacts at once: each of them is asked with keys, once
 * on a connection, as soon as several fail. Its own row would take ten seconds for each message, longer than it takes
 * until the failures are a storm, for which sessions are set aside.
 */
export class EarlyQuestions {
  readonly #live: LiveSocket
  readonly #failing = new Set<string>()
  readonly #asked = new Set<string>()

  constructor(live: LiveSocket) {
    this.#live = live
  }

  failed(address: string): void {
    const { socket } = this.#live
    if (!socket || this.#asked.has(address) || addressLine(socket) !== 'v6') return
    this.#failing.add(address)
    if (this.#failing.size + this.#asked.size < fewest) return
    const due = [...this.#failing]
    this.#failing.clear()
    for (const one of due) this.#asked.add(one)
    void askAgain(this.#live, due)
  }

  succeeded(address: string): void {
    this.#failing.delete(address)
  }
}
