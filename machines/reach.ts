import type { CauseKind } from './cause.ts'
import type { Context } from './context.ts'

/**
 * What is known of the way to the server while the next try is waited for. `out-of-reach`: it ended the last try, so
 * the first sign of the server ends the wait. `unsure`: it may have, so it has to be seen out of reach before a sign of
 * it says anything. `no-matter`: something else ended the connection, or the wait is meant.
 */
export type Reach = 'out-of-reach' | 'unsure' | 'no-matter'

/** Ends of a connection that a lost network may be behind. */
const mayBeNetwork: ReadonlySet<CauseKind> = new Set([
  ...(['network', 'link-lost', 'timed-out', 'closed', 'deaf', 'slept', 'connect-timeout'] as const),
])

export function reachOf({ delay, closes, cameBack }: Context): Reach {
  const cause = closes.at(-1)?.cause
  if (!cause || !mayBeNetwork.has(cause.kind)) return 'no-matter'
  if (delay?.cadence !== 'fast' && delay?.cadence !== 'slow') return 'no-matter'
  // A server that answers the upgrade with an HTTP status was reached.
  if (cause.detail?.startsWith('HTTP')) return 'no-matter'
  return cause.kind === 'network' && !cameBack ? 'out-of-reach' : 'unsure'
}
