import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createFleet } from '../../src/fleet/index.ts'
import { connectPostgres, type PostgresOptions } from '../../src/stores/postgres/index.ts'
import { testDatabase } from '../stores/postgres/databases.ts'

const at = testDatabase()
const lease = { ttlMs: 2_000, renewMs: 300, marginMs: 1_100 }

function poolOf(max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: at.url, max })
  onTestFinished(() => pool.end())
  return pool
}

const fleetOn = (store: PostgresOptions | ReturnType<typeof connectPostgres>) => {
  const fleet = createFleet({
    store,
    connect: () => Promise.reject(new Error('nobody dials here')),
    policy: { reconnect: { closeTimeoutMs: 500 } },
    drainOn: [],
  })
  onTestFinished(() => fleet.stop())
  return fleet
}

test('a pool of one connection is refused with the reason: the fleet would wait for itself', () => {
  const refused = { code: 'OPTIONS_INVALID', path: 'store.pool', remediation: expect.stringContaining('max: 2') }
  const pool = poolOf(1)
  expect(() => fleetOn({ pool, lease })).toThrow(expect.objectContaining(refused))
  expect(() => fleetOn(connectPostgres({ pool, lease }))).toThrow(expect.objectContaining(refused))
})

test('with two a fleet starts', async () => {
  const fleet = fleetOn({ pool: poolOf(2), lease })
  await fleet.start()
  expect(fleet.store).toMatchObject({ reachable: true, message: 'The store answers.' })
  await fleet.stop()
})

test('a pool whose connections are all in use is waited for so long, and then told by name; none is lost to the wait', async () => {
  const pool = poolOf(2)
  const taken = [await pool.connect(), await pool.connect()]
  const fleet = fleetOn({ pool, lease, patienceMs: 0 })
  const words = expect.stringContaining('no connection of the pool was free in time')
  await expect(fleet.start()).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', message: words })
  expect(fleet.store).toMatchObject({ reachable: false, message: words })
  const database = connectPostgres({ pool, lease, patienceMs: 0 })
  await expect(database.connect()).rejects.toMatchObject({ code: 'POOL' })
  for (const client of taken) client.release()
  await fleet.start()
  expect(fleet.store.reachable).toBe(true)
  await fleet.stop()
  expect([pool.idleCount, pool.waitingCount]).toEqual([pool.totalCount, 0])
})
