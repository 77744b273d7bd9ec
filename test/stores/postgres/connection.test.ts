import { afterEach, expect, test, vi } from 'vitest'
import { flavourOf } from '../../../src/stores/postgres/connection.ts'
import { connectPostgres, type PostgresPool } from '../../../src/stores/postgres/index.ts'
import { gate } from '../../gate.ts'

afterEach(() => void vi.useRealTimers())

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

test('a transaction whose begin is refused does nothing, and its connection is not used again', async () => {
  const asked: string[] = []
  const released: unknown[] = []
  const refuse = { BEGIN: false, step: false, COMMIT: false, ROLLBACK: false }
  const client = {
    query: async (text: keyof typeof refuse) => {
      await new Promise(setImmediate)
      asked.push(text)
      if (refuse[text]) throw new Error(`no ${text}`)
      return { rows: [] }
    },
    release: (broken: unknown) => void released.push(broken),
  }
  const database = connectPostgres({ pool: pool({ connect: async () => client }), lease })
  const run = async (...refused: readonly (keyof typeof refuse)[]) => {
    Object.assign(refuse, { BEGIN: false, step: false, COMMIT: false, ROLLBACK: false })
    for (const text of refused) refuse[text] = true
    const end = await database
      .tryTransaction(async (ask) => {
        await ask('step')
        return 'done'
      })
      .catch(({ message }) => message)
    return [end, asked.splice(0).join(), released.splice(0)]
  }
  expect(await run()).toEqual(['done', 'BEGIN,step,COMMIT', [false]])
  expect(await run('BEGIN')).toEqual(['no BEGIN', 'BEGIN', [true]])
  expect(await run('step')).toEqual(['no step', 'BEGIN,step,ROLLBACK', [false]])
  expect(await run('COMMIT')).toEqual(['no COMMIT', 'BEGIN,step,COMMIT,ROLLBACK', [false]])
  expect(await run('step', 'ROLLBACK')).toEqual(['no ROLLBACK', 'BEGIN,step,ROLLBACK', [true]])
})

test('what a database lacks is known by what it says of itself', () => {
  expect(flavourOf('PostgreSQL 18.4 on x86_64')).toEqual({ notifies: true, changesTwice: true })
  expect(flavourOf('PostgreSQL 15.2-YB-2025.1.0.0-b0 on x86_64')).toEqual({ notifies: false, changesTwice: true })
  expect(flavourOf('CockroachDB CCL v25.2.0')).toEqual({ notifies: false, changesTwice: false })
})

test('what cannot be reached is asked again, at longer and longer pauses, until its patience is over', async () => {
  vi.useFakeTimers()
  const asked: number[] = []
  const startedAt = performance.now()
  const query = async () => {
    asked.push(performance.now() - startedAt)
    throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
  }
  const database = connectPostgres({ pool: pool({ query }), patienceMs: 4_000 })
  const refused = expect(database.ask('asking', 'SELECT 1')).rejects.toMatchObject({
    ...{ code: 'AUTH_STORE_DISK', errno: 'ECONNREFUSED', message: expect.stringContaining('asking') },
  })
  await vi.advanceTimersByTimeAsync(10_000)
  await refused
  expect(asked).toEqual([0, 50, 150, 350, 750, 1_550, 2_550, 3_550])
  // What does not pass is told at once.
  asked.length = 0
  const denied = connectPostgres({
    ...{
      pool: pool({ query: () => Promise.reject(Object.assign(new Error('no'), { code: '42501' })) }),
      patienceMs: 4_000,
    },
  })
  await expect(denied.ask('asking', 'SELECT 1')).rejects.toMatchObject({ errno: '42501' })
})

test.each<[string, unknown]>([
  ['host', ''],
  ['host', 7],
  ['schema', 'Upper'],
  ['schema', 7],
  ['schema', true],
  ['schema', ''],
  ['patienceMs', -1],
  ['queueBytes', 'x'],
])('the option %s is refused as %j', (option, value) => {
  expect(() => connectPostgres({ pool: pool({}), [option]: value })).toThrow(
    expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining(option) }),
  )
})

test('its place is told without user and password, and its settings have their defaults', () => {
  const database = connectPostgres({ connectionString: 'postgres://user:secret@there:5433/accounts', schema: 'mine' })
  expect([database.location, database.schema, database.host === '', database.poolSize]).toEqual([
    ...['postgres://there:5433/accounts/mine', 'mine', false, undefined],
  ])
  expect([database.patienceMs, database.queueBytes]).toEqual([5_000, 16 * 1024 * 1024])
  const given = connectPostgres({ pool: pool({ options: { max: 3 } }), lease: { ...lease, ttlMs: 2_000 } })
  expect([given.location, given.patienceMs, given.poolSize]).toEqual(['postgres/lifeline', 2_000, 3])
  const own = connectPostgres({ pool: pool({}), patienceMs: 70, queueBytes: 900, host: 'here' })
  expect([own.patienceMs, own.queueBytes, own.host]).toEqual([70, 900, 'here'])
})

test('what a database is and how it is called is asked until it is answered, and then no more', async () => {
  const asked: string[] = []
  let away = true
  const query = async (text: string) => {
    asked.push(text)
    if (away) throw Object.assign(new Error('no'), { code: '42501' })
    return { rows: [{ version: 'PostgreSQL 18.4', name: 'accounts' }] }
  }
  const database = connectPostgres({ pool: pool({ query }), schema: 'mine' })
  const both = () => Promise.allSettled([database.flavour(), database.name()])
  expect((await both()).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  away = false
  for (let turn = 0; turn < 2; turn += 1)
    expect((await both()).map((one) => one.status === 'fulfilled' && one.value)).toEqual([
      ...[{ notifies: true, changesTwice: true }, 'accounts/mine'],
    ])
  expect(asked).toHaveLength(4)
})

test('connections that were made here have ended when that is told, and a pool that was given stays as it is', async () => {
  const database = connectPostgres({ connectionString: 'postgres://127.0.0.1:1/nowhere' })
  const made = await database.pool()
  const ending = gate()
  const end = made.end.bind(made)
  made.end = async () => {
    await ending.wait()
    await end()
  }
  let ended = false
  const done = database.end().then(() => {
    ended = true
  })
  await ending.reached
  await new Promise(setImmediate)
  expect(ended).toBe(false)
  ending.pass()
  await done
  const given = vi.fn(async () => undefined)
  await connectPostgres({ pool: pool({ end: given }) }).end()
  expect(given).not.toHaveBeenCalled()
})
