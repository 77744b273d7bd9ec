import { fromPromise } from 'xstate'
import { jidOfAddress } from '../../baileys/address-jid.ts'
import { addressLine } from '../../baileys/signal-address.ts'
import { eachBounded } from '../../stores/bounded.ts'
import { hostOf } from './host.ts'
import type { LiveSocket } from './live-socket.ts'

/** Baileys 6 waits 5 s in each; an account with hundreds of failing contacts asks a few of them at a time. */
const asksAtATime = 8

/**
 * Rung 1, live: the sessions of the failing addresses are copied into the quarantine and forgotten through the key store that Baileys uses itself,
 * so that its caches agree, new ones are asked for, and so is the last message that could not be read. The socket stays open.
 */
export const healAddress = fromPromise<void, { readonly addresses: readonly string[]; readonly generation: number }>(
  async ({ input, signal, system }) => {
    const host = hostOf(system)
    const live = host.live
    const socket = live?.socket
    if (!live || !socket || live.generation !== input.generation || input.addresses.length === 0) return
    if (host.mode === 'observe') {
      host.journal.would('sessions-renewed', input.addresses.length, 'their messages cannot be read')
      return
    }
    const forgotten = await live.forgetSessions(input.addresses, async () => {
      await host.store.copyAside(
        { kind: 'sessions', addresses: input.addresses },
        'live cure: new sessions for addresses that cannot be read',
      )
      return !signal.aborted && !live.detached
    })
    if (!forgotten) return
    host.journal.act('sessions-renewed', input.addresses.length, 'their messages could not be read')
    void askAgain(live, input.addresses)
    const line = addressLine(socket)
    const jids = input.addresses.map((address) => jidOfAddress(address, line)).filter((jid) => jid !== undefined)
    if (!signal.aborted && jids.length > 0) await socket.assertSessions?.(jids, true)
  },
)

/**
 * Has each sender write its last message again, in a session that it makes of the keys that come with the question. Baileys sends these keys with its second question
 * for a message only, and asks for one after the other: version 6 waits 5 s for the phone each time, so that where more messages come than that it never gets there.
 */
async function askAgain(live: LiveSocket, addresses: readonly string[]): Promise<void> {
  await eachBounded(addresses, asksAtATime, async (address) => {
    const message = live.unread(address)
    if (!message || live.detached) return
    try {
      await live.socket?.sendRetryRequest?.(message, true)
    } catch {
      // The connection has gone, or the store refuses the keys, which is told by itself; Baileys asks too, and the next rung is there.
    }
  })
}
