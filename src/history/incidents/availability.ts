import { isOpen } from '../../../machines/open-states.ts'
import type { HistoryEntry } from '../entry.ts'

/** Shares of the recorded time in which the account was connected, from 0 to 1; null where nothing is recorded. */
export interface Availability {
  readonly h24: number | null
  readonly d7: number | null
  readonly d30: number | null
}

const hourMs = 3_600_000
const windows = { h24: 24 * hourMs, d7: 7 * 24 * hourMs, d30: 30 * 24 * hourMs } as const

/** A run tells of itself every quarter of an hour; one that was silent for so long is gone. */
const silentMs = hourMs / 2

interface Span {
  readonly from: number
  readonly to: number
  readonly up: boolean
}

/**
 * How much of the last day, week and month the account was connected: `healthy` or `degraded`. What counts, and as
 * what:
 * - time under supervision counts, whatever kept the account away, a person who had to scan a code included;
 * - a process that ended without a stop (crash, kill, power cut) counts as down, from its last sign of life to the next
 *   start: it was meant to run;
 * - a process that was stopped as asked does not count, neither as up nor as down, and nor does the time before the
 *   first record.
 */
export function availability(entries: readonly HistoryEntry[], now: number): Availability {
  const spans = spansOf(entries, now)
  const share = (windowMs: number): number | null => {
    const { up, known } = within(spans, now - windowMs, now)
    return known === 0 ? null : up / known
  }
  return { h24: share(windows.h24), d7: share(windows.d7), d30: share(windows.d30) }
}

/** A day, by the rules of {@link availability}. Milliseconds. */
export interface Day {
  /** Its midnight, epoch milliseconds. */
  readonly at: number
  /** How much of it is on record; 0 for a day before the first record. */
  readonly knownMs: number
  readonly upMs: number
}

/** The days that begin at these midnights, oldest first, and since when something is on record. */
export function uptime(
  entries: readonly HistoryEntry[],
  now: number,
  midnights: readonly number[],
): { readonly since: number | null; readonly days: readonly Day[] } {
  const spans = spansOf(entries, now)
  const days = midnights.map((at, day) => {
    const { up, known } = within(spans, at, midnights[day + 1] ?? now)
    return { at, knownMs: known, upMs: up }
  })
  return { since: spans[0]?.from ?? null, days }
}

function within(spans: readonly Span[], from: number, to: number): { readonly up: number; readonly known: number } {
  let known = 0
  let up = 0
  for (const span of spans) {
    const ms = Math.max(0, Math.min(span.to, to) - Math.max(span.from, from))
    known += ms
    if (span.up) up += ms
  }
  return { up, known }
}

function spansOf(entries: readonly HistoryEntry[], now: number): readonly Span[] {
  const spans: Span[] = []
  let from = 0
  /** Undefined: not supervised. */
  let up: boolean | undefined
  let lastSeen = 0
  const turn = (at: number, next: boolean | undefined): void => {
    if (up !== undefined) spans.push({ from, to: at, up })
    from = Math.max(from, at)
    up = next
  }
  for (const entry of entries) {
    if (entry.type === 'transition') turn(entry.at, entry.to === 'stopped' ? undefined : isOpen(entry.to))
    else if (entry.type === 'stop') turn(entry.at, undefined)
    else if (entry.type === 'start') {
      if (entry.unclean && entry.lastSeenAt !== undefined && up !== undefined) turn(entry.lastSeenAt, false)
      turn(entry.at, up === undefined && !entry.unclean ? undefined : false)
    }
    lastSeen = Math.max(lastSeen, entry.at)
  }
  if (up !== undefined && now - lastSeen > silentMs) turn(lastSeen, false)
  turn(now, undefined)
  return spans
}
