import { describe, expect, test, vi } from 'vitest'
import { databaseError, failureCode, isPassing } from '../../../src/stores/postgres/failure.ts'
import { nodeHostClock } from '../../../src/stores/postgres/host-clock.ts'
import {
  Board,
  connectPostgres,
  migrate,
  type PostgresPool,
  postgresAuthStore,
  reencrypt,
} from '../../../src/stores/postgres/index.ts'
import { postgresParts } from '../../../src/stores/postgres/postgres-store.ts'
import { Wakes } from '../../../src/stores/postgres/wakes.ts'
import { link, session } from '../account.ts'
import { testDatabase } from './databases.ts'

const at = testDatabase()
const failed = (code: string, message = 'failed') => Object.assign(new Error(message), { code })

/** The database, with something that happens before or after a statement. */
const through = (before: (text: string) => unknown, after: (text: string) => void = () => undefined): PostgresPool => ({
  query: async (text, values) => {
    await before(text)
    const answer = await at.pool.query(text, values)
    after(text)
    return answer
  },
  connect: () => at.pool.connect(),
  end: async () => undefined,
  on: () => undefined,
})
/** Throws once, at the first statement that fits. */
const once = (pattern: RegExp, error: Error) => {
  let done = false
  return (text: string) => {
    if (done || !pattern.test(text)) return
    done = true
    throw error
  }
}

describe('a failure of the database', () => {
  test.each<[unknown, string, boolean, string]>([
    [failed('40001'), '40001', true, 'was busy'],
    [failed('57014'), '57014', true, 'took too long'],
    [failed('57P01'), '57P01', true, 'takes no connections'],
    [failed('25006'), '25006', true, 'is read-only'],
    [failed('53100'), '53100', false, 'no room left'],
    [failed('28P01'), '28P01', false, 'refuses this user'],
    [failed('42501'), '42501', false, 'too few rights'],
    [failed('ECONNREFUSED'), 'ECONNREFUSED', true, 'cannot be reached'],
    [new AggregateError([failed('ECONNREFUSED')]), 'ECONNREFUSED', true, 'cannot be reached'],
    [new Error('timeout exceeded when trying to connect'), 'TIMEOUT', true, 'cannot be reached'],
    [new Error('Cannot use a pool after calling end on the pool'), 'CLOSED', true, 'cannot be reached'],
    [new Error('something else'), 'UNKNOWN', false, 'the database failed'],
    ['words', 'UNKNOWN', false, 'the database failed'],
    [failed('42P01'), '42P01', false, 'The tables for db are missing'],
  ])('is told as what it is: %s', (error, code, passing, words) => {
    expect([failureCode(error), isPassing(error)]).toEqual([code, passing])
    const told = databaseError('db', 'reading', error)
    expect(told.message).toContain(words)
    expect(databaseError('elsewhere', 'writing', told)).toBe(told)
    expect(isPassing(told)).toBe(false)
  })
})

describe('wrong options', () => {
  const key = Buffer.alloc(32)
  const keys = (...encryptionKeys: unknown[]) => ({ connectionString: 'x', account: 'a', encryptionKeys })
  test.each<[string, object, string]>([
    ['connectionString', { account: 'a' }, 'undefined'],
    ['account', { connectionString: 'x' }, 'undefined'],
    ['account', { connectionString: 'x', account: '' }, 'a string'],
    ['account', { connectionString: 'x', account: 'a\0b' }, 'a string'],
    ['encryptionKeys.0.id', keys({ id: 'a b', key }), 'a string'],
    ['encryptionKeys.0.id', keys({ id: 7, key }), '7'],
    ['encryptionKeys.1.id', keys({ id: 'a', key }, { id: 'a', key }), 'used by two keys'],
    ['encryptionKeys.0.key', keys({ id: 'a', key: 'c2hvcnQ=' }), 'a key of 5 bytes'],
    ['encryptionKeys.0.key', keys({ id: 'a', key: 7 }), '7'],
  ])('for %s are refused with what came', (path, options, received) => {
    const make = () => postgresAuthStore(options as never)
    expect(make).toThrow(expect.objectContaining({ path, message: expect.stringContaining(` is ${received};`) }))
  })
})

