import { expect, test } from 'vitest'
import { type PostgresPool, postgresAuthStore } from '../../../src/stores/postgres/index.ts'
import { link, session } from '../account.ts'
import { testDatabase } from './databases.ts'

const at = testDatabase()

/** Another database that says what it is, and remembers what it was asked; it refuses what it is to refuse. */
function other() {
  const asked: string[] = []
  const refuses = { what: undefined as RegExp | undefined }
  const told = { rows: [{ version: 'CockroachDB CCL v25.2.0' }] }
  const ask = (query: PostgresPool['query']): PostgresPool['query'] => {
    return async (text, values) => {
      asked.push(text)
      if (refuses.what?.test(text)) throw Object.assign(new Error('no'), { code: '42501' })
      return text.startsWith('SELECT version()') ? told : query(text, values)
    }
  }
  const pool: PostgresPool = {
    query: ask((text, values) => at.pool.query(text, values)),
    connect: async () => {
      const client = await at.pool.connect()
      return {
        query: ask((text, values) => client.query(text, values)),
        on: () => undefined,
        removeAllListeners: () => undefined,
        release: (destroy) => client.release(destroy),
      }
    },
    end: async () => undefined,
    on: () => undefined,
  }
  return { pool, asked, refuses }
}

test('where a statement may change a table only once, a write takes a transaction of steps, fenced all the same, and nothing is notified', async () => {
  const { pool, asked } = other()
  const store = postgresAuthStore({ pool, account: 'roach' })
  await store.acquire()
  const { state, saveCreds } = await store.open({ mint: true })
  link(state.creds)
  await saveCreds()
  await state.keys.set({ session: { a: session('a'), b: session('b') } })
  await state.keys.set({ session: { a: null, b: session('c') } })
  expect(await state.keys.get('session', ['a', 'b'])).toEqual({ a: null, b: session('c') })
  // What only goes, or only comes, needs no transaction.
  await state.keys.set({ session: { b: null } })
  await state.keys.set({ session: { b: session('c') } })
  await at.pool.query(`UPDATE lifeline.lease SET epoch = epoch + 1 WHERE account = 'roach'`)
  const late = Promise.resolve(state.keys.set({ session: { a: session('z'), b: null } }))
  await expect(late).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  const { rows } = await at.pool.query(
    `SELECT name FROM lifeline.item WHERE account = 'roach' AND name LIKE 'session%' ORDER BY name`,
  )
  expect(rows).toEqual([{ name: 'session-b.json' }])
  await store.release()
  expect(asked.some((text) => text.includes('DELETE') && text.includes('INSERT'))).toBe(false)
  expect(asked.some((text) => text.includes('pg_notify'))).toBe(false)
  expect(asked.filter((text) => text === 'BEGIN').length).toBe(2)
})

test('of the steps of a write none is done where one is refused, whichever it is', async () => {
  const { pool, refuses } = other()
  const store = postgresAuthStore({ pool, account: 'refusing' })
  await store.acquire()
  const { state, saveCreds } = await store.open({ mint: true })
  link(state.creds)
  await saveCreds()
  await state.keys.set({ session: { a: session('a'), b: session('b') } })
  for (const what of [/^\s*DELETE FROM/, /^\s*INSERT INTO/]) {
    refuses.what = what
    const write = Promise.resolve(state.keys.set({ session: { a: null, b: session('c') } }))
    await expect(write).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: '42501' })
    refuses.what = undefined
    expect(await state.keys.get('session', ['a', 'b'])).toEqual({ a: session('a'), b: session('b') })
  }
  await state.keys.set({ session: { a: null, b: session('c') } })
  expect(await state.keys.get('session', ['a', 'b'])).toEqual({ a: null, b: session('c') })
  await store.release()
})
