import { describe, expect, test } from 'vitest'
import type { StateName } from '../../../machines/index.ts'
import type { HistoryEntry } from '../../../src/history/entry.ts'
import { availability, uptime } from '../../../src/history/incidents/availability.ts'

const hour = 3_600_000
const day = 24 * hour
const to = (hours: number, state: StateName): HistoryEntry => ({
  ...{ type: 'transition', at: hours * hour, from: 'preparing', to: state, event: 'e', generation: 1 },
})
const start = (hours: number, lastSeen?: number): HistoryEntry => ({
  ...{ type: 'start', at: hours * hour, mode: 'heal', unclean: lastSeen !== undefined },
  ...(lastSeen === undefined ? {} : { lastSeenAt: lastSeen * hour }),
})
const restarted = (hours: number, lastSeen: number): HistoryEntry => ({
  ...{ type: 'start', at: hours * hour, mode: 'heal', unclean: false, lastSeenAt: lastSeen * hour },
})
const crashed = (hours: number): HistoryEntry => ({ type: 'start', at: hours * hour, mode: 'heal', unclean: true })
const stop = (hours: number): HistoryEntry => ({ type: 'stop', at: hours * hour })
const alive = (hours: number): HistoryEntry => ({ type: 'alive', at: hours * hour })

describe('of the time that is on record', () => {
  /** Hours known and hours up, since which hour. */
  test.each<[string, readonly HistoryEntry[], number, readonly [known: number, up: number, since: number | null]]>([
    ['nothing counts before the first entry', [], 9, [0, 0, null]],
    ['connected and degraded is up', [to(1, 'healthy'), to(3, 'degraded'), alive(5)], 5, [4, 4, 1]],
    ['a lost connection is down', [to(1, 'healthy'), to(3, 'reconnecting'), alive(6)], 6, [5, 2, 1]],
    ['a code that nobody scans is down', [to(1, 'awaitingQr'), alive(6)], 6, [5, 0, 1]],
    [
      'a stop that was asked for counts as nothing',
      [to(1, 'healthy'), stop(3), to(8, 'healthy'), alive(9)],
      9,
      [3, 3, 1],
    ],
    ['supervision that stopped counts as nothing', [to(1, 'healthy'), to(3, 'stopped')], 9, [2, 2, 1]],
    [
      'a start after a stop is nothing yet',
      [to(1, 'healthy'), stop(2), start(5), to(6, 'healthy'), alive(7)],
      7,
      [2, 2, 1],
    ],
    ['a start is down until it is connected', [to(1, 'healthy'), start(3), to(4, 'healthy'), alive(5)], 5, [4, 3, 1]],
    [
      'a start that follows no crash is down from its start on',
      [to(1, 'healthy'), restarted(3, 2), to(4, 'healthy'), alive(5)],
      5,
      [4, 3, 1],
    ],
    [
      'a crash is down from its last sign of life',
      [to(1, 'healthy'), start(6, 3), to(7, 'healthy'), alive(8)],
      8,
      [7, 3, 1],
    ],
    [
      'a crash without a sign is down from its start on',
      [to(1, 'healthy'), crashed(6), to(7, 'healthy'), alive(8)],
      8,
      [7, 6, 1],
    ],
    ['a crash before anything else is down from its start on', [start(3, 1), to(4, 'healthy'), alive(5)], 5, [2, 1, 3]],
    [
      'a crash after a stop is down from its start on',
      [to(1, 'healthy'), stop(2), start(5, 1), to(6, 'healthy'), alive(7)],
      7,
      [3, 2, 1],
    ],
    ['silence is no end within half an hour', [to(1, 'healthy'), alive(2)], 2.5, [1.5, 1.5, 1]],
    ['silence is an end after more', [to(1, 'healthy'), alive(2)], 2.6, [1.6, 1, 1]],
    ['silence after a stop is none', [to(1, 'healthy'), stop(2)], 9, [1, 1, 1]],
    [
      'a clock that was set back counts nothing twice',
      [to(3, 'healthy'), to(2, 'reconnecting'), alive(3.2), to(4, 'healthy')],
      4.2,
      [1.2, 0.2, 3],
    ],
  ])('%s', (_, entries, now, [known, up, since]) => {
    const found = uptime(entries, now * hour, [0])
    expect([found.since === null ? null : found.since / hour, found.days.length]).toEqual([since, 1])
    expect(found.days[0]?.at).toBe(0)
    expect(found.days[0]?.knownMs).toBeCloseTo(known * hour, 0)
    expect(found.days[0]?.upMs).toBeCloseTo(up * hour, 0)
  })

  test('each day has its own, and the day, the week and the month theirs; what is not on record is no number', () => {
    const entries: HistoryEntry[] = [to(0, 'healthy'), to(12, 'reconnecting'), to(36, 'healthy'), alive(48)]
    expect(uptime(entries, 2 * day, [-day, 0, day]).days).toEqual([
      { at: -day, knownMs: 0, upMs: 0 },
      { at: 0, knownMs: day, upMs: day / 2 },
      { at: day, knownMs: day, upMs: day / 2 },
    ])
    expect(availability([...entries, alive(60)], 60 * hour)).toEqual({ h24: 1, d7: 0.6, d30: 0.6 })
    expect(availability(entries, 2 * day)).toEqual({ h24: 0.5, d7: 0.5, d30: 0.5 })
    expect(availability([], day)).toEqual({ h24: null, d7: null, d30: null })
    const long: HistoryEntry[] = [to(0, 'reconnecting'), to(24 * 20, 'healthy'), alive(24 * 40)]
    const { h24, d7, d30 } = availability(long, 40 * day)
    expect([h24, d7, d30?.toFixed(3)]).toEqual([1, 1, (20 / 30).toFixed(3)])
  })
})
