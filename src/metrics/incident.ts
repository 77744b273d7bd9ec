import type { CauseKind, StateName, Status } from '../../machines/index.ts'

/** From the moment that an account was not well to the moment that it was healthy again. */
export interface Incident {
  readonly account: string
  /** Epoch milliseconds. */
  readonly beganAt: number
  /** What it began as. */
  readonly state: StateName
  /** The first close in it; without one, what it began as. */
  readonly cause: CauseKind | StateName
}

/** A status, or the end of one, as it concerns incidents. */
export interface IncidentStep {
  /** The incident under way, if any. */
  readonly incident: Incident | undefined
  /** One that ended with this status: healed, or given up because supervision stopped. */
  readonly ended?: { readonly incident: Incident; readonly healed: boolean; readonly tookMs: number }
}

/** States that are no trouble where no incident is under way: a start on its way to `healthy`. */
const calm: ReadonlySet<StateName> = new Set(['stopped', 'preparing', 'connecting', 'healthy'])

/** Folds one status after the other into incidents. `before` is the status that came before this one. */
export function incidentStep(incident: Incident | undefined, status: Status, before: Status | undefined): IncidentStep {
  const { state, account, since } = status
  if (incident === undefined) {
    const leftHealth = before?.state === 'healthy' && state !== 'healthy' && state !== 'stopped'
    if (calm.has(state) && !leftHealth) return { incident: undefined }
    return { incident: { account, beganAt: since, state, cause: newClose(status, before) ?? state } }
  }
  if (state === 'healthy' || state === 'stopped') {
    const tookMs = Math.max(0, since - incident.beganAt)
    return { incident: undefined, ended: { incident, healed: state === 'healthy', tookMs } }
  }
  if (incident.cause !== incident.state) return { incident }
  return { incident: { ...incident, cause: newClose(status, before) ?? incident.cause } }
}

/** The cause of a close that came with this status. */
export function newClose({ lastClose }: Status, before: Status | undefined): CauseKind | undefined {
  if (lastClose === undefined) return undefined
  const known = before?.lastClose
  return known?.at === lastClose.at && known.cause.kind === lastClose.cause.kind ? undefined : lastClose.cause.kind
}
