import { expect, test } from 'vitest'
import { toldThresholds } from '../../src/cli/thresholds.ts'

test('a threshold is told with what it usually is and what it may be, in its unit', () => {
  const told = new Map(toldThresholds.map(({ path, usual, allowed }) => [path, `${usual} | ${allowed}`]))
  const some = [
    'reconnect.initialMs',
    'reconnect.factor',
    'resend.keep',
    'quarantine.maxBytes',
    'quarantine.keepDays',
    'liveness.roundTripMs',
  ]
  expect(some.map((path) => told.get(path))).toEqual([
    '2 s | from 1 ms, at most reconnect.maxMs',
    '1.8 | 1 to 10',
    'memory | memory, store, off',
    '256 MiB | from 0 bytes',
    '30 | 0 to 36500',
    '0 ms | from 0 ms',
  ])
  expect([...told.values()].filter((words) => /undefined|NaN|Infinity/.test(words))).toEqual([])
})
