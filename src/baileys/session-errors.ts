import type { DecryptReason } from '../../machines/decrypt.ts'
import type { SignalEvent } from './console-tap.ts'
import { refineReason } from './decrypt-reason.ts'

/** How long a console line may wait for its message: v7 keeps events back for up to 30 s during a backlog. */
const maxAgeMs = 60_000
const maxKept = 256

interface Failed {
  readonly event: Extract<SignalEvent, { type: 'decrypt-failed' }>
  /** The how manieth it is. */
  readonly turn: number
}

/**
 * libsignal's reasons, waiting for the message they belong to. The console is the whole process's: a line may be
 * another account's, so it is believed only where address and time fit, and where all that fit say the same.
 */
export class SessionErrors {
  #kept: Failed[] = []
  #turn = 0

  /**
   * How many were said so far: what was said after a moment has a greater number than this is then. Costs less than a
   * clock.
   */
  get turn(): number {
    return this.#turn
  }

  add(event: SignalEvent): void {
    if (event.type !== 'decrypt-failed') return
    this.#turn += 1
    this.#kept.push({ event, turn: this.#turn })
    if (this.#kept.length > maxKept) this.#kept.shift()
  }

  /**
   * The reason of a failure that was noticed at the turn `until` for a stanza received at the turn `since`, refined by
   * what the sessions of one of its addresses said in between; `unknown` where two accounts' lines contradict each
   * other. `now` is `performance.now()`.
   */
  refine(
    reason: DecryptReason,
    addresses: readonly string[],
    since: number,
    until: number,
    now = performance.now(),
  ): DecryptReason {
    this.#kept = this.#kept.filter(({ event }) => now - event.at < maxAgeMs)
    if (reason !== 'bad-session') return reason
    const fits = ({ event, turn }: Failed) =>
      turn > since && turn <= until && (event.address === undefined || addresses.includes(event.address))
    const fitting = this.#kept.filter(fits)
    const reasons = new Set(fitting.map(({ event }) => refineReason(reason, event.errors)))
    // Told once. If it was another account's, that one has its own copy.
    this.#kept = this.#kept.filter((failed) => !fitting.includes(failed))
    const [only] = reasons
    return reasons.size > 1 ? 'unknown' : (only ?? reason)
  }
}
