import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { lmdbAuthStore } from '../../src/stores/lmdb/index.ts'
import { Memory, MemoryRows } from '../memory-rows.ts'
import { linkedAccount } from '../stores/account.ts'
import { lifeline } from './command.ts'

const emptyPlace = async () => join(await mkdtemp(join(tmpdir(), 'lifeline-transfer-')), 'account')

const files = async (folder: string) => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')]))
}

test('an account goes into an LMDB store and back by command, byte for byte, and Baileys reads what comes back', async () => {
  const { folder, store, creds } = await linkedAccount()
  await store.release()
  const [lmdb, back] = [await emptyPlace(), await emptyPlace()]

  const imported = await lifeline('import', folder, '--lmdb', lmdb)
  expect(imported).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Use only one of the two') })
  const exported = await lifeline('export', back, '--lmdb', lmdb, '--json')
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(exported.stdout)).toMatchObject({ from: lmdb, to: back, bytes: expect.any(Number) })

  const kept = lmdbAuthStore(lmdb)
  await kept.acquire()
  await kept.appendHistory({ type: 'start', at: Date.UTC(2026, 0, 2), mode: 'heal', unclean: false })
  await kept.release()
  const told = await lifeline('explain', '--auth', lmdb)
  expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/Recorded since 2026-01-0\d/) })

  expect(await files(back)).toEqual(await files(folder))
  const { state } = await useMultiFileAuthState(back)
  expect(state.creds.registrationId).toBe(creds.registrationId)
})

test('an account goes into rows of the owner and back by a module that names them', async () => {
  const { folder, store } = await linkedAccount()
  await store.release()
  const memory = new Memory()
  // The command runs in this process, so the module can be handed rows that are here.
  Object.assign(globalThis, { ownersRows: new MemoryRows(memory) })
  const module = `${await emptyPlace()}.mjs`
  await writeFile(module, 'export const rows = globalThis.ownersRows\nexport const location = "my rows"')
  const imported = await lifeline('import', folder, '--config', module)
  expect(imported).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('are in my rows') })
  expect(memory.rows.has('account/creds.json')).toBe(true)
  const back = await emptyPlace()
  expect(await lifeline('export', back, '--config', module)).toMatchObject({ code: 0, stderr: '' })
  expect(await files(back)).toEqual(await files(folder))

  await writeFile(`${module}.bare.mjs`, 'export default { rows: { creds: {}, keys: { get() {}, set() {} } } }')
  const bare = await lifeline('import', folder, '--config', `${module}.bare.mjs`)
  expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot list what it keeps') })
  expect(await lifeline('import', folder, '--config', 'none.mjs')).toMatchObject({
    stderr: expect.stringContaining('There is no none.mjs'),
  })
})

test('a copy over an account, from a folder in use, or from nowhere is refused, and makes nothing', async () => {
  const { folder, store } = await linkedAccount()
  const lmdb = await emptyPlace()
  const inUse = await lifeline('import', folder, '--lmdb', lmdb)
  expect(inUse).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(String(process.pid)) })
  await expect(stat(lmdb)).rejects.toMatchObject({ code: 'ENOENT' })

  await store.release()
  expect((await lifeline('import', folder, '--lmdb', lmdb)).code).toBe(0)
  const before = await files(folder)
  const over = await lifeline('export', folder, '--lmdb', lmdb)
  expect(over).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was changed') })
  expect(await files(folder)).toEqual(before)

  const nowhere = await lifeline('export', await emptyPlace(), '--lmdb', await emptyPlace())
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('is not there') })
  expect((await lifeline('import', folder)).code).toBe(2)
})
