import type { CloseCause, StateName } from '../../machines/index.ts'

/** What the supervision did, or would have done, beside changing its state. */
export const acts = [
  /** Sessions of contacts that cannot be read, or cannot read, were made anew while connected. */
  'sessions-renewed',
  /** Sessions were moved to the other address of their contact, where Baileys looks for them. */
  'sessions-moved',
  /** Sessions were moved into the quarantine. */
  'sessions-set-aside',
  /** The key of one member for one group, which could read nothing of it any more, was moved into the quarantine. */
  'sender-key-set-aside',
  /** `creds.json` was replaced by its last good generation. */
  'credentials-restored',
  /** The pre-key ids in `creds.json` were raised past every stored pre-key. */
  'pre-keys-raised',
  /** A field of `creds.json` that Baileys cannot work with got another value. */
  'credentials-mended',
] as const
export type Act = (typeof acts)[number]

/**
 * How many writes an account on a database had seen by then, of all its owners; it only grows. `digest`, with a key:
 * the key's id and what stands for all rows as the last write left them. `seen`: how many its owner knows of, where the
 * database has fewer.
 */
export interface WrittenThen {
  readonly count: number
  readonly digest?: string
  readonly seen?: number
}

/**
 * One thing that happened. Plain data without secrets and without the names or numbers of contacts; what
 * `line.history()` lists and `history.jsonl` keeps.
 */
export type HistoryEntry =
  /** The state has changed. */
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
  /** Somebody was told of something. */
  | {
      readonly type: 'notice'
      readonly at: number
      readonly kind: string
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
    }
  /** Something failed that ended nothing: in doing what, and how. */
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
      readonly written?: WrittenThen
    }
  /** The account was claimed again in the middle of a run, after its lease was lost. */
  | { readonly type: 'claim'; readonly at: number; readonly written: WrittenThen }
  /** Supervision ended as asked. */
  | { readonly type: 'stop'; readonly at: number; readonly written?: WrittenThen }
  /** A sign of life, every quarter of an hour: how long a run lasted that ended without a word. */
  | { readonly type: 'alive'; readonly at: number; readonly written?: WrittenThen }
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
  /**
   * What was written while the account was away and has arrived since it is connected again: messages that came late,
   * those of them that could not be read and were asked for again, and how many of these were read after all.
   */
  | {
      readonly type: 'arrived'
      readonly at: number
      readonly late: number
      readonly unread: number
      readonly reread: number
    }
  /** Something was done to the stored account. `sessions` counts the files. */
  | { readonly type: 'act'; readonly at: number; readonly act: Act; readonly sessions?: number; readonly why?: string }
  /** `mode: 'observe'`: what would have been done. Without `sessions` it is all of them. */
  | { readonly type: 'would'; readonly at: number; readonly act: Act; readonly sessions?: number; readonly why: string }

const hasType = (value: unknown): value is { readonly type: unknown; readonly at: number } =>
  typeof value === 'object' && value !== null && 'type' in value && 'at' in value && typeof value.at === 'number'

const types: ReadonlySet<unknown> = new Set<HistoryEntry['type']>([
  ...([
    'transition',
    'notice',
    'trouble',
    'start',
    'claim',
    'stop',
    'alive',
    'unreadable',
    'unheard',
    'arrived',
    'act',
    'would',
  ] as const),
])

/** An entry that people can be told of. */
export const isEntry = (value: unknown): value is HistoryEntry => hasType(value) && types.has(value.type)
