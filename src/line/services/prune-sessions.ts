import { fromPromise } from 'xstate'
import type { Pruned, PruneInput } from '../../../machines/index.ts'
import { AuthStoreError } from '../../errors/errors.ts'
import { onStore } from './problem.ts'
import { resourcesOf } from './resources.ts'

/**
 * Proves single ownership, writes down that the budget is charged, then moves session files into the quarantine. The
 * fence is shut already; creds.json and everything else stay.
 */
export const pruneSessions = fromPromise<Pruned, PruneInput>(({ input, system }) => {
  const resources = resourcesOf(system)
  const { store, evidence } = resources
  return onStore(resources, async () => {
    if (!(await store.owned()))
      throw new AuthStoreError(
        'AUTH_STORE_NOT_OWNED',
        `${store.location} is owned by another process, so no session was set aside.`,
        'Stop the other process.',
      )
    await store.writeFacts(input.facts)
    const selection =
      input.scope === 'all'
        ? ({ kind: 'all-sessions' } as const)
        : ({ kind: 'sessions', addresses: input.addresses } as const)
    const entry = await store.quarantine(selection, input.why)
    resources.caches.sessionsSetAside()
    const addresses = entry?.files.map(({ name }) => name.replace(/^session-|\.json$/g, '')) ?? []
    evidence.pruned(input.scope === 'all' ? 'all' : input.addresses, addresses)
    return { addresses, ...(entry === undefined ? {} : { quarantine: entry.id }) }
  })
})
