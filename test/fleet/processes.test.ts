// @module-tag slow

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shareOf } from '../share.ts'
import { sharedServer } from '../stores/postgres/databases.ts'
import { harmed, harms } from './trial/harms.ts'
import { Trial } from './trial/trial.ts'

/** With a number of accounts given every harm is done; `npm run soak:fleet` does the same with thirty. */
const given = process.env.LIFELINE_FLEET_ACCOUNTS
const usual = [
  'SIGKILL of a host',
  'SIGSTOP for longer than a lease lasts',
  'a host is cut from the database',
  'everyone is cut from the database for less than a lease lasts',
  'SIGTERM of all hosts, one by one',
]
let trial: Trial

beforeAll(async () => {
  // Only one harm restarts the database, and that one is none of the usual ones.
  trial = given ? await Trial.open(Number(given)) : await Trial.open(6, sharedServer)
  await trial.link(['a', 'b', 'c'])
}, 200_000)
afterAll(() => trial.close(), 60_000)

describe('three host processes with one database', () => {
  test.each(given === undefined ? shareOf(usual, 1) : Object.keys(harms))(
    'have each account once, knock nobody off and miss no message: %s',
    async (name) => {
      const { tookOverMs, replaced, allowed } = await harmed(trial, name)
      // How long it takes depends on what else the machine does; the soak holds it to its promise.
      console.log(
        `${name}: ${tookOverMs === undefined ? 'nobody had to take over' : `taken over in ${tookOverMs.toFixed(0)} ms`}`,
      )
      expect(replaced).toBeLessThanOrEqual(allowed)
      expect(trial.traffic.twice).toEqual([])
      expect(trial.badMacs).toBe(0)
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
