import { describe, expect, test, vi } from 'vitest'
import {
  connectPostgres,
  type LossReason,
  type PostgresDatabase,
  type PostgresPool,
} from '../../../src/stores/postgres/index.ts'
import { Keyring } from '../../../src/stores/postgres/keyring.ts'
import type { LeaseLock } from '../../../src/stores/postgres/lease-lock.ts'
import { PostgresRows } from '../../../src/stores/postgres/postgres-rows.ts'
import { postgresParts } from '../../../src/stores/postgres/postgres-store.ts'
import { Witness } from '../../../src/stores/postgres/witness.ts'
import type { Change } from '../../../src/stores/rows/rows.ts'
import { gate } from '../../gate.ts'
import { testDatabase } from './databases.ts'

const at = testDatabase()
const put = (name: string, text: string): Change => ({ table: 'own', name, content: Buffer.from(text) })
const fenced = { code: 'AUTH_STORE_FENCED' }

test.each([
  ['ends once nobody uses the account any more', true, [0, 0, 1, 2]],
  ['of the owner is left', false, [0, 0, 0, 0]],
])('a database %s', async (_, ends, expected) => {
  const end = vi.fn(async () => undefined)
  const database = { ready: async () => undefined, end } as Partial<PostgresDatabase> as PostgresDatabase
  const lock = { onLost: () => () => undefined } as Partial<LeaseLock> as LeaseLock
  const rows = new PostgresRows({ database, account: 'a', location: 'here', lock, ends })
  const counts: number[] = []
  const count = () => void counts.push(end.mock.calls.length)
  await rows.reading(async () => {
    await rows.reading(async () => count())
    count()
  })
  count()
  await rows.close()
  count()
  expect(counts).toEqual(expected)
})

describe('rows under a lease', () => {
  /** On a database that is not asked for rows. */
  const made = (over: Partial<PostgresDatabase> = {}) => {
    const witness = new Witness()
    let lose: (reason: LossReason) => void = () => undefined
    const lock = {
      lease: { account: 'a', epoch: 1, token: 't', written: 3 } as LeaseLock['lease'],
      onLost: (listener: typeof lose) => {
        lose = listener
        return () => undefined
      },
    }
    const database = {
      ...{ witness, keyring: new Keyring(), patienceMs: 0, queueBytes: 100, ready: async () => undefined },
      ...{ flavour: async () => ({ notifies: true, changesTwice: true }), end: async () => undefined, ...over },
    } as Partial<PostgresDatabase> as PostgresDatabase
    const parts = { database, account: 'a', location: 'here', lock: lock as unknown as LeaseLock, ends: true }
    return { rows: new PostgresRows(parts), witness, lock, lose: (reason: LossReason) => lose(reason) }
  }

  test('are remembered where they are lost to nobody, once they were claimed', async () => {
    const { rows, witness, lose } = made()
    lose('ended')
    expect([witness.take('a'), rows.written]).toEqual([undefined, undefined])
    for (const [reason, kept] of [
      ['taken', false],
      ['ended', true],
      ['went-back', true],
      ['unreachable', true],
    ] as const) {
      await rows.claim()
      expect(rows.written).toEqual({ count: 3 })
      lose(reason)
      expect([witness.take('a') !== undefined, rows.written]).toEqual([kept, undefined])
    }
  })

  test('are claimed by nobody without it, nor where nobody knows what database it is, nor written without it', async () => {
    const { rows, lock } = made()
    await rows.claim()
    lock.lease = undefined
    await expect(rows.commit([put('a', '1')])).rejects.toMatchObject(fenced)
    await expect(rows.claim()).rejects.toMatchObject(fenced)
    const unknown = made({ flavour: () => Promise.reject(new Error('who are you')) })
    await expect(unknown.rows.claim()).rejects.toThrow('who are you')
    await expect(unknown.rows.commit([put('a', '1')])).rejects.toMatchObject(fenced)
  })

  test('are not read where the tables are not there, and are closed once their connections have ended', async () => {
    const step = vi.fn()
    const bare = made({ ready: () => Promise.reject(new Error('no tables')) })
    await expect(bare.rows.reading(step)).rejects.toThrow('no tables')
    expect(step).not.toHaveBeenCalled()
    const ending = gate()
    const { rows } = made({ end: () => ending.wait() })
    let closed = false
    const closing = rows.close().then(() => {
      closed = true
    })
    await ending.reached
    await new Promise(setImmediate)
    expect(closed).toBe(false)
    ending.pass()
    await closing
  })
})

