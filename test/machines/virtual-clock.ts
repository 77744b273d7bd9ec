interface Timer {
  readonly at: number
  readonly run: () => void
}

/**
 * Time that jumps from deadline to deadline and lets every promise settle in between, so that chained timers each fire
 * at their own moment.
 */
export class VirtualClock {
  #now = 0
  #next = 1
  readonly #timers = new Map<number, Timer>()
  /** What the wall clock shows beyond the time that passed; a test sets the clock by changing it. */
  wallOffset = Date.UTC(2026, 0, 1)

  /** Milliseconds since the clock was made: monotonic, as XState's own scheduler reads it. */
  now = (): number => this.#now
  /** The wall clock, epoch milliseconds. */
  wall = (): number => this.#now + this.wallOffset

  setTimeout = (run: (...args: never[]) => void, ms = 0): number => {
    const id = this.#next++
    // Node fires a timer that is too long, or no number, after one millisecond.
    const delay = ms >= 1 && ms <= 2_147_483_647 ? ms : ms === 0 ? 0 : 1
    this.#timers.set(id, { at: this.#now + delay, run: run as () => void })
    return id
  }

  clearTimeout = (id: number): void => {
    this.#timers.delete(id)
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.#timers.size
  }

  /** Lets every promise that can settle do so. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }

  /** Moves on by `ms`, or until `done` says so after a deadline. Answers whether it did. */
  async advance(ms: number, done: () => boolean = () => false): Promise<boolean> {
    const end = this.#now + ms
    await this.settle()
    while (!done()) {
      const due = this.#due(end)
      if (due === undefined) {
        this.#now = end
        return done()
      }
      const [id, timer] = due
      this.#now = timer.at
      this.#timers.delete(id)
      timer.run()
      await this.settle()
    }
    return true
  }

  #due(end: number): [number, Timer] | undefined {
    let found: [number, Timer] | undefined
    for (const entry of this.#timers)
      if (entry[1].at <= end && (found === undefined || entry[1].at < found[1].at)) found = entry
    return found
  }
}
