import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DatabaseTime } from '../../../src/stores/postgres/database-time.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A database whose clock is `ahead` of this host's, and how often it was asked. */
function database(ahead: number) {
  const seen = { asked: 0, ahead }
  const time = new DatabaseTime(async () => {
    seen.asked += 1
    return Date.now() + seen.ahead
  })
  return { seen, time }
}

test('the clock of the database is asked once a minute, and runs on by itself meanwhile', async () => {
  const { seen, time } = database(5_000)
  expect(await time.now()).toBe(1_005_000)
  vi.advanceTimersByTime(59_999)
  expect(await time.now()).toBe(1_064_999)
  expect(seen.asked).toBe(1)
  vi.advanceTimersByTime(1)
  expect(await time.now()).toBe(1_065_000)
  expect(seen.asked).toBe(2)
})

test('it is asked anew by a host that has slept, and never goes back', async () => {
  const { seen, time } = database(0)
  await time.now()
  vi.setSystemTime(1_000_999)
  expect(await time.now()).toBe(1_000_000)
  expect(seen.asked).toBe(1)
  vi.setSystemTime(1_001_000)
  expect(await time.now()).toBe(1_001_000)
  expect(seen.asked).toBe(2)
  seen.ahead = -9_000
  vi.advanceTimersByTime(60_000)
  const last = await time.now()
  seen.ahead = -90_000
  vi.advanceTimersByTime(60_000)
  expect(await time.now()).toBeGreaterThanOrEqual(last)
})
