import { fromPromise } from 'xstate'
import type { PairReason } from '../../machines/index.ts'
import { hostOf } from '../host.ts'
import { shutSocket } from './close-socket.ts'
import { onStore } from './problem.ts'

/** Makes a fresh staging area with a new identity, or opens the one whose code was scanned. The account's own files stay as they are. */
export const stagePairing = fromPromise<void, { readonly resume: boolean }>(({ input, system }) => {
  const host = hostOf(system)
  return onStore(host, async () => {
    await shutSocket(host, host.policy.reconnect.closeTimeoutMs)
    host.ownCreds = false
    host.staging = input.resume ? await host.store.resumeStaging() : await host.store.openStaging()
  })
})

/** The new pairing has opened once and its socket is fenced: the old files go into the quarantine, the new ones take their place. */
export const promotePairing = fromPromise<{ readonly quarantine?: string }, { readonly reason: PairReason }>(
  ({ input, system }) => {
    const host = hostOf(system)
    return onStore(host, async () => {
      await shutSocket(host, host.policy.reconnect.closeTimeoutMs)
      const entry = await host.store.promoteStaging(`replaced by a new pairing (${input.reason})`)
      return entry === undefined ? {} : { quarantine: entry.id }
    })
  },
)
