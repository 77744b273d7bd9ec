import type { Assessment, Context, OutboundAssessment } from '../../../machines/index.ts'
import type { Act } from '../../history/entry.ts'

/** Where the services write down what they did to the stored account, and in observe mode what they would have done. */
export interface AccountJournal {
  /** The account was claimed again in the middle of a run. */
  claimed(): void
  act(act: Act, sessions?: number, why?: string): void
  /** What is known of messages that cannot be read. */
  unreadable(assessment: Assessment): void
  /** What is known of contacts that cannot read what was sent. */
  unheard(assessment: OutboundAssessment): void
  would(act: Act, sessions: number | undefined, why: string): void
  wouldPrune(withheld: NonNullable<Context['withheld']>): void
}
