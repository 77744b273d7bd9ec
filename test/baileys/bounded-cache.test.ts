import { expect, test, vi } from 'vitest'
import { BoundedCache } from '../../src/baileys/bounded-cache.ts'

test('a cache keeps what it was given until there is no room, what was not asked for longest goes first', () => {
  const cache = new BoundedCache({ entries: 2 })
  expect([cache.get('a'), cache.peek('a')]).toEqual([undefined, undefined])
  cache.del('a')
  cache.flushAll()
  const value = { x: 1 }
  cache.set('a', value)
  cache.set('b', undefined)
  expect([cache.get('a') === value, cache.peek('b')]).toEqual([true, undefined])
  cache.peek('b')
  cache.set('c', 3)
  expect([cache.peek('a'), cache.peek('b'), cache.peek('c')]).toEqual([value, undefined, 3])
  cache.del('a')
  expect([cache.get('a'), cache.get('c')]).toEqual([undefined, 3])
  cache.flushAll()
  expect(cache.get('c')).toBeUndefined()
})

test('an entry of a cache with an age goes at that age, counted from when it was set', () => {
  vi.useFakeTimers()
  try {
    // At the very beginning of a clock the cache knows no age.
    vi.advanceTimersByTime(1)
    const cache = new BoundedCache({ entries: 2, ageMs: 1_000 })
    const lasting = new BoundedCache({ entries: 2 })
    for (const one of [cache, lasting]) one.set('a', 1)
    vi.advanceTimersByTime(1_000)
    // The clock of the system may be set: no time has passed by that.
    vi.setSystemTime(Date.now() + 86_400_000)
    expect([cache.get('a'), vi.getTimerCount()]).toEqual([1, 0])
    vi.advanceTimersByTime(1)
    expect([cache.get('a'), cache.peek('a'), lasting.get('a')]).toEqual([undefined, undefined, 1])
  } finally {
    vi.useRealTimers()
  }
})
