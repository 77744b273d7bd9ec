import { BoundedCache, type CacheBounds } from '../bounded-cache.ts'
import type { Backlog } from './backlog.ts'

interface Kept {
  readonly value: unknown
  /** The connection over which it came, or was last changed. */
  readonly connection: number
}

/**
 * Which devices contacts have. What came over an earlier connection counts again only when the backlog has arrived,
 * since a message to devices of yesterday misses those of today: version 7, which asks for several at once, waits for
 * that a moment; 6 asks the server again.
 */
export class DeviceCache {
  readonly #kept: BoundedCache
  readonly #backlog: Backlog

  constructor(bounds: CacheBounds, backlog: Backlog) {
    this.#kept = new BoundedCache(bounds)
    this.#backlog = backlog
  }

  get<T>(key: string): T | undefined {
    const kept = this.#kept.get<Kept>(key)
    const counts = kept && (this.#backlog.isIn || kept.connection === this.#backlog.connection)
    return counts ? (kept.value as T) : undefined
  }

  set<T>(key: string, value: T): void {
    this.#kept.set<Kept>(key, { value, connection: this.#backlog.connection })
  }

  del(key: string): void {
    this.#kept.del(key)
  }

  flushAll(): void {
    this.#kept.flushAll()
  }

  async mget<T>(keys: string[]): Promise<Record<string, T | undefined>> {
    const isDoubtful = (key: string) => this.#kept.get(key) !== undefined && this.get(key) === undefined
    if (keys.some(isDoubtful)) await this.#backlog.arrival()
    return Object.fromEntries(keys.map((key) => [key, this.get<T>(key)]))
  }

  mset<T>(entries: { key: string; value: T }[]): void {
    for (const { key, value } of entries) this.set(key, value)
  }

  mdel(keys: string[]): void {
    for (const key of keys) this.del(key)
  }
}
