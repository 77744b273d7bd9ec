import type { NoticeKind } from '../../machines/index.ts'

/** What an owner is told, on a channel other than the one that may be down. Plain data without secrets. */
export interface Notice {
  /** Unique; a channel that delivers twice can be deduplicated by it. */
  readonly id: string
  /** The name of the account. */
  readonly account: string
  /** What happened, in one word. */
  readonly kind: NoticeKind
  /** Epoch milliseconds of what happened, not of its delivery. */
  readonly at: number
  /** What happened, in plain words. */
  readonly message: string
  /** What to do about it, if anything. */
  readonly remediation?: string
  /** Plain data without secrets, by the kind of the notice. */
  readonly details: Readonly<Record<string, unknown>>
}
