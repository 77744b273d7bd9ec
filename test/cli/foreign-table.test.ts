import { mkdtemp, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BufferJSON, type SignalDataTypeMap, useMultiFileAuthState } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { session } from '../stores/account.ts'
import { linkedCreds } from '../stores/linked-creds.ts'
import { lifeline } from './command.ts'

/** What mysql-baileys 1.5.4 wrote into MariaDB 10.11, as its driver reads it: two sessions, and a row of another. */
const recorded = fileURLToPath(inProject('test/cli/tables/mysql-baileys.json'))

const emptyPlace = async () => join(await mkdtemp(join(tmpdir(), 'lifeline-table-')), 'account')

/** By Baileys' own store. */
async function readBack(folder: string) {
  const { state } = await useMultiFileAuthState(folder)
  const key = async (type: string, id: string) =>
    ((await state.keys.get(type as keyof SignalDataTypeMap, [id])) as Record<string, unknown>)[id]
  return { creds: state.creds, key }
}

test('what mysql-baileys keeps becomes a folder by one command, and Baileys reads each key as it was written', async () => {
  const folder = await emptyPlace()
  const imported = await lifeline('import', folder, '--from', recorded, '--session', 'default')
  expect(imported).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('14 files'),
    stderr: expect.stringContaining("1 rows are nothing of Baileys'"),
  })
  const { creds, key } = await readBack(folder)
  expect(creds.me).toEqual({ id: '491700000001:7@s.whatsapp.net', name: 'Gateway' })
  // Read back by that package itself it is the number 100000000000000100.
  expect(await key('lid-mapping', '49170000000000001')).toBe('100000000000000099')
  expect(await key('lid-mapping', '99_reverse')).toBe('4917')
  expect(await key('device-list', '4917')).toEqual(['0', '12'])
  expect(await key('sender-key', '12-34@g.us::4917_1::0')).toEqual(Buffer.from('[]'))
  expect(await key('sender-key-memory', '12-34@g.us')).toEqual({ '4917.0': true })
  expect(await key('session', '4917_1.12')).toMatchObject({ version: 'v1' })
  expect(await key('pre-key', '2')).toMatchObject({ private: expect.any(Buffer) })
  expect(await key('app-state-sync-key', 'AAAAA/x=')).toMatchObject({ keyData: Buffer.alloc(32, 1) })
  expect(await key('app-state-sync-version', 'regular')).toMatchObject({ hash: Buffer.alloc(128, 9) })
  expect(await key('tctoken', '99@lid')).toMatchObject({ token: Buffer.from('token') })
})

test('what baileys-store keeps becomes a folder, from a module that reads the table', async () => {
  const folder = await emptyPlace()
  const creds = linkedCreds('4917')
  const row = (id: string, value: unknown) => ({
    pkId: '1',
    sessionId: 'shop',
    id,
    data: JSON.stringify(value, BufferJSON.replacer),
  })
  const rows = [
    row('creds', creds),
    row('session-4917.0', session('a')),
    // Its ids are spelt as names of files.
    row('sender-key-12-34@g.us--4917--0', Buffer.from('[]')),
    row('lid-mapping-4917', '99'),
  ]
  const module = `${folder}.mjs`
  await writeFile(module, `export const rows = ${JSON.stringify(rows)}`)
  expect(await lifeline('import', folder, '--from', module, '--json')).toMatchObject({ code: 0, stderr: '' })
  const { creds: read, key } = await readBack(folder)
  expect(read.noiseKey.private).toEqual(Buffer.from(creds.noiseKey.private))
  expect(await key('sender-key', '12-34@g.us::4917::0')).toEqual(Buffer.from('[]'))
  expect(await key('lid-mapping', '4917')).toBe('99')
  const again = await lifeline('import', folder, '--from', module)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('holds 4 files of an account already') })
})

test('of several sessions one has to be named, rows of another table are refused, and nothing is made', async () => {
  const folder = await emptyPlace()
  const several = await lifeline('import', folder, '--from', recorded)
  expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining('the sessions default, second') })
  const other = `${folder}.json`
  await writeFile(other, '[{"name":"creds","content":"{}"}]')
  const unknown = await lifeline('import', folder, '--from', other)
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('session, id and value (mysql-baileys)') })
  await writeFile(other, '[')
  expect(await lifeline('import', folder, '--from', other)).toMatchObject({ code: 2 })
  const two = await lifeline('import', folder, '--from', recorded, '--lmdb', folder)
  expect(two).toMatchObject({ code: 2, stderr: expect.stringContaining('Two places were named') })
  await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
})
