import { expect, test } from 'vitest'
import { leaseTiming } from '../../../src/stores/postgres/timing.ts'

test('a lease has its defaults, each of which may be another', () => {
  const defaults = { ttlMs: 30_000, renewMs: 10_000, marginMs: 5_000 }
  expect(leaseTiming()).toEqual(defaults)
  expect(leaseTiming({ marginMs: 0 })).toEqual({ ...defaults, marginMs: 0 })
  expect(leaseTiming({ ttlMs: 3_600_000, renewMs: 50 })).toEqual({ ...defaults, ttlMs: 3_600_000, renewMs: 50 })
})

test.each([
  [{ ttlMs: 25_001 }, undefined],
  [{ ttlMs: 25_000 }, 'lease.ttlMs'],
  [{ ttlMs: 299 }, 'lease.ttlMs'],
  [{ ttlMs: 3_600_001 }, 'lease.ttlMs'],
  [{ renewMs: 12_499 }, undefined],
  [{ renewMs: 12_500 }, 'lease.ttlMs'],
  [{ renewMs: 49 }, 'lease.renewMs'],
  [{ marginMs: 9_999 }, undefined],
  [{ marginMs: 10_000 }, 'lease.ttlMs'],
  [{ marginMs: -1 }, 'lease.marginMs'],
])('of %j what is refused is: %s', (given, path) => {
  let refused: unknown
  try {
    leaseTiming(given)
  } catch (error) {
    refused = Object(error).path
  }
  expect(refused).toBe(path)
})
