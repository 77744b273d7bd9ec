import { fromPromise } from 'xstate'
import type { PairReason } from '../../../machines/index.ts'
import type { BinaryNode } from '../../baileys/baileys-types.ts'
import { classifyClose } from '../../baileys/close-cause.ts'
import { shutSocket } from './close-socket.ts'
import { within } from './deadline.ts'
import { onStore } from './problem.ts'
import { resourcesOf } from './resources.ts'

/**
 * Makes a fresh staging area with a new identity, or opens the one whose code was scanned. The account's own files stay
 * as they are.
 */
export const stagePairing = fromPromise<void, { readonly resume: boolean }>(({ input, system }) => {
  const resources = resourcesOf(system)
  return onStore(resources, async () => {
    await shutSocket(resources, resources.policy.reconnect.closeTimeoutMs)
    resources.staging = input.resume ? await resources.store.resumeStaging() : await resources.store.openStaging()
  })
})

/**
 * The new pairing has opened once and its socket is fenced: the old files go into the quarantine, the new ones take
 * their place.
 */
export const promotePairing = fromPromise<{ readonly quarantine?: string }, { readonly reason: PairReason }>(
  ({ input, signal, system }) => {
    const resources = resourcesOf(system)
    return onStore(resources, async () => {
      // Shut off it is forgotten.
      const { staging } = resources
      await shutSocket(resources, resources.policy.reconnect.closeTimeoutMs)
      // Once supervision is stopped the pairing waits in the staging area for the next start.
      signal.throwIfAborted()
      const self = staging?.state.creds.me?.id
      const entry = await resources.store.promoteStaging(`replaced by a new pairing (${input.reason})`)
      // What was sent with the old credentials nobody asks the new device for.
      resources.outbound.reset()
      await resources.forgetSent()
      // The statechart that would have told of it does not wait for it any more.
      if (signal.aborted) resources.notify('relinked', self === undefined ? {} : { self })
      return entry === undefined ? {} : { quarantine: entry.id }
    })
  },
)

/**
 * What Baileys' own logout() sends; that does not wait for the answer, and would end the socket under the next step.
 */
const removal = (id: string, jid: string): BinaryNode => ({
  tag: 'iq',
  attrs: { to: '@s.whatsapp.net', type: 'set', xmlns: 'md', id },
  content: [{ tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }],
})

/** Another number scanned: its phone is asked to forget this device, while the socket that it opened still stands. */
export const unlinkDevice = fromPromise<void, { readonly generation: number }>(async ({ input, system }) => {
  const { live, policy } = resourcesOf(system)
  const jid = live?.auth.state.creds.me?.id
  if (!live?.socket || live.generation !== input.generation || jid === undefined)
    throw new Error('there is no connection to log the device out over')
  const { socket } = live
  let failure: unknown
  const answered = await within(policy.reconnect.closeTimeoutMs, async () => {
    await socket.query(removal(socket.generateMessageTag(), jid), policy.reconnect.closeTimeoutMs).catch((error) => {
      // Logged out before the answer came: that is one, too.
      if (classifyClose(error).kind !== 'logged-out') failure = error
    })
  })
  if (!answered) throw new Error('the logout was not answered in time')
  if (failure !== undefined) throw failure
})

/**
 * Another number scanned, and its socket is fenced: what it staged goes into the quarantine. A store that keeps no such
 * entry overwrites it with the next code.
 */
export const discardPairing = fromPromise<void, { readonly reason: string }>(({ input, system }) => {
  const resources = resourcesOf(system)
  return onStore(resources, async () => {
    await shutSocket(resources, resources.policy.reconnect.closeTimeoutMs)
    await resources.store.discardStaging?.(input.reason)
  })
})
