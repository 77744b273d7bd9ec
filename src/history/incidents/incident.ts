import type { IncidentEvent } from './events.ts'
import type { IncidentCause } from './fold.ts'
import type { Tally } from './tally.ts'

/**
 * Something that went wrong with an account, from its first sign to the moment that it was well again, told for people.
 */
export interface Incident {
  /** Made of its beginning, so that it stays the same as the history grows: `20261122T183512`. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly beganAt: number
  /** When it was over; undefined while it goes on. */
  readonly endedAt?: number
  readonly outcome: 'healed' | 'stopped' | 'open'
  readonly cause: IncidentCause
  /** For how long the account was not connected in it, the time that the process was off included. */
  readonly downMs: number
  /**
   * From the moment that supervision was at work on it to the end: without the time that the process was off. Only once
   * it is healed.
   */
  readonly healMs?: number
  readonly tally: Tally
  /** Observe mode: what is told of was not done. */
  readonly wouldHave: boolean
  /**
   * The incident in one sentence:
   * `down 4 min; 12 contacts unreadable; 12 sessions set aside; credentials untouched; healed in 9 s`.
   */
  readonly sentence: string
  readonly events: readonly IncidentEvent[]
}
