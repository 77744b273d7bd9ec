import type { Status } from '../../machines/index.ts'
import { isOpen } from '../../machines/open-states.ts'
import { type PublicStatus, publicStatus } from '../../machines/public-status.ts'

/** An answer to a probe: the HTTP status, and which accounts are the reason for it. */
export interface Probe {
  /** Whether the answer is good. */
  readonly ok: boolean
  /** The HTTP status to answer with. */
  readonly status: 200 | 503
  /** Accounts that are not as they should be, with their state. */
  readonly failing: readonly { readonly account: string; readonly state: Status['state'] }[]
}

/** What `health` says, ready to be answered over HTTP. */
export interface Health {
  /**
   * `/healthz`: every account is connected, `healthy` or `degraded`. Alert on it; do not restart on it, for a restart
   * heals nothing that this process does not.
   */
  readonly healthz: Probe
  /** `/readyz`: every account is supervised. False before `start()` and after `stop()`. */
  readonly readyz: Probe
  /** `/status.json` */
  readonly status: { readonly accounts: readonly PublicStatus[] }
}

/** The health of these lines at this moment. Pure. */
export function health(lines: Iterable<{ readonly status: Status }>): Health {
  const statuses = [...lines].map((line) => line.status)
  return {
    healthz: probe(statuses, ({ state }) => isOpen(state)),
    readyz: probe(statuses, ({ state }) => state !== 'stopped'),
    status: { accounts: statuses.map(publicStatus) },
  }
}

function probe(statuses: readonly Status[], holds: (status: Status) => boolean): Probe {
  const failing = statuses.filter((status) => !holds(status)).map(({ account, state }) => ({ account, state }))
  const ok = failing.length === 0
  return { ok, status: ok ? 200 : 503, failing }
}
