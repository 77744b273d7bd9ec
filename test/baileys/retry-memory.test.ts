import { MessageRetryManager } from '@whiskeysockets/baileys'
import { LRUCache } from 'lru-cache'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fillRetryMemoryAsNeeded } from '../../src/baileys/retry-memory.ts'
import type { BaileysSocket } from '../../src/baileys/socket.ts'
import { silentLogger } from '../silent-logger.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const socketWith = (messageRetryManager: unknown) => ({ messageRetryManager }) as BaileysSocket
const chat = '4915100000001@s.whatsapp.net'

function memory(): MessageRetryManager {
  const manager = new MessageRetryManager(silentLogger, 5)
  fillRetryMemoryAsNeeded(socketWith(manager))
  return manager
}

/** Places that its caches have laid out for what they may keep, and for when it came and how long it stays. */
function placesIn(manager: MessageRetryManager): number {
  const caches = Object.values(manager).filter((one) => typeof one?.constructor?.unsafeExposeInternals === 'function')
  expect(caches).toHaveLength(4)
  return caches
    .map((cache) => cache.constructor.unsafeExposeInternals(cache))
    .flatMap(({ next, prev, starts, ttls }) => [next, prev, starts, ttls])
    .reduce((sum, list) => sum + (list?.length ?? 0), 0)
}

describe("Baileys 7's memory of retries in a supervised socket", () => {
  test('takes no room before there is anything in it', () => {
    const manager = new MessageRetryManager(silentLogger, 5)
    expect(placesIn(manager)).toBeGreaterThan(4_000)
    fillRetryMemoryAsNeeded(socketWith(manager))
    expect(placesIn(manager)).toBe(0)
    // Nothing of what was laid out is left.
    expect(manager).toMatchObject({
      recentMessagesMap: { max: 0, maxSize: 512 },
      baseKeys: { max: 0, maxSize: 1_024 },
    })
  })

  test('has the bounds that it had, and keeps what it kept', () => {
    const theirs = new MessageRetryManager(silentLogger, 5)
    const seen = [theirs, memory()].map((manager) => {
      for (let at = 0; at < 600; at++) manager.addRecentMessage(chat, `M${at}`, { conversation: `${at}` })
      for (let at = 0; at < 1_100; at++) manager.saveBaseKey('a.0', `M${at}`, Buffer.from([at % 256]))
      const found = (id: string) => manager.getRecentMessage(chat, id)?.message.conversation
      const known = (at: number) => manager.hasSameBaseKey('a.0', `M${at}`, Buffer.from([at % 256]))
      return {
        messages: ['M87', 'M88', 'M599'].map(found),
        keys: [75, 76, 1_099].map(known),
        // What makes room goes out of the list of ids, too.
        ids: Reflect.get(manager, 'messageKeyIndex').size,
        ages: ['recentMessagesMap', 'baseKeys', 'retryCounters', 'sessionRecreateHistory'].map((name) => {
          const { ttl, ttlAutopurge, updateAgeOnGet, size } = Reflect.get(manager, name)
          return { ttl, ttlAutopurge, updateAgeOnGet, size }
        }),
      }
    })
    expect(seen[0]?.messages).toEqual([undefined, '88', '599'])
    expect(seen[1]).toEqual(seen[0])
  })

  test('has as many timers for the age of what it keeps, and none once it is cleared', () => {
    const counts = [new MessageRetryManager(silentLogger, 5), memory()].map((manager) => {
      const before = vi.getTimerCount()
      manager.addRecentMessage(chat, 'M1', { conversation: '1' })
      manager.saveBaseKey('a.0', 'M1', Buffer.from([1]))
      const kept = vi.getTimerCount() - before
      manager.clear()
      return [kept, vi.getTimerCount() - before]
    })
    expect(counts).toEqual([
      [2, 0],
      [2, 0],
    ])
  })
})

test('what is in use, or no cache of that kind, stays as it is', () => {
  const used = new LRUCache<string, number>({ max: 10 })
  used.set('a', 1)
  const bySize = new LRUCache<string, number>({ maxSize: 10, sizeCalculation: () => 1 })
  const refuses = Object.assign(new LRUCache<string, number>({ max: 10 }), { constructor: 'none' })
  const both = new LRUCache<string, number>({ max: 10, maxSize: 10, sizeCalculation: () => 1 })
  const unbounded = new LRUCache<string, number>({ ttl: 1_000, ttlAutopurge: true })
  class Odd {
    readonly max = 10
    readonly maxSize = 0
    readonly size = 0
  }
  const memory = { used, bySize, both, unbounded, odd: new Odd(), refuses, map: new Map(), count: 3, none: null }
  const before = { ...memory }
  fillRetryMemoryAsNeeded(socketWith(memory))
  expect(Object.entries(memory).every(([name, part]) => Reflect.get(before, name) === part)).toBe(true)
  expect(() => fillRetryMemoryAsNeeded(socketWith(undefined))).not.toThrow()
})
