import type { Status } from '../../machines/index.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import type { NoticeKeep } from './keep.ts'
import type { Notice } from './notice.ts'

/**
 * Who is told: a function, which may return a promise, or a channel with a life of its own, such as `webhook(…)`.
 * What either throws is reported and harms nothing.
 */
export type Notifier =
  /** A function, which may return a promise. */
  ((notice: Notice) => unknown) | NoticeChannel

/**
 * A channel that needs to know when supervision begins and ends: because it keeps notices until they are delivered, or
 * uses the line itself.
 */
export interface NoticeChannel {
  /** Names the channel in messages and its place on disk, so it should stay the same from run to run. */
  readonly name: string
  /** Supervision of one account begins. Called once for each `line.start()`; one channel may serve several accounts. */
  open(context: ChannelContext): OpenChannel
}

/** A channel at work for one account. */
export interface OpenChannel {
  /** A notice is to be told. What it throws is logged and harms nothing. */
  tell(notice: Notice): unknown
  /**
   * Supervision ends: no timer, request or process is left when it resolves, and what was not delivered stays where it
   * is kept. At most about a second.
   */
  close?(): unknown
}

/** What a channel is given when it opens. */
export interface ChannelContext {
  /** The name of the account. */
  readonly account: string
  /** The channel's own place to keep notices, over restarts too if the store has a folder. */
  readonly keep: NoticeKeep
  /** The line that the notices are of. */
  readonly line: ChannelLine
  /** Something failed: into the line's log and history, cleaned of secrets. `doing` completes "failed while …". */
  readonly report: (error: unknown, doing: string) => void
}

/** The part of the line that a channel may use. */
export interface ChannelLine {
  /** As `Lifeline.status`. */
  readonly status: Status
  /** The live socket, while it is open. */
  readonly socket: BaileysSocket | undefined
  /** Returns the unsubscribe function. */
  on(event: 'status', listener: (status: Status) => void): () => void
}
