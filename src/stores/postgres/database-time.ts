/** How long a look at the database's clock is good for, in milliseconds. */
const lastsMs = 60_000
/** A step of the wall clock by this much against the other one: this host may have slept. */
const sleptMs = 1_000

/** The database's clock, as this host knows it: the one clock that all hosts of a fleet share. Epoch milliseconds. */
export class DatabaseTime {
  readonly #ask: () => Promise<number>
  #last = 0
  #known: { readonly at: number; readonly ahead: number; readonly drift: number } | undefined

  constructor(ask: () => Promise<number>) {
    this.#ask = ask
  }

  async now(): Promise<number> {
    const drift = Date.now() - performance.now()
    const known = this.#known
    if (known && performance.now() - known.at < lastsMs && Math.abs(drift - known.drift) < sleptMs)
      return this.#later(performance.now() + known.ahead)
    const before = performance.now()
    const told = await this.#ask()
    const at = performance.now()
    this.#known = { at, ahead: told - (before + at) / 2, drift: Date.now() - at }
    return this.#later(told)
  }

  /** Never earlier than it was before. */
  #later(now: number): number {
    this.#last = Math.max(this.#last, Math.round(now))
    return this.#last
  }
}
