import { expect, test } from 'vitest'
import { dateOf, momentOf, timeOf } from '../../src/cli/moment.ts'

const now = Date.parse('2026-03-04T05:06:07Z')

test.each<[string, number]>([
  ['30s', now - 30_000],
  ['45min', now - 45 * 60_000],
  ['45m', now - 45 * 60_000],
  ['2 h', now - 2 * 3_600_000],
  ['1.5h', now - 5_400_000],
  [' 7d ', now - 7 * 86_400_000],
  ['1w', now - 7 * 86_400_000],
  // A date is the midnight of this place; with a time it is what it says.
  ['2026-03-01', new Date(2026, 2, 1).getTime()],
  ['2026-03-01T18:00', new Date(2026, 2, 1, 18).getTime()],
  ['2026-03-01T18:00Z', Date.UTC(2026, 2, 1, 18)],
])('%s is a moment', (given, at) => {
  expect(momentOf(given, now, '--since')).toBe(at)
})

test('what is no time is refused by the name of its option', () => {
  for (const given of ['', 'soon', '7y', 'd', '2026-13-01', '-2h'])
    expect(() => momentOf(given, now, '--until'), given).toThrow(`--until: ${given} is not a time.`)
})

test('a time is written with two digits each', () => {
  const at = new Date(2026, 0, 2, 3, 4, 5).getTime()
  expect([timeOf(at), dateOf(at)]).toEqual(['03:04:05', '2026-01-02 03:04:05'])
  expect(dateOf(new Date(2026, 10, 22, 18, 35, 12).getTime())).toBe('2026-11-22 18:35:12')
})
