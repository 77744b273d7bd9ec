import type { HistoryEntry, WrittenThen } from '../entry.ts'

/** Rows of an account on a database that were of an earlier time than the history knows. */
export interface RowsWentBack {
  /** When it was found: epoch milliseconds. */
  readonly at: number
  /** When the history told last of what was there before. */
  readonly since: number
  /** How many writes were gone; 0 if there were as many as before, of other rows. */
  readonly writes: number
}

type Counted = HistoryEntry & { readonly written: WrittenThen }

const isCounted = (entry: HistoryEntry): entry is Counted => 'written' in entry && entry.written !== undefined

/** Digests of different keys cannot be held against each other. */
const keyOf = (digest: string): string => digest.slice(0, digest.lastIndexOf(':'))

const areOtherRows = (before: WrittenThen, now: WrittenThen): boolean =>
  before.count === now.count &&
  before.digest !== undefined &&
  now.digest !== undefined &&
  before.digest !== now.digest &&
  keyOf(before.digest) === keyOf(now.digest)

/** Each time that the count of an account's writes went back, or its rows changed without one. Pure; oldest first. */
export function rowsWentBack(entries: readonly HistoryEntry[]): readonly RowsWentBack[] {
  const found: RowsWentBack[] = []
  let last: Counted | undefined
  for (const entry of entries.filter(isCounted)) {
    const { at, written } = entry
    const known = Math.max(last?.written.count ?? 0, written.seen ?? 0)
    const writes = Math.max(0, known - written.count)
    if (writes > 0 || (last && areOtherRows(last.written, written))) found.push({ at, since: last?.at ?? at, writes })
    last = entry
  }
  return found
}
