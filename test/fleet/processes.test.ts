import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { harmed, harms } from '../../bench/fleet/harms.ts'
import { lease } from '../../bench/fleet/host-messages.ts'
import { Trial } from '../../bench/fleet/trial.ts'

/** With a number of accounts given every harm is done; `npm run soak:fleet` does the same with thirty. */
const given = process.env.LIFELINE_FLEET_ACCOUNTS
const everyTime = [
  'SIGKILL of a host',
  'SIGSTOP for longer than a lease lasts',
  'a host is cut from the database',
  'everyone is cut from the database for less than a lease lasts',
  'SIGTERM of all hosts, one by one',
]
const most: Readonly<Record<string, number>> = {
  'SIGKILL of a host': lease.ttlMs + 5_000,
  'SIGSTOP for longer than a lease lasts': lease.ttlMs + 5_000,
  'a host is cut from the database': lease.ttlMs + 5_000,
  'everyone is cut from the database for longer': lease.ttlMs + 5_000,
  // Handed over: nobody waits for a lease to end. On a quiet machine it is about a second, most of it Baileys' own login.
  'SIGTERM of all hosts, one by one': lease.ttlMs,
}

let trial: Trial

beforeAll(async () => {
  trial = await Trial.open(Number(given ?? 6))
  await trial.link(['a', 'b', 'c'])
}, 200_000)
afterAll(() => trial.close(), 60_000)

describe('three host processes with one database', () => {
  test.each(given === undefined ? everyTime : Object.keys(harms))(
    'have each account once, knock nobody off and miss no message: %s',
    async (name) => {
      const before = trial.traffic.cutShort.length
      const { tookOverMs, replaced, allowed } = await harmed(trial, name)
      expect(tookOverMs ?? 0).toBeLessThanOrEqual(most[name] ?? 0)
      expect(replaced).toBeLessThanOrEqual(allowed)
      expect(trial.traffic.twice).toEqual([])
      expect(trial.badMacs).toBe(0)
      if (!name.startsWith('SIGKILL')) expect(trial.traffic.cutShort).toHaveLength(before)
    },
    300_000,
  )

  test('show every account and its host to a host that has none', async () => {
    await trial.until(
      () => trial.watcher.lines().every(({ host, status }) => host !== undefined && status.state === 'healthy'),
      20_000,
      'every account seen',
    )
    expect(trial.watcher.lines().map(({ account }) => account)).toEqual(trial.accounts)
    expect(new Set(trial.watcher.lines().map(({ host }) => host))).toEqual(new Set(['a', 'b', 'c']))
  })
})
