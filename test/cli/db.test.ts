import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { databaseOf } from '../../src/cli/database-options.ts'
import { isUnfinished, reencryptedLines } from '../../src/cli/db.ts'
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
