import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connectPostgres, migrate } from '../../src/stores/postgres/index.ts'
import { linkedAccount } from '../stores/account.ts'
import { emptyDatabase } from '../stores/postgres/databases.ts'
import { lifeline } from './command.ts'

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