let accounts = 0
const claimed = async (pool: PostgresPool = at.pool) => {
  const account = `account-${++accounts}`
  const database = connectPostgres({ pool })
  const { store, rows } = postgresParts({ database, account })
  const lost: string[] = []
  store.onLost((reason) => lost.push(reason))
  await store.acquire()
  await rows.commit([put('a', '1')])
  await rows.commit([put('a', '2')])
  const lease = (set: string) => at.pool.query(`UPDATE lifeline.lease SET ${set} WHERE account = $1`, [account])
  return { account, database, store, rows, lost, lease }
}

describe('a write that the database does not let through', () => {
  const late = `expires_at = clock_timestamp() - interval '1 second'`
  test.each([
    ['an earlier epoch', 'epoch = 0', 'went-back'],
    ['an earlier epoch and more writes', 'epoch = 0, written = 9', 'went-back'],
    ['fewer writes', 'written = 1', 'went-back'],
    ['a later epoch and fewer writes', 'epoch = 9, written = 1', 'went-back'],
    ['a later epoch', 'epoch = 9', 'taken'],
    ['another owner', `owner = 'another'`, 'taken'],
    ['nobody for an owner', 'owner = NULL', 'taken'],
    ['a write that is none of ours', 'written = 9', 'taken'],
    ['an end that has passed', late, 'ended'],
    ['an end that has passed and another owner', `${late}, owner = 'another'`, 'taken'],
  ])('because the lease has %s, says what became of the account', async (_, set, reason) => {
    const { rows, lost, lease, store } = await claimed()
    await lease(set)
    await expect(rows.commit([put('a', '3')])).rejects.toMatchObject(fenced)
    expect([lost, store.epoch]).toEqual([[reason], undefined])
    // From here on nobody is asked any more.
    await expect(rows.commit([put('a', '4')])).rejects.toMatchObject(fenced)
    await expect(rows.read('own', 'a')).rejects.toMatchObject(fenced)
    expect(lost).toHaveLength(1)
  })

  test('because there is no lease at all, says that the database went back', async () => {
    const { account, rows, lost } = await claimed()
    await at.pool.query('DELETE FROM lifeline.lease WHERE account = $1', [account])
    await expect(rows.commit([put('a', '3')])).rejects.toMatchObject(fenced)
    expect(lost).toEqual(['went-back'])
  })
})

test('a write that had arrived although its answer did not counts, and what came since is written by itself', async () => {
  let loses = 0
  const asked: unknown[][] = []
  const pool: PostgresPool = {
    query: async (text, values) => {
      const answer = await at.pool.query(text, values)
      if (text.startsWith('WITH mine')) {
        asked.push(values ?? [])
        if (loses > 0) {
          loses -= 1
          // While it is waited for, more comes.
          more()
          throw Object.assign(new Error('lost'), { code: 'ECONNRESET' })
        }
      }
      return answer
    },
    connect: () => at.pool.connect(),
    end: async () => undefined,
    on: () => undefined,
  }
  let more: () => void = () => undefined
  const { account, rows, lost, store } = await claimed(pool)
  const writes: Promise<void>[] = []
  asked.length = 0
  loses = 1
  await rows.commit([put('a', '3'), put('b', '3')])
  // The second attempt finds that the first one had arrived, and there is nothing left to write.
  expect(asked.map(([, , , number]) => number)).toEqual([3, 4])
  expect(store.written?.count).toBe(3)
  loses = 1
  more = () => void writes.push(rows.commit([put('b', '4')]))
  await rows.commit([put('a', '4')])
  await Promise.all(writes)
  expect(lost).toEqual([])
  const { rows: found } = await at.pool.query(
    `SELECT name, convert_from(content, 'UTF8') AS text FROM lifeline.item WHERE account = $1 ORDER BY name`,
    [account],
  )
  expect(found.map(({ name, text }) => `${name} ${text}`)).toEqual(['a 4', 'b 4'])
  await store.release()
})

