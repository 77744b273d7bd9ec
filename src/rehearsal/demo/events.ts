import type { StateName } from '../../../machines/index.ts'
import type { HarmedFile } from './harm.ts'

/** What one check of the demo found. */
export interface Claim {
  readonly claim: string
  readonly held: boolean
  /** The figures behind it. */
  readonly detail: string
}

/** How long one part of the story took. */
export interface Span {
  readonly what: string
  readonly ms: number
}

export interface QuarantineRow {
  readonly id: string
  readonly reason: string
  readonly files: number
  readonly bytes: number
}

/** How often each thing came. */
export type Counts = Readonly<Record<string, number>>

/** The end of the demo in figures. */
export interface Summary {
  /** True only if every claim was checked and held. */
  readonly ok: boolean
  readonly totalMs: number
  /** By act: closes as the supervisor classified them, e.g. `440 replaced`. */
  readonly closes: Readonly<Record<string, Counts>>
  /** Distinct messages that could not be read when they first came, by what Signal said. */
  readonly unreadable: Counts
  readonly notices: Counts
  readonly spans: readonly Span[]
  readonly quarantine: readonly QuarantineRow[]
  readonly claims: readonly Claim[]
}

/** Everything that the demo tells, in order. Plain data; only `code` holds something that is not meant for a log. */
export type DemoEvent =
  | {
      readonly type: 'opening'
      /** The demo waits this fraction of what the default policy waits. */
      readonly pace: number
    }
  | { readonly type: 'dashboard'; readonly url: string; readonly stays: boolean }
  | { readonly type: 'act'; readonly title: string; readonly text: string }
  | { readonly type: 'step'; readonly text: string }
  | { readonly type: 'code'; readonly code: string }
  | { readonly type: 'state'; readonly state: StateName; readonly message: string; readonly why?: string }
  | { readonly type: 'notice'; readonly kind: string; readonly message: string }
  | { readonly type: 'harm'; readonly files: readonly HarmedFile[] }
  | ({ readonly type: 'summary' } & Summary)

export type Tell = (event: DemoEvent) => void
