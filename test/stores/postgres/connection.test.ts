import { expect, test } from 'vitest'
import { connectPostgres, type PostgresPool } from '../../../src/stores/postgres/index.ts'

const lease = { ttlMs: 5_000, renewMs: 100, marginMs: 100 }
const pool = (more: object): PostgresPool =>
  ({
    query: () => new Promise(() => undefined),
    connect: () => new Promise(() => undefined),
    ...more,
  }) as unknown as PostgresPool

test('what is not answered in time is told as that, and as a pool with nothing free only where it is one', async () => {
  const codeOf = async (more: object) => {
    const database = connectPostgres({ pool: pool(more), lease, patienceMs: 0 })
    return [
      await database.try('SELECT 1').catch(({ code }) => code),
      await database.connect().catch(({ code }) => code),
    ]
  }
  const full = { options: { max: 2 }, totalCount: 2, waitingCount: 1 }
  expect(await codeOf({})).toEqual(['TIMEOUT', 'TIMEOUT'])
  expect(await codeOf({ ...full, waitingCount: 0 })).toEqual(['TIMEOUT', 'TIMEOUT'])
  expect(await codeOf({ ...full, totalCount: 1 })).toEqual(['TIMEOUT', 'TIMEOUT'])
  expect(await codeOf(full)).toEqual(['POOL', 'POOL'])
  const gone = () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
  expect(await codeOf({ ...full, query: gone, connect: gone })).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
})
