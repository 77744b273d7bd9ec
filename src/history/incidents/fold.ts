import type { CauseKind, StateName, Status } from '../../../machines/index.ts'

/**
 * What an incident began with: the first close in it, or the state that it began as, or a run that ended without a
 * word.
 */
export type IncidentCause = CauseKind | StateName | 'unclean-end'

/** From the moment that an account was not well to the moment that it was healthy again. */
export interface OpenIncident {
  /** Epoch milliseconds. */
  readonly beganAt: number
  /** What it began as. */
  readonly state: StateName
  /** The first close in it; without one, what it began as. */
  readonly cause: IncidentCause
}

/** A state that was entered, and the close that came with it, if one did. */
export interface Moment {
  readonly at: number
  readonly state: StateName
  readonly close?: CauseKind | undefined
}

/** A moment, or the end of one incident, as it concerns incidents. */
export interface IncidentStep {
  /** The incident under way, if any. */
  readonly incident: OpenIncident | undefined
  /** One that ended with this moment: healed, or given up because supervision stopped. */
  readonly ended?: { readonly incident: OpenIncident; readonly healed: boolean; readonly tookMs: number }
}

/** States that are no trouble where no incident is under way: a start on its way to `healthy`. */
const calm: ReadonlySet<StateName> = new Set(['stopped', 'preparing', 'connecting', 'healthy'])

/** Folds one moment after the other into incidents. `before` is the state that came before this one. */
export function incidentAt(
  incident: OpenIncident | undefined,
  { at, state, close }: Moment,
  before: StateName | undefined,
): IncidentStep {
  if (incident === undefined) {
    const leftHealth = before === 'healthy' && state !== 'healthy' && state !== 'stopped'
    if (calm.has(state) && !leftHealth) return { incident: undefined }
    return { incident: { beganAt: at, state, cause: close ?? state } }
  }
  if (state === 'healthy' || state === 'stopped') {
    const tookMs = Math.max(0, at - incident.beganAt)
    return { incident: undefined, ended: { incident, healed: state === 'healthy', tookMs } }
  }
  if (incident.cause !== incident.state) return { incident }
  return { incident: { ...incident, cause: close ?? incident.cause } }
}

/** {@link incidentAt} for a live status. `before` is the status that came before this one. */
export function incidentStep(
  incident: OpenIncident | undefined,
  status: Status,
  before: Status | undefined,
): IncidentStep {
  const { state, since: at } = status
  return incidentAt(incident, { at, state, close: newClose(status, before) }, before?.state)
}

/** The cause of a close that came with this status. */
export function newClose({ lastClose }: Status, before: Status | undefined): CauseKind | undefined {
  if (lastClose === undefined) return undefined
  const known = before?.lastClose
  return known?.at === lastClose.at && known.cause.kind === lastClose.cause.kind ? undefined : lastClose.cause.kind
}
