import type { CloseCause, StateName } from '../machines/index.ts'

/** One thing that happened. Plain data without secrets; what `line.history()` lists and `history.jsonl` keeps. */
export type HistoryEntry =
  | {
      readonly type: 'transition'
      readonly at: number
      readonly from: StateName
      readonly to: StateName
      readonly event: string
      /** Why the transition was taken. */
      readonly why?: string
      readonly cause?: CloseCause
      readonly generation: number
    }
  | {
      readonly type: 'notice'
      readonly at: number
      readonly kind: string
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'trouble'; readonly at: number; readonly doing: string; readonly message: string }

/** Entries kept in memory; the file keeps more. */
const most = 500

interface HistoryFile {
  appendHistory(entry: unknown): Promise<void>
  readHistory(limit: number): Promise<readonly unknown[]>
}

const isEntry = (value: unknown): value is HistoryEntry =>
  typeof value === 'object' && value !== null && 'type' in value && 'at' in value && typeof value.at === 'number'

/** What happened, newest last, over restarts. Writing is best effort and in order: a disk in trouble must not hold up the cure. */
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
    const kept = await this.#file.readHistory(most)
    this.#entries = [...kept.filter(isEntry), ...this.#entries].slice(-most)
    this.#loaded = true
  }

  add(entry: HistoryEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length > most) this.#entries.shift()
    this.#writing = this.#writing.then(() => this.#file.appendHistory(entry)).catch(() => undefined)
  }

  list(): readonly HistoryEntry[] {
    return [...this.#entries]
  }

  /** Resolves when everything added so far is written, or could not be. */
  settled(): Promise<void> {
    return this.#writing
  }
}
