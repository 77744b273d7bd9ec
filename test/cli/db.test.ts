import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { databaseOf } from '../../src/cli/database-options.ts'
import { isUnfinished, reencryptedLines } from '../../src/cli/db.ts'
import { connectPostgres, migrate } from '../../src/stores/postgres/index.ts'
import { linkedAccount } from '../stores/account.ts'
import { emptyDatabase } from '../stores/postgres/databases.ts'
import { lifeline } from './command.ts'

test('what was encrypted anew is told, and of the rows that were not, why and whether to run it again', () => {
  expect(reencryptedLines('db', 'new', { rows: 1, skipped: 0, damaged: 0, plain: 0 }, false)).toEqual([
    '1 row of db now encrypted with the key new.',
  ])
  expect(reencryptedLines('db', 'new', { rows: 3, skipped: 0, damaged: 0, plain: 2 }, true).slice(1)).toEqual([
    '2 rows of these stood plain before.',
  ])
  expect(reencryptedLines('db', 'new', { rows: 3, skipped: 0, damaged: 0, plain: 0 }, true)).toHaveLength(1)
  expect(reencryptedLines('db', 'new', { rows: 1, skipped: 0, damaged: 0, plain: 2 }, false)[1]).toMatch(
    /^2 rows written without the key: refused\. .*--from-plain, once\.$/,
  )
  expect(reencryptedLines('db', 'new', { rows: 5, skipped: 2, damaged: 1, plain: 0 }, false).slice(1)).toEqual([
    '2 rows changed meanwhile and left to their owners: run it again.',
    '1 row open with no key: damaged. Left as they are.',
  ])
})

test('it is finished once no row was left as it was', () => {
  const all = { rows: 3, skipped: 0, damaged: 0, plain: 0 }
  const rows = [all, { ...all, skipped: 1 }, { ...all, damaged: 1 }, { ...all, plain: 1 }]
  expect(rows.map((done) => isUnfinished(done, false))).toEqual([false, true, true, true])
  expect(rows.map((done) => isUnfinished(done, true))).toEqual([false, true, true, false])
})

test('a database is named by option or by environment, and its keys by environment alone, the first one first', () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('DATABASE_URL', 'postgres://from-environment')
  vi.stubEnv('LIFELINE_ENCRYPTION_KEYS', undefined)
  expect(databaseOf({})).toEqual({ connectionString: 'postgres://from-environment', encryptionKeys: [] })
  vi.stubEnv('LIFELINE_ENCRYPTION_KEYS', 'new:YQ==, old:Yg==')
  expect(databaseOf({ database: 'postgres://given', schema: 's' })).toEqual({
    connectionString: 'postgres://given',
    schema: 's',
    encryptionKeys: [
      { id: 'new', key: 'YQ==' },
      { id: 'old', key: 'Yg==' },
    ],
  })
})

test('a database that lets nobody in is a failure, and one to encrypt needs a key', async () => {
  const fields = ['SFATAL', 'C28P01', 'Mpassword authentication failed', ''].map((field) => `${field}\0`).join('')
  const refusal = Buffer.concat([Buffer.from('E0000'), Buffer.from(fields)])
  refusal.writeUInt32BE(refusal.length - 1, 1)
  const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.end(refusal)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const there = ['--database', `postgres://127.0.0.1:${port}/none?sslmode=disable`]
  const migrated = await lifeline('db', 'migrate', ...there)
  expect(migrated).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('28P01') })
  const reencrypted = await lifeline('db', 'reencrypt', ...there)
  expect(reencrypted).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('LIFELINE_ENCRYPTION_KEYS'),
  })
})

/** A new database, and how many other connections to it there are. */
async function watched() {
  const url = await emptyDatabase()
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  onTestFinished(() => other.end())
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('LIFELINE_ENCRYPTION_KEYS', undefined)
  const others = async () =>
    (await other.query('SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'))
      .rowCount
  return { url, others }
}

test('tables are made once, which is told to people and to programs, and no connection stays', async () => {
  const { url, others } = await watched()
  const made = await lifeline('db', 'migrate', '--database', url, '--schema', 'mine', '--json')
  const { database, to, ...rest } = JSON.parse(made.stdout)
  expect([made.code, rest, database]).toEqual([0, { from: 0 }, expect.stringContaining('mine')])
  await expect.poll(others, { interval: 5 }).toBe(0)
  const again = await lifeline('db', 'migrate', '--database', url, '--schema', 'mine')
  expect(again).toMatchObject({ code: 0, stdout: `${database} is up to date (version ${to}).\n` })
  const first = await lifeline('db', 'migrate', '--database', url)
  expect(first.stdout).toMatch(new RegExp(`^\\S.* was brought from version 0 to ${to}\\.\\n$`))
})

test('rows of before there was a key are refused, taken in once that is asked for, and encrypted then', async () => {
  const { url } = await watched()
  const database = connectPostgres({ connectionString: url })
  await migrate(database)
  await database.end()
  const { folder, store } = await linkedAccount()
  await store.release()
  const place = ['--database', url, '--account', 'a', '--json']
  const taken = JSON.parse((await lifeline('import', folder, ...place)).stdout)
  vi.stubEnv('LIFELINE_ENCRYPTION_KEYS', `new:${Buffer.alloc(32, 1).toString('base64')}`)
  const anew = (...args: string[]) => lifeline('db', 'reencrypt', '--database', url, ...args)
  const refused = await anew()
  expect([refused.code, refused.stdout]).toEqual([
    1,
    expect.stringMatching(/^\d+ rows written without the key: refused/m),
  ])
  const done = await anew('--from-plain')
  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining(' now encrypted with the key new.\n')])
  const again = await anew('--json')
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { key: 'new', plain: 0, damaged: 0 }])
  const back = join(await mkdtemp(join(tmpdir(), 'lifeline-db-')), 'auth')
  const given = await lifeline('export', back, ...place)
  expect([given.code, JSON.parse(given.stdout)]).toMatchObject([0, { to: back, files: taken.files }])
})
