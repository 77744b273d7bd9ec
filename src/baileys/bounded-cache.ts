import { LRUCache } from 'lru-cache'

export interface CacheBounds {
  /** Most entries; the ones that were not asked for longest go first. */
  readonly entries: number
  /** How long an entry is kept after it was set, ms. Default: as long as there is room. */
  readonly ageMs?: number
}

interface Kept {
  readonly value: unknown
}

/**
 * A cache as both lines of Baileys want one. Hands out what it was given, not copies; takes no memory until something
 * is kept, and no timer.
 */
export class BoundedCache {
  readonly #bounds: CacheBounds
  #kept: LRUCache<string, Kept> | undefined

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds
  }

  get<T>(key: string): T | undefined {
    return this.#kept?.get(key)?.value as T | undefined
  }

  /** The same, and the entry goes no later for it. */
  peek<T>(key: string): T | undefined {
    return this.#kept?.peek(key)?.value as T | undefined
  }

  set<T>(key: string, value: T): void {
    const { entries, ageMs } = this.#bounds
    // By size alone: room for all entries that there may ever be would be taken at once.
    this.#kept ??= new LRUCache({
      maxSize: entries,
      sizeCalculation: () => 1,
      ...(ageMs === undefined ? {} : { ttl: ageMs, ttlResolution: 0, perf }),
    })
    this.#kept.set(key, { value })
  }

  del(key: string): void {
    this.#kept?.delete(key)
  }

  flushAll(): void {
    this.#kept?.clear()
  }
}

/** As it is at the moment: the cache's own took hold of the clock when it was loaded. */
const perf = { now: () => performance.now() }
