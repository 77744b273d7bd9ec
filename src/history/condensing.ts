import type { StateName } from '../../machines/index.ts'
import type { HistoryEntry } from './entry.ts'

/** Entries kept in memory; past it they are condensed. The file keeps them all, up to its bound in bytes. */
export const mostKept = 2_000
/** What is left at most, so that condensing is rare. */
const mostCondensed = 1_500
/** The newest entries stay as they are. */
const untouched = 500

/** States that a try to connect passes. A month without a network passes them thousands of times. */
const trying: ReadonlySet<StateName> = new Set(['preparing', 'connecting', 'reconnecting'])

/**
 * Makes room where it costs least: of the older entries, tries within one outage that changed nothing go first, then
 * signs of life; only then the oldest. What incidents and availability are told from stays for as long as there is
 * room.
 */
export function condensed(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  if (entries.length <= mostKept) return entries
  const border = entries.length - untouched
  let lastCause: string | undefined
  const kept = entries.filter((entry, index) => {
    if (index >= border) return true
    if (entry.type === 'alive') return entries[index + 1]?.type !== 'alive'
    if (entry.type !== 'transition') return true
    if (!trying.has(entry.from) || !trying.has(entry.to)) {
      lastCause = entry.cause?.kind
      return true
    }
    const repeats = entry.cause === undefined || entry.cause.kind === lastCause
    lastCause = entry.cause?.kind ?? lastCause
    return !repeats
  })
  return kept.length > mostKept ? kept.slice(-mostCondensed) : kept
}
