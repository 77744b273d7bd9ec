import { eachBounded } from '../../stores/bounded.ts'
import type { LiveSocket } from './live-socket.ts'

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
