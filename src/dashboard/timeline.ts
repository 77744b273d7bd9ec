import type { HistoryEntry } from '../history/entry.ts'
import {
  availability,
  causeWords,
  factsSaid,
  type Incident,
  incidentsOf,
  sentence,
  sideOf,
  timeToHeal,
  uptime,
} from '../history/incidents/index.ts'
import { credsFile } from '../stores/file-name.ts'
import type { QuarantineEntry } from '../stores/store.ts'
import { midnights } from './midnights.ts'
import type { IncidentView, QuarantineView, TimelineView } from './wire.ts'

/** Incidents shown; older ones are in `lifeline explain`. */
const mostIncidents = 100
/** Days with a bar of their own. */
const shownDays = 90
/** A drop that heals by itself within this time is told to nobody, by the policy's default, and folded here. */
const shortMs = 180_000

/** The history as the page shows it. `zone`: that of the viewer, whose days these are. */
export function timelineOf(history: readonly HistoryEntry[], now: number, zone: string): TimelineView {
  const incidents = incidentsOf(history, now)
  const { since, days } = uptime(history, now, midnights(now, zone, shownDays))
  return {
    at: now,
    since,
    days: days.map(({ at, knownMs, upMs }) => ({ at, up: knownMs === 0 ? null : upMs / knownMs })),
    incidents: incidents
      .filter((one) => !isShort(one))
      .slice(-mostIncidents)
      .map(incidentView),
    drops: incidents
      .filter(isShort)
      .map(({ beganAt, downMs, cause, tally }) => ({ at: beganAt, ms: downMs, side: sideOf(cause), late: tally.late })),
    availability: availability(history, now),
    heal: timeToHeal(incidents),
  }
}

/** A drop of which there is nothing to tell but that it was. */
const isShort = ({ outcome, downMs, tally, wouldHave }: Incident): boolean =>
  outcome === 'healed' &&
  downMs > 0 &&
  downMs < shortMs &&
  !wouldHave &&
  !tally.code &&
  tally.unstable === undefined &&
  tally.credentials === 'untouched' &&
  tally.contacts + tally.unheard + tally.setAside + tally.renewed + tally.unread === 0

function incidentView(incident: Incident): IncidentView {
  const { id, beganAt, endedAt, outcome, cause, downMs, tally, wouldHave, events } = incident
  const { late, unread, reread } = tally
  const last = events.length
  return {
    id,
    beganAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    outcome,
    cause: causeWords[cause],
    downMs,
    // The heading says whether it was observed only.
    facts: factsSaid({ ...incident, wouldHave: false }).map(sentence),
    messages: { late, unread, reread },
    wouldHave,
    events: events.slice(Math.max(0, last - mostEvents)),
  }
}

/** Of one incident; a long outage has thousands. */
const mostEvents = 200

/** The quarantine as the page lists it, newest first. */
export const quarantineOf = (entries: readonly QuarantineEntry[]): QuarantineView => ({
  entries: entries
    .map(({ id, at, reason, files }, index) => {
      const names = new Set(files.map(({ name }) => name))
      const later = entries.slice(index + 1).some((one) => one.files.some(({ name }) => names.has(name)))
      const credentials = names.has(credsFile)
      return {
        id,
        at,
        reason,
        files: files.length,
        bytes: files.reduce((sum, file) => sum + file.bytes, 0),
        credentials,
        // A whole account stands against a whole account.
        outlived: later || (credentials && files.length > 1),
      }
    })
    .reverse(),
})