test('rows that are asked for in one moment are one question for each table, each answered to all who ask', async () => {
  const asked: string[] = []
  let refuses = false
  const pool: PostgresPool = {
    query: async (text, values) => {
      if (text.startsWith('SELECT name, stamp')) {
        asked.push(`${values?.[1]} ${values?.[2]}`)
        if (refuses) throw Object.assign(new Error('no'), { code: '42501' })
      }
      return at.pool.query(text, values)
    },
    connect: () => at.pool.connect(),
    end: async () => undefined,
    on: () => undefined,
  }
  const { rows, store } = await claimed(pool)
  await rows.commit([put('b', '5'), { table: 'account', name: 'a', content: Buffer.from('6') }])
  const ask = () =>
    Promise.allSettled([rows.read('own', 'a'), rows.read('own', 'b'), rows.read('account', 'a'), rows.read('own', 'a')])
  const answers = await ask()
  const texts = answers.map((one) => one.status === 'fulfilled' && Buffer.from(one.value ?? '').toString())
  expect([texts, asked.splice(0)]).toEqual([
    ['2', '5', '6', '2'],
    ['own a,b', 'account a'],
  ])
  expect(await rows.read('own', 'c')).toBeNull()
  refuses = true
  for (const one of await ask())
    expect(one).toMatchObject({ status: 'rejected', reason: { errno: '42501', code: 'AUTH_STORE_DISK' } })
  refuses = false
  expect(await rows.names('own')).toEqual(['a', 'b'])
  expect(await rows.names('own', 'b')).toEqual(['b'])
  expect(await rows.newestFirst?.('own')).toEqual(['b', 'a'])
  await store.release()
})

test('the count of writes is told while the account is held, beside a larger one that this process has seen', async () => {
  const { account, database, store } = await claimed()
  expect(store.written).toEqual({ count: 2 })
  database.witness.saw(account, 9)
  expect(store.written).toEqual({ count: 2, seen: 9 })
  await store.release()
  expect(store.written).toBeUndefined()
})

test('a write of rows that come and of rows that go is one statement, without a key under no head', async () => {
  const asked: unknown[][] = []
  const pool: PostgresPool = {
    query: (text, values) => {
      if (!text.startsWith('SELECT version()')) asked.push(values ?? [])
      return at.pool.query(text, values)
    },
    connect: () => Promise.reject(new Error('no transaction is needed')),
    end: async () => undefined,
    on: () => undefined,
  }
  const { rows, store } = await claimed(pool)
  asked.length = 0
  await rows.commit([put('b', '3'), { table: 'own', name: 'a', content: null }])
  expect(asked.map((values) => values.slice(3, 7))).toEqual([[3, 2, null, null]])
  expect(await rows.names('own')).toEqual(['b'])
  await store.release()
})

test('connections that several stores share end with none of them', async () => {
  const database = at.connect()
  const end = vi.spyOn(database, 'end')
  const { store } = postgresParts({ database, account: 'sharing' })
  await store.acquire()
  await store.readFacts()
  await store.release()
  await store.readFacts()
  expect(end).not.toHaveBeenCalled()
})

test("connections that are the store's alone stay while it holds the account, and end with it", async () => {
  const { store } = postgresParts({ connectionString: `${at.url}?application_name=alone`, account: 'alone' })
  // By itself one that rests ends after ten seconds.
  const soon = { interval: 5, timeout: 2_000 }
  const connections = async () => {
    const { rows } = await at.pool.query(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'alone' ORDER BY pid`,
    )
    return rows.map(({ pid }) => pid)
  }
  await store.acquire()
  const before = await connections()
  expect(before).not.toEqual([])
  await store.readFacts()
  await store.readHistory(1)
  expect(await connections()).toEqual(expect.arrayContaining(before))
  await store.release()
  await expect.poll(connections, soon).toEqual([])
  // Who reads later has connections for as long as that.
  await store.inspect()
  await expect.poll(connections, soon).toEqual([])
})
