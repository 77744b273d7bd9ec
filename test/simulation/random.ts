/** Chance out of a seed (mulberry32): the same seed draws the same numbers, on every platform. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to 1. */
  next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0, below the bound. */
  below = (bound: number): number => Math.floor(this.next() * bound)

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)]
    if (picked === undefined) throw new RangeError('There is nothing to pick from.')
    return picked
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  /** Spread evenly over orders of magnitude: a second is as likely as an hour. */
  spread(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.next())
  }
}
