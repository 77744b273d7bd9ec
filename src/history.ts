import type { CloseCause, StateName } from '../machines/index.ts'
import { condensed, mostKept } from './incidents/condensing.ts'

/** What the supervision did, or would have done, beside changing its state. */
export const acts = [
  /** Sessions of contacts that cannot be read, or cannot read, were made anew while connected. */
  'sessions-renewed',
  /** Sessions were moved into the quarantine. */
  'sessions-set-aside',
  /** `creds.json` was replaced by its last good generation. */
  'credentials-restored',
  /** The pre-key ids in `creds.json` were raised past every stored pre-key. */
  'pre-keys-raised',
] as const
export type Act = (typeof acts)[number]

/**
 * One thing that happened. Plain data without secrets and without the names or numbers of contacts; what `line.history()` lists and
 * `history.jsonl` keeps.
 */
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
  /** Supervision began. */
  | {
      readonly type: 'start'
      readonly at: number
      readonly mode: 'heal' | 'observe'
      /** The run before ended without a stop: a crash, a kill or a power cut. */
      readonly unclean: boolean
      /** The last sign of life of the run before, epoch milliseconds; undefined if there was none. */
      readonly lastSeenAt?: number
    }
  /** Supervision ended as asked. */
  | { readonly type: 'stop'; readonly at: number }
  /** A sign of life, every quarter of an hour: how long a run lasted that ended without a word. */
  | { readonly type: 'alive'; readonly at: number }
  /** How many contacts cannot be read; none once they can be. */
  | {
      readonly type: 'unreadable'
      readonly at: number
      readonly contacts: number
      readonly messages: number
      readonly level: 'fine' | 'failing' | 'storm'
    }
  /** How many cannot read what the account sends: contacts, and devices of its own; none once they can. */
  | {
      readonly type: 'unheard'
      readonly at: number
      readonly contacts: number
      readonly own: number
      readonly messages: number
    }
  /** Something was done to the stored account. `sessions` counts the files. */
  | { readonly type: 'act'; readonly at: number; readonly act: Act; readonly sessions?: number; readonly why?: string }
  /** `mode: 'observe'`: what would have been done. Without `sessions` it is all of them. */
  | { readonly type: 'would'; readonly at: number; readonly act: Act; readonly sessions?: number; readonly why: string }

/** What the file keeps beside: the statechart's inputs, from which an incident can be replayed. Not listed by `line.history()`. */
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

const hasType = (value: unknown): value is { readonly type: unknown; readonly at: number } =>
  typeof value === 'object' && value !== null && 'type' in value && 'at' in value && typeof value.at === 'number'

const types: ReadonlySet<unknown> = new Set<HistoryEntry['type']>([
  ...(['transition', 'notice', 'trouble', 'start', 'stop', 'alive', 'unreadable', 'unheard', 'act', 'would'] as const),
])

/** An entry that people can be told of. */
export const isEntry = (value: unknown): value is HistoryEntry => hasType(value) && types.has(value.type)

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
    const kept = await this.#file.readHistory(mostRead)
    this.#entries = [...condensed([...kept.filter(isEntry), ...this.#entries])]
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
