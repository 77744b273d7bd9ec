import { fromPromise } from 'xstate'
import type { Pruned, PruneInput } from '../../../machines/index.ts'
import { AuthStoreError } from '../../errors/errors.ts'
import { onStore } from './problem.ts'
import { type Resources, resourcesOf } from './resources.ts'

/**
 * Proves single ownership, writes down that the budget is charged, then moves session files into the quarantine. The
 * fence is shut already; creds.json and everything else stay. Once supervision is stopped no file is moved any more;
 * what was moved by then is told all the same.
 */
export const pruneSessions = fromPromise<Pruned, PruneInput>(({ input, signal, system }) => {
  const resources = resourcesOf(system)
  return onStore(resources, async () => {
    const pruned = await prune(resources, input, signal)
    // The statechart that would have told of it does not wait for it any more.
    if (signal.aborted && pruned.quarantine !== undefined) {
      const { scope, why } = input
      resources.notify('sessions-pruned', { scope, why, ...pruned })
    }
    return pruned
  })
})

async function prune(resources: Resources, input: PruneInput, signal: AbortSignal): Promise<Pruned> {
  const { store, evidence, caches } = resources
  if (!(await store.owned()))
    throw new AuthStoreError(
      'AUTH_STORE_NOT_OWNED',
      `${store.location} is owned by another process, so no session was set aside.`,
      'Stop the other process.',
    )
  signal.throwIfAborted()
  await store.writeFacts(input.facts)
  signal.throwIfAborted()
  const selection =
    input.scope === 'all'
      ? ({ kind: 'all-sessions' } as const)
      : ({ kind: 'sessions', addresses: input.addresses } as const)
  const entry = await store.quarantine(selection, input.why)
  caches.sessionsSetAside()
  const addresses = entry?.files.map(({ name }) => name.replace(/^session-|\.json$/g, '')) ?? []
  evidence.pruned(input.scope === 'all' ? 'all' : input.addresses, addresses)
  return { addresses, ...(entry === undefined ? {} : { quarantine: entry.id }) }
}
