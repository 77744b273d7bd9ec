import type { HistoryEntry } from '../history/entry.ts'
import { availability, incidentsOf, timeToHeal } from '../incidents/index.ts'
import type { QuarantineEntry } from '../stores/store.ts'
import type { QuarantineView, TimelineView } from './wire.ts'

/** Incidents shown; older ones are in `lifeline explain`. */
const mostIncidents = 100

/** The history as the page shows it. */
export function timelineOf(history: readonly HistoryEntry[], now: number): TimelineView {
  const incidents = incidentsOf(history, now)
  return {
    incidents: incidents.slice(-mostIncidents).map(({ id, beganAt, endedAt, sentence, wouldHave, events }) => ({
      id,
      beganAt,
      ...(endedAt === undefined ? {} : { endedAt }),
      sentence,
      wouldHave,
      events,
    })),
    availability: availability(history, now),
    heal: timeToHeal(incidents),
  }
}

/** The quarantine as the page lists it, newest first. */
export const quarantineOf = (entries: readonly QuarantineEntry[]): QuarantineView => ({
  entries: entries
    .map(({ id, at, reason, files }) => ({
      id,
      at,
      reason,
      files: files.length,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    }))
    .reverse(),
})
