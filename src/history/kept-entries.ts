import { type HistoryEntry, isEntry } from './entry.ts'

/**
 * The entries among what a file of history holds, in their order. A process that exits while the system still writes
 * what happened before has its `stop` in the file first: what is no later than that belongs to the run that it ended.
 */
export function entriesOf(kept: readonly unknown[]): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = []
  for (const one of kept) {
    if (!isEntry(one)) continue
    const last = entries.at(-1)
    const isLate = last?.type === 'stop' && one.type !== 'start' && one.at <= last.at
    entries.splice(isLate ? -1 : entries.length, 0, one)
  }
  return entries
}
