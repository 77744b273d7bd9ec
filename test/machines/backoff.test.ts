import { expect, test } from 'vitest'
import { immediate } from '../../machines/backoff.ts'
import { conflictDelay, defaultPolicy, nextDelay } from '../../machines/index.ts'

const policy = defaultPolicy.reconnect

/** The delays of the attempts from 1 on, at the same chance. */
function expectDelays(chance: number, expected: readonly number[], options = policy): void {
  expect(expected.map((_, index) => nextDelay(index + 1, options, chance).delayMs)).toEqual(expected)
}

test('the fast ladder grows by 1.8 to its cap, and the slow cadence follows', () => {
  expectDelays(
    1,
    [2_000, 3_600, 6_480, 11_664, 20_995, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000, 900_000, 900_000],
  )
})

test('jitter is full on the fast ladder and even between its bounds on the slow cadence', () => {
  expectDelays(0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 300_000, 300_000])
  expectDelays(
    0.5,
    [1_000, 1_800, 3_240, 5_832, 10_498, 15_000, 15_000, 15_000, 15_000, 15_000, 15_000, 15_000, 600_000],
  )
})

test('each delay says which cadence it belongs to', () => {
  expect(nextDelay(12, policy, 0.5).cadence).toBe('fast')
  expect(nextDelay(13, policy, 0.5).cadence).toBe('slow')
  expect(conflictDelay(defaultPolicy.conflict, 0.5)).toEqual({ delayMs: 45_000, cadence: 'conflict' })
})

test('no number of attempts overflows', () => {
  for (const attempt of [0, 1, 1_000, 1e6, Number.MAX_SAFE_INTEGER])
    for (const fastAttempts of [0, 12, 1e6]) {
      const { delayMs } = nextDelay(attempt, { ...policy, fastAttempts, factor: 10 }, 0.999)
      expect(delayMs).toBeGreaterThan(0)
      expect(delayMs).toBeLessThanOrEqual(policy.slowMaxMs)
    }
})

test('without a fast ladder the slow cadence begins at once', () => {
  expectDelays(0, [300_000, 300_000], { ...policy, fastAttempts: 0 })
})

test('at once is without any wait', () => {
  expect(immediate).toEqual({ delayMs: 0, cadence: 'immediate' })
})
