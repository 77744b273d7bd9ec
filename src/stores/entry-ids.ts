import { randomBytes } from 'node:crypto'

/** The last moment that four digits of a year can name. */
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const pattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-/

/**
 * Names for the entries of a quarantine: `<UTC, to the millisecond>-<6 random hex digits>`. They sort in the order in
 * which they were given, within one millisecond and after the clock was set back too: an entry that would not come last
 * is dated one millisecond after the newest there is.
 */
export class EntryIds {
  #lastMs = Number.NEGATIVE_INFINITY

  /** An id for an entry made at `at` (epoch milliseconds); `present` are the ids of all entries there are. */
  next(at: number, present: readonly string[]): string {
    let time = Math.max(0, at, this.#lastMs + 1)
    for (const id of present) time = Math.max(time, timeOf(id) + 1)
    this.#lastMs = Math.min(time, lastMs)
    const stamp = new Date(this.#lastMs).toISOString().replaceAll(/[-:.]/g, '')
    return `${stamp}-${randomBytes(3).toString('hex')}`
  }
}

/** What an id is dated; a name of another form has no date, and does not count. */
function timeOf(id: string): number {
  const stamp = pattern.exec(id)
  if (!stamp) return Number.NEGATIVE_INFINITY
  const [, year, month, day, hour, minute, second, ms] = stamp
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`)
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time
}