describe('the tables', () => {
  test('are made although another one makes them at the same moment, and not if anything else is wrong', async () => {
    const [there, refused] = [failed('42P06', 'schema exists'), failed('42501', 'no rights')]
    const attempt = (error: Error) =>
      migrate(connectPostgres({ pool: through(once(/^CREATE SCHEMA/, error)), schema: 'raced' }))
    await expect(attempt(refused)).rejects.toMatchObject({ errno: '42501' })
    expect(await attempt(there)).toEqual({ from: 0, to: 2 })
  })

  test.each(['CREATE SCHEMA', 'CREATE TABLE IF NOT EXISTS', 'INSERT INTO'])(
    'are asked for once more where another one was quicker with %s, and the rest waits for that',
    async (what) => {
      const asked: string[] = []
      const answered = (text: string) => asked.push(text.slice(0, 20))
      const query = async (text: string): Promise<never> => {
        await new Promise(setImmediate)
        answered(text)
        const again = asked.length > 1 && asked.at(-1) === asked.at(-2)
        if (again) throw failed('42501', 'no rights')
        if (text.startsWith(what)) throw failed('42P07', 'exists')
        return { rows: [] } as never
      }
      const pool = { ...through(() => undefined), query } as PostgresPool
      await expect(migrate(connectPostgres({ pool, schema: 'twice' }))).rejects.toMatchObject({ errno: '42501' })
      expect(asked.slice(-2)).toEqual(Array(2).fill(expect.stringContaining(what.slice(0, 20))))
    },
  )

  test.each([/^\s*CREATE TABLE \S+lease/, /^\s*CREATE INDEX/, /ADD COLUMN stamp/, /^UPDATE \S+version/])(
    'are not made by half: what comes behind a statement that is refused, such as %s, is not asked for',
    async (refused) => {
      const asked: string[] = []
      const client = {
        query: async (text: string) => {
          await new Promise(setImmediate)
          asked.push(text)
          if (refused.test(text)) throw failed('42501', 'no rights')
          return { rows: [{ version: 0 }] }
        },
        ...{ on: () => undefined, removeAllListeners: () => undefined, release: () => undefined },
      }
      const pool: PostgresPool = { ...through(() => undefined), query: client.query, connect: async () => client }
      await expect(migrate(connectPostgres({ pool, schema: 'halves' }))).rejects.toMatchObject({ errno: '42501' })
      expect(asked.slice(-2)).toEqual([expect.stringMatching(refused), 'ROLLBACK'])
    },
  )

  test('of which nobody knows the version are as good as missing', async () => {
    const database = at.connect({ schema: 'versionless' })
    await migrate(database)
    await at.pool.query('DELETE FROM versionless.version')
    await expect(database.ready()).rejects.toMatchObject({ code: 'AUTH_STORE_SCHEMA' })
    await at.pool.query('INSERT INTO versionless.version VALUES (1, 0, 0)')
    await expect(database.ready()).rejects.toMatchObject({ code: 'AUTH_STORE_SCHEMA' })
  })
})

describe('a store', () => {
  const write = /mine AS/
  const opened = async (account: string, pool: PostgresPool) => {
    const database = connectPostgres({ pool })
    const { store, rows } = postgresParts({ database, account })
    await store.acquire()
    const opening = await store.open({ mint: true })
    link(opening.state.creds)
    await opening.saveCreds()
    return { store, rows, opening, database }
  }

  test('whose write was done but not answered sends it again and goes on', async () => {
    let after: (text: string) => void = () => undefined
    const { store, opening, database } = await opened(
      'unanswered',
      through(
        () => undefined,
        (text) => after(text),
      ),
    )
    const asked: string[] = []
    const lost = once(write, failed('ECONNRESET'))
    after = (text) => {
      asked.push(text)
      lost(text)
    }
    await opening.state.keys.set({ session: { a: session('a') } })
    expect(asked.filter((text) => write.test(text))).toHaveLength(2)
    expect(await opening.state.keys.get('session', ['a'])).toEqual({ a: session('a') })
    expect(store.leftMs).toBeGreaterThan(0)
    await store.release()
    const next = postgresAuthStore({ database, account: 'unanswered' })
    await next.acquire()
    expect([store.leftMs, next.leftMs > 0]).toEqual([0, true])
    await next.release()
  })

  test('writes nothing for nothing, and nothing at all without its lease', async () => {
    const asked = vi.fn()
    const { store, rows } = await opened('idle', through(asked))
    asked.mockClear()
    await rows.commit([])
    expect(asked).not.toHaveBeenCalled()
    await store.release()
    const fenced = { code: 'AUTH_STORE_FENCED' }
    await expect(rows.commit([{ table: 'own', name: 'x', content: null }])).rejects.toMatchObject(fenced)
    await expect(rows.read('own', 'x')).rejects.toMatchObject(fenced)
  })

  test('does not begin with a lease that was over before it heard of it', async () => {
    let now = 0
    const clock = { ...nodeHostClock, now: () => now }
    const before = (text: string) => {
      if (text.includes('lifeline.lease')) now = 60_000
    }
    const late = postgresAuthStore({ pool: through(before), account: 'late', clock })
    await expect(late.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'TIMEOUT' })
    const next = postgresAuthStore({ pool: at.pool, account: 'late' })
    await next.acquire()
    await next.release()
  })

  test.each(['{"half', '7', 'null', '{}', '{"pid":"1","host":"a"}', '{"pid":1}', '{"pid":1,"host":7}'])(
    'takes an owner at its word whose process nobody can name: %s',
    async (identity) => {
      const owner = postgresAuthStore({ pool: at.pool, account: 'odd', host: 'there' })
      await owner.acquire()
      await at.pool.query(`UPDATE lifeline.lease SET identity = $1 WHERE account = 'odd'`, [identity])
      const other = postgresAuthStore({ pool: at.pool, account: 'odd' })
      await expect(other.acquire()).rejects.toMatchObject({ owner: { pid: undefined, host: 'there' } })
      await owner.release()
    },
  )
})

