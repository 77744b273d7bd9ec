import { read } from '../errors/error-chain.ts'
import type { BaileysSocket } from './socket.ts'

/** What of lru-cache is looked at, which is what version 7 keeps its memory of retries in. */
interface Bounded {
  readonly max: number
  readonly maxSize: number
  readonly size: number
  readonly constructor: new (options: object) => object
}

/** What else a cache of that kind is told, each shown under the same name. */
const told = ['ttl', 'ttlResolution', 'ttlAutopurge', 'updateAgeOnGet', 'updateAgeOnHas', 'allowStale', 'dispose']

/**
 * Version 7 lays out room for all the messages and keys that its memory of retries may ever hold, 70 kB with each
 * socket, before it holds any. Here that memory gets the same bounds, and room as it fills. What looks otherwise is
 * left as it is; version 6 has none.
 */
export function fillRetryMemoryAsNeeded(socket: BaileysSocket): void {
  const memory: unknown = socket.messageRetryManager
  if (typeof memory !== 'object' || memory === null) return
  for (const [name, cache] of Object.entries(memory)) {
    if (!isLaidOut(cache)) continue
    try {
      const options = Object.fromEntries(told.map((option) => [option, read(cache, option)]))
      const Cache = cache.constructor
      Reflect.set(memory, name, new Cache({ ...options, maxSize: cache.max, sizeCalculation: one }))
    } catch {
      // Another version of it wants other options: its own does the work as well.
    }
  }
}

/** Out here: a function of the loop would hold on to the cache that it replaces. */
const one = (): number => 1

const isLaidOut = (cache: unknown): cache is Bounded =>
  typeof cache === 'object' &&
  cache !== null &&
  read(cache, 'maxSize') === 0 &&
  read(cache, 'size') === 0 &&
  told.every((option) => option in cache)
