import type { Qr } from './context.ts'
import type { Status } from './status.ts'

/**
 * A status as anybody may see it: whoever holds a code can link a device, so it tells that there is one, and not which.
 */
export type PublicStatus = Omit<Status, 'qr'> & {
  /** There is a code: which one of its series, and until when, epoch milliseconds. */
  readonly qr?: Pick<Qr, 'number' | 'expiresAt'>
}

/** {@link PublicStatus} of a status. */
export function publicStatus({ qr, ...rest }: Status): PublicStatus {
  return qr === undefined ? rest : { ...rest, qr: { number: qr.number, expiresAt: qr.expiresAt } }
}
