import { statSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { rowAuthStore, rowRules, testRows } from '../../../src/stores/rows/index.ts'
import { type Driver, SqliteRows } from '../../../src/stores/rows/sqlite-rows.ts'
import { freshFolder, session } from '../account.ts'
import { AnySqlite } from './any-sqlite.ts'

const made: SqliteRows[] = []
afterEach(async () => {
  for (const rows of made.splice(0)) await rows.close()
  expect(AnySqlite.open).toBe(0)
})
const rowsIn = (file: string, { account = 'default', driver = AnySqlite.driver } = {}) => {
  const rows = new SqliteRows(file, account, driver)
  made.push(rows)
  return rows
}
const bytes = (content: unknown) => Buffer.from(content as Uint8Array).toString()
const row = (name: string, content = name) => ({ table: 'account' as const, name, content: Buffer.from(content) })

describe('rows in SQLite', () => {
  test('hold to every rule', async () => {
    const file = await freshFolder()
    expect(await testRows(rowsIn(file), rowsIn(file))).toEqual(rowRules.map(({ rule }) => rule))
  })

  test('of several accounts in one file are apart, their owners too, and only its owner can read the file', async () => {
    const file = await freshFolder()
    await writeFile(file, '', { mode: 0o644 })
    const [one, two] = [rowsIn(file, { account: 'one' }), rowsIn(file, { account: 'two' })]
    await one.claim()
    await two.claim()
    await one.commit([row('a', '1'), row('b')])
    await two.commit([row('a', '2')])
    await one.commit([{ ...row('b'), content: null }])
    expect([await one.names('account'), await two.names('account')]).toEqual([['a'], ['a']])
    expect([one, two].map((rows) => bytes(rows.read('account', 'a')))).toEqual(['1', '2'])
    expect([one.read('account', 'b'), one.read('own', 'a')]).toEqual([null, null])
    await two.claim()
    await one.commit([row('c')])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test("are in nobody else's reach from the moment on that SQLite opens them", async () => {
    const modes: number[] = []
    class Seen extends AnySqlite {
      constructor(path: string) {
        modes.push(statSync(path).mode & 0o777)
        super(path)
      }
    }
    const file = await freshFolder()
    await writeFile(file, '', { mode: 0o644 })
    await rowsIn(file, { driver: async (): Promise<Driver> => ({ DatabaseSync: Seen }) }).claim()
    expect(modes).toEqual([0o600])
  })

  test('are opened once, also for several who come at once, and closed by a close that comes meanwhile', async () => {
    const rows = rowsIn(await freshFolder())
    const reading = async () => AnySqlite.open
    expect(await Promise.all([rows.reading(reading), rows.reading(reading), rows.claim()])).toEqual([1, 1, undefined])
    await rows.close()
    const late = rows.reading(reading).catch(() => undefined)
    await rows.close()
    await late
    expect(AnySqlite.open).toBe(0)
  })

  test('carry an account from one process to the next', async () => {
    const file = await freshFolder()
    for (const mark of ['a', 'b']) {
      const store = rowAuthStore({ rows: rowsIn(file) })
      await store.acquire()
      const { state, saveCreds } = await store.open({ mint: true })
      await saveCreds()
      expect(await state.keys.get('session', ['1.0', '2.0'])).toEqual({
        '1.0': mark === 'a' ? null : session('a'),
        '2.0': null,
      })
      await state.keys.set({ session: { '1.0': session(mark) } })
      await store.release()
    }
  })

  test('say that nobody has claimed them, of a file that they did not open', async () => {
    const file = await freshFolder()
    const rows = rowsIn(file)
    expect(() => rows.read('account', 'a')).toThrow(
      expect.objectContaining({ code: 'AUTH_STORE_FENCED', message: expect.stringContaining(file) }),
    )
    await expect(rows.commit([row('a')])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await rows.claim()
    await rows.commit([row('a')])
    await rows.close()
    expect(AnySqlite.open).toBe(0)
    await expect(rows.commit([row('a')])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    // To read is no claim.
    expect(await rows.reading(async () => bytes(rows.read('account', 'a')))).toBe('a')
    await expect(rows.commit([row('b')])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  })

  test('tell of a full disk as of any, keep what was there, and go on once there is room', async () => {
    let pages = 1_000
    class Small extends AnySqlite {
      override exec(sql: string): void {
        super.exec(`PRAGMA max_page_count = ${pages}; ${sql}`)
      }
    }
    const file = await freshFolder()
    const rows = rowsIn(file, { driver: async (): Promise<Driver> => ({ DatabaseSync: Small }) })
    await rows.claim()
    await rows.commit([row('a', 'old')])
    pages = 1
    await expect(rows.commit([row('a', 'new'), row('b', 'x'.repeat(100_000))])).rejects.toMatchObject({
      code: 'AUTH_STORE_DISK',
      errno: 'ENOSPC',
      message: `The disk failed with ENOSPC while writing in ${file}. What was stored before is still there.`,
      remediation: 'Free space on the disk.',
    })
    expect(bytes(rows.read('account', 'a'))).toBe('old')
    pages = 1_000
    await rows.commit([row('a', 'new')])
    expect(bytes(rows.read('account', 'a'))).toBe('new')
  })

  test('tell of a file that is no database by its name, and leave it as it is', async () => {
    const file = await freshFolder()
    await writeFile(file, 'no database, but something that its owner may need'.repeat(100))
    const before = await readFile(file)
    const rows = rowsIn(file)
    for (const step of [() => rows.claim(), () => rows.reading(async () => undefined)])
      await expect(step()).rejects.toMatchObject({
        code: 'AUTH_STORE_DISK',
        errno: 'ERR_SQLITE_ERROR',
        message: expect.stringContaining(`while opening the database in ${file}`),
      })
    expect(await readFile(file)).toEqual(before)
    expect(AnySqlite.open).toBe(0)
  })

  test('make no file where this Node has no SQLite', async () => {
    const file = await freshFolder()
    const rows = rowsIn(file, { driver: () => Promise.reject(new Error('no such module')) })
    await expect(rows.claim()).rejects.toThrow('no such module')
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
