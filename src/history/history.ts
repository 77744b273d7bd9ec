import { condensed, mostKept } from './condensing.ts'
import type { HistoryEntry } from './entry.ts'
import { entriesOf } from './kept-entries.ts'

/**
 * What the file keeps beside: the statechart's inputs, from which an incident can be replayed. Not listed by
 * `line.history()`.
 */
export interface MachineRecord {
  readonly type: 'run' | 'steps'
  readonly at: number
}

/** Read from a file at a start. Its bound is in bytes; this one is only against a file that somebody else wrote. */
export const mostRead = 200_000

interface HistoryFile {
  appendHistory(entry: unknown): Promise<void>
  readHistory(limit: number): Promise<readonly unknown[]>
}

/**
 * What happened, newest last, over restarts. Writing is best effort and in order: a disk in trouble must not hold up
 * the cure.
 */
export class LineHistory {
  #entries: HistoryEntry[] = []
  #loaded = false
  #writing: Promise<void> = Promise.resolve()
  readonly #file: HistoryFile

  constructor(file: HistoryFile) {
    this.#file = file
  }

  /** Reads what earlier runs left; once, since what came after is in memory already. */
  async load(): Promise<void> {
    if (this.#loaded) return
    const kept = await this.#file.readHistory(mostRead)
    this.#entries = [...condensed([...entriesOf(kept), ...this.#entries])]
    this.#loaded = true
  }

  add(entry: HistoryEntry): void {
    // Signs of life stand for the moment only: in memory the newest of a row is enough.
    if (entry.type === 'alive' && this.#entries.at(-1)?.type === 'alive') this.#entries.pop()
    this.#entries.push(entry)
    if (this.#entries.length > mostKept) this.#entries = [...condensed(this.#entries)]
    this.#write(entry)
  }

  /** Into the file alone. */
  record(entry: MachineRecord): void {
    this.#write(entry)
  }

  list(): readonly HistoryEntry[] {
    return [...this.#entries]
  }

  /** Resolves when everything added so far is written, or could not be. */
  settled(): Promise<void> {
    return this.#writing
  }

  #write(entry: HistoryEntry | MachineRecord): void {
    this.#writing = this.#writing.then(() => this.#file.appendHistory(entry)).catch(() => undefined)
  }
}
