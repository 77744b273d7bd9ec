/**
 * What a value may be after a crash, by the number of calls that the disk had carried out: the last acknowledged one,
 * or any that was issued later.
 */
export class Expected {
  readonly #saves = new Map<string, { readonly value: unknown; readonly issuedAt: number; acknowledgedAt: number }[]>()
  /** What was saved together, in the order in which it was issued. */
  readonly #sets: (readonly (readonly [key: string, value: unknown])[])[] = []
  readonly #calls: () => number

  constructor(calls: () => number) {
    this.#calls = calls
  }

  /** Notes a save that begins now; the function notes that it was acknowledged. */
  issue(values: readonly (readonly [key: string, value: unknown])[]): () => void {
    this.#sets.push(values)
    const acknowledge = values.map(([key, value]) => this.#issue(key, value))
    return () => {
      for (const one of acknowledge) one()
    }
  }

  /** Whether these are what the saves up to some one of them left: all of each, and none without those before it. */
  isReached(found: ReadonlyMap<string, unknown>): boolean {
    const state = new Map<string, unknown>()
    return this.#sets.some((set) => {
      for (const [key, value] of set) state.set(key, value)
      return [...found].every(([key, value]) => value === (state.get(key) ?? null))
    })
  }

  #issue(key: string, value: unknown): () => void {
    const save = { value, issuedAt: this.#calls(), acknowledgedAt: Number.POSITIVE_INFINITY }
    const saves = this.#saves.get(key) ?? []
    this.#saves.set(key, saves)
    saves.push(save)
    return () => {
      save.acknowledgedAt = this.#calls()
    }
  }

  /** What may stand there after so many calls. */
  of(key: string, calls: number): readonly unknown[] {
    const issued = (this.#saves.get(key) ?? []).filter(({ issuedAt }) => issuedAt <= calls)
    const acknowledged = issued.findLastIndex(({ acknowledgedAt }) => acknowledgedAt <= calls)
    const values = issued.slice(Math.max(0, acknowledged)).map(({ value }) => value)
    return acknowledged < 0 ? [null, ...values] : values
  }
}
