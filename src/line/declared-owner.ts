import type { Status } from '../../machines/index.ts'
import type { AuthStore } from '../stores/store.ts'

/**
 * After a 440 the first question is whether another process of one's own has the account. Where no lock can answer it,
 * the status says so.
 */
export function ownerDeclared(status: Status, { declared, location }: AuthStore): Status {
  if (declared !== true || status.lastClose?.cause.kind !== 'replaced') return status
  if (status.state === 'healthy' || status.state === 'stopped') return status
  const hint = `Nothing tells your own processes apart on ${location}: see that only one of them uses it, or give rowAuthStore a lock.`
  return { ...status, remediation: [status.remediation, hint].filter(Boolean).join(' ') }
}