describe('what hosts tell each other', () => {
  const key = { id: 'new', key: Buffer.alloc(32, 9) }

  test('is sealed anew with the first key, but for what an owner wrote in the meantime', async () => {
    const schema = 'resealed'
    await migrate(at.connect({ schema }))
    const board = new Board(at.connect({ schema }))
    await board.desire('anna', 'stopped', { why: 'x' })
    await board.tell('anna', 1, { state: 'healthy' })
    let changed = false
    const meanwhile = async (text: string) => {
      if (text.startsWith(`UPDATE ${schema}.account`) && !changed) {
        changed = true
        await at.pool.query(`UPDATE ${schema}.account SET content = convert_to('{"why":"later"}', 'UTF8')`)
      }
    }
    const sealing = connectPostgres({ pool: through(meanwhile), schema, encryptionKeys: [key] })
    expect(await reencrypt(sealing, { fromPlain: true })).toEqual({ rows: 0, skipped: 1, damaged: 0, plain: 0 })
    expect(await reencrypt(sealing, { fromPlain: true })).toEqual({ rows: 1, skipped: 0, damaged: 0, plain: 1 })
    const reading = new Board(at.connect({ schema, encryptionKeys: [key] }))
    expect((await reading.accounts()).map(({ details }) => details)).toEqual([{ why: 'later' }])
    // What hosts tell each other is told anew by itself, so nothing of it is taken over.
    expect(await reading.statuses(['anna'])).toEqual([])
    expect(await new Board(at.connect({ schema })).accounts()).toMatchObject([{ details: undefined }])
  })

  test('may be an answer without content, which says nothing', async () => {
    const board = new Board(at.connect({ host: 'a' }))
    const id = await board.send('a', 'anna', { type: 'stop' })
    expect(await board.answerTo(id)).toBeUndefined()
    await at.pool.query('UPDATE lifeline.command SET answered_at = clock_timestamp() WHERE id = $1', [id])
    expect(await board.answerTo(id)).toEqual({ content: undefined })
    await board.tell('silent', 1, undefined)
    expect(await board.statuses(['silent'])).toMatchObject([{ account: 'silent', status: null }])
  })

  test('is heard as far as it has a kind', async () => {
    const heard: string[] = []
    const database = at.connect()
    const come = new Promise<void>((resolve) => {
      const wakes = new Wakes(database, 60_000, (topic) => {
        heard.push('of' in topic ? `${topic.kind} ${topic.of}` : topic.kind)
        if (heard.length < 2) return
        wakes.end()
        resolve()
      })
      void wakes.start().then(async () => {
        for (const text of ['', 'nonsense', 'bogus:x', 'heir:a:b', 'inbox:'])
          await at.pool.query('SELECT pg_notify($1, $2)', ['lifeline_lifeline', text])
      })
    })
    await come
    expect(heard).toEqual(['heir a:b', 'inbox '])
  })

  test('is heard no more once nobody listens, even if that was so before it began', async () => {
    const heard = vi.fn()
    for (const database of [
      at.connect(),
      connectPostgres({ connectionString: 'postgres://127.0.0.1:1/x', patienceMs: 0 }),
    ]) {
      const wakes = new Wakes(database, 60_000, heard)
      const started = wakes.start()
      wakes.end()
      await started
    }
    const pool = through(() => undefined)
    const given = vi.fn()
    const slow: PostgresPool = {
      ...pool,
      connect: async () => {
        const client = await pool.connect()
        given.mockImplementation(client.release.bind(client))
        listening.end()
        return Object.assign(client, { release: given })
      },
    }
    const listening = new Wakes(connectPostgres({ pool: slow }), 60_000, heard)
    await listening.start()
    expect(given.mock.calls).toEqual([[true]])
    expect(heard).not.toHaveBeenCalled()
  })
})

test('connections that were ended are made anew for a later question', async () => {
  const database = at.connect()
  const asks = async () => (await database.ask('asking', 'SELECT 1 AS one')).rows
  expect(await asks()).toEqual([{ one: 1 }])
  await database.end()
  expect(await asks()).toEqual([{ one: 1 }])
})
