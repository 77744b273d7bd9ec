import type { WASocket } from '../../baileys/baileys-types.ts'
import type { Lifeline } from '../../index.ts'
import type { Cast } from './cast.ts'
import type { Claims } from './claims.ts'
import type { Tell } from './events.ts'
import type { LineRecord } from './line-record.ts'
import type { Inbox } from './talk.ts'

/** What every scene of the demo plays on. */
export interface Stage {
  readonly cast: Cast
  /** The account's folder. */
  readonly folder: string
  readonly claims: Claims
  readonly tell: Tell
}

/** The stage after the reboot, with a supervised line in this process. */
export interface SupervisedStage extends Stage {
  readonly line: Lifeline<WASocket>
  readonly record: LineRecord
  /** What the line has read. */
  readonly inbox: Inbox
}
