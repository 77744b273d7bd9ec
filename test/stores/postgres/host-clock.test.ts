import { expect, test, vi } from 'vitest'
import { nodeHostClock } from '../../../src/stores/postgres/host-clock.ts'

test('the clocks of a host are its own: one that only rises, the time of day, and a timer that keeps no process alive', () => {
  vi.useFakeTimers({ now: 1_000_000_000_000 })
  try {
    const [now, wall] = [nodeHostClock.now(), nodeHostClock.wall()]
    vi.setSystemTime(900_000_000_000)
    expect([nodeHostClock.now() - now, nodeHostClock.wall(), wall]).toEqual([0, 900_000_000_000, 1_000_000_000_000])
    let steps = 0
    const timer = nodeHostClock.every(100, () => {
      steps += 1
    })
    vi.advanceTimersByTime(350)
    expect([nodeHostClock.now() - now, nodeHostClock.wall() - 900_000_000_000, steps]).toEqual([350, 350, 3])
    timer.stop()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const quiet = nodeHostClock.every(60_000, () => undefined)
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before)
  quiet.stop()
})
