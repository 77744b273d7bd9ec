import { fromPromise } from 'xstate'
import type { HealInput } from '../../../machines/index.ts'
import { jidOfAddress } from '../../baileys/address-jid.ts'
import { addressLine } from '../../baileys/signal-address.ts'
import type { SocketKeys } from '../../baileys/socket.ts'
import { read } from '../../errors/error-chain.ts'
import { eachBounded } from '../../stores/bounded.ts'
import { loadsAsSession } from '../../stores/session-record.ts'
import { askAgain } from './ask-again.ts'
import type { LiveSocket } from './live-socket.ts'
import { type Resources, resourcesOf } from './resources.ts'

/** Each is a question to the server, and a message. */
const renewalsAtATime = 4

/**
 * Rung 1, live: the sessions of the failing addresses are copied into the quarantine and forgotten through the key
 * store that Baileys uses itself, so that its caches agree, new ones are asked for, and so is the last message that
 * could not be read. The socket stays open.
 */
export const healAddress = fromPromise<void, HealInput>(async ({ input, signal, system }) => {
  const resources = resourcesOf(system)
  const live = resources.live
  const { addresses, generation } = input
  const unheard = input.unheard.filter((address) => !addresses.includes(address))
  if (!live?.socket || live.generation !== generation || addresses.length + unheard.length === 0) return
  if (resources.mode === 'observe') {
    if (addresses.length > 0)
      resources.journal.would('sessions-renewed', addresses.length, 'their messages cannot be read')
    if (unheard.length > 0)
      resources.journal.would('sessions-renewed', unheard.length, 'they cannot read what was sent')
    return
  }
  const isOver = () => signal.aborted || live.detached
  const forgotten = await live.forgetSessions(addresses, async () => {
    await resources.store.copyAside(
      { kind: 'sessions', addresses: [...addresses, ...unheard] },
      'live cure: new sessions for addresses that cannot be read, or cannot read',
    )
    return !isOver()
  })
  if (!forgotten) return
  // Those who cannot read have their turn although the account is judged well, or worse, meanwhile.
  const isLeft = () => live.detached
  const both = input.unheard.filter((address) => addresses.includes(address))
  await Promise.all([
    healUnread(resources, live, addresses, isOver).then(() =>
      eachBounded(both, renewalsAtATime, (one) => sendAgain(resources, live, one)),
    ),
    healUnheard(resources, live, unheard, isLeft),
  ])
})

type IsOver = () => boolean

/** Devices whose messages cannot be read. */
async function healUnread(
  resources: Resources,
  live: LiveSocket,
  addresses: readonly string[],
  isOver: IsOver,
): Promise<void> {
  const { socket } = live
  if (!socket || addresses.length === 0) return
  resources.journal.act('sessions-renewed', addresses.length, 'their messages could not be read')
  void askAgain(live, addresses)
  const line = addressLine(socket)
  const jids = addresses.map((address) => jidOfAddress(address, line)).filter((jid) => jid !== undefined)
  if (!isOver() && jids.length > 0) await socket.assertSessions?.(jids, true)
}

/**
 * Devices that cannot read what was sent. The session that they have is kept inside the new one as long as it can be
 * loaded: what they write in it meanwhile is still read. Each then gets what it asked for once more; what fails for one
 * fails for no other.
 */
async function healUnheard(
  resources: Resources,
  live: LiveSocket,
  addresses: readonly string[],
  isOver: IsOver,
): Promise<void> {
  const { socket } = live
  if (!socket || addresses.length === 0) return
  const torn = await unloadable(socket.authState.keys, addresses)
  await live.forgetSessions(torn, async () => true)
  resources.journal.act('sessions-renewed', addresses.length, 'they could not read what was sent')
  await eachBounded(addresses, renewalsAtATime, async (address) => {
    const jid = jidOf(resources, live, address)
    if (jid === undefined || isOver()) return
    try {
      await socket.assertSessions?.([jid], true)
    } catch (error) {
      if (!isOver()) resources.report(error, 'making a new session for a contact that cannot read')
      return
    }
    await sendAgain(resources, live, address)
  })
}

/** What a device asked for, in its new session. */
async function sendAgain(resources: Resources, live: LiveSocket, address: string): Promise<void> {
  const jid = jidOf(resources, live, address)
  if (jid !== undefined && !live.detached)
    await live.resender?.again(jid, resources.outbound.missedBy(address)?.ids ?? [])
}

/** Where a device is written to: as it asked, since version 6 does not tell a LID by its address. */
function jidOf({ outbound }: Resources, { socket }: LiveSocket, address: string): string | undefined {
  return outbound.missedBy(address)?.jid ?? (socket && jidOfAddress(address, addressLine(socket)))
}

/** Those of the stored sessions that cannot be loaded, as far as that can be told. */
async function unloadable(keys: SocketKeys, addresses: readonly string[]): Promise<readonly string[]> {
  let sessions: unknown
  try {
    sessions = await keys.get('session', [...addresses])
  } catch {
    return addresses
  }
  try {
    return addresses.filter((address) => !loadsAsSession(read(sessions, address)))
  } catch {
    // The libsignal of a fork is not found: the new session is begun beside the old one.
    return []
  }
}
