import type { Status } from '../../machines/index.ts'
import { isOpen } from '../../machines/open-states.ts'

const trying: ReadonlySet<Status['state']> = new Set(['preparing', 'connecting', 'reconnecting'])

/** A host that was found to be cut off rests so many times longer each time that it is found so again. */
const mostDoublings = 6

/** Whether this host gets through to WhatsApp at all, judged by its accounts. */
export class Online {
  readonly #offlineMs: number
  readonly #now: () => number
  #since: number | undefined
  #until = Number.NEGATIVE_INFINITY
  #times = 0

  constructor(offlineMs: number, now: () => number = () => performance.now()) {
    this.#offlineMs = offlineMs
    this.#now = now
  }

  /** None of its accounts has got through for long, and its rest from that is not over. */
  get lost(): boolean {
    return this.#now() < this.#until
  }

  look(statuses: readonly Status[]): void {
    const now = this.#now()
    if (statuses.some(({ state }) => isOpen(state))) {
      this.#since = undefined
      this.#until = Number.NEGATIVE_INFINITY
      this.#times = 0
      return
    }
    if (!statuses.some(({ state }) => trying.has(state))) {
      this.#since = undefined
      return
    }
    this.#since ??= now
    if (now - this.#since < this.#offlineMs || this.lost) return
    this.#until = now + this.#offlineMs * 2 ** Math.min(mostDoublings, this.#times)
    this.#times += 1
  }
}
