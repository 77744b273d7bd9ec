type Stamp = number | null

interface SetOfKeys {
  readonly ids: readonly number[]
  readonly stamp: Stamp
  fate: 'on its way' | 'acknowledged' | 'refused'
}

/** What may be there, and what has to be, by what was said to whoever saved it. */
export class Truth {
  /** In the order in which they were issued. */
  #sets: SetOfKeys[] = []
  /** What stood there at the last start. */
  #base = new Map<number, Stamp>()
  /** By another program, since the last end. */
  #others = new Map<number, number>()
  /** By what was in the journal alone then: one of these has to be kept. */
  #owed = new Map<number, readonly number[]>()

  set(ids: readonly number[], stamp: Stamp): (acknowledged: boolean) => void {
    const one: SetOfKeys = { ids, stamp, fate: 'on its way' }
    this.#sets.push(one)
    return (acknowledged) => {
      one.fate = acknowledged ? 'acknowledged' : 'refused'
    }
  }

  /** A read while the process lives. */
  read(id: number, found: Stamp): void {
    const counting = this.#sets.filter(({ ids, fate }) => ids.includes(id) && fate !== 'refused')
    const newest = counting.at(-1)?.stamp ?? (counting.length > 0 ? null : (this.#base.get(id) ?? null))
    // One that was refused may have come through all the same, where it was the newest.
    const may = [newest, ...this.#refusedAfter(id)]
    if (!may.includes(found)) throw new Error(`a read of ${id} gave ${found}, and ${may.join(' or ')} was saved`)
  }

  #refusedAfter(id: number): readonly Stamp[] {
    const about = this.#sets.filter(({ ids }) => ids.includes(id))
    const last = about.findLastIndex(({ fate }) => fate !== 'refused')
    return about.slice(last + 1).map(({ stamp }) => stamp)
  }

  /** What may stand there after an end without a word. */
  #may(id: number): readonly Stamp[] {
    const about = this.#sets.filter(({ ids }) => ids.includes(id))
    const last = about.findLastIndex(({ fate }) => fate === 'acknowledged')
    const later = about.slice(Math.max(0, last)).map(({ stamp }) => stamp)
    return last < 0 ? [this.#base.get(id) ?? null, ...later] : later
  }

  /** Another program wrote `stamp` where `stood` was. */
  overwritten(id: number, stamp: number, stood: Stamp): void {
    const may = this.#may(id)
    const stamps = may.filter((one) => one !== null)
    if (!this.#others.has(id) && stamps.length === may.length && !may.includes(stood)) this.#owed.set(id, stamps)
    this.#others.set(id, stamp)
  }

  /** What a start finds, and the stamps of all that was set aside. */
  found(values: ReadonlyMap<number, Stamp>, aside: ReadonlySet<number>): void {
    for (const [id, stamp] of values) {
      const other = this.#others.get(id)
      const may = other === undefined ? this.#may(id) : [other]
      if (!may.includes(stamp)) throw new Error(`a start found ${stamp} for ${id}, and may find ${may.join(' or ')}`)
    }
    for (const [id, stamps] of this.#owed)
      if (!stamps.some((stamp) => aside.has(stamp))) throw new Error(`none of ${stamps} for ${id} is kept`)
    for (const set of this.#sets) this.#refuseMixture(set, values)
    this.#base = new Map(values)
    this.#sets = []
    this.#others = new Map()
    this.#owed = new Map()
  }

  /** If one of its keys is there, the others are, or something newer. */
  #refuseMixture({ ids, stamp }: SetOfKeys, values: ReadonlyMap<number, Stamp>): void {
    const at = this.#sets.findIndex((set) => set.stamp === stamp && set.ids === ids)
    if (stamp === null || !ids.some((id) => values.get(id) === stamp && !this.#others.has(id))) return
    for (const id of ids) {
      if (this.#others.has(id)) continue
      const later = this.#sets.slice(at).filter((set) => set.ids.includes(id))
      const value = values.get(id) ?? null
      if (!later.some((set) => set.stamp === value))
        throw new Error(`of the set ${stamp} key ${id} is missing: it holds ${value}`)
    }
  }
}
