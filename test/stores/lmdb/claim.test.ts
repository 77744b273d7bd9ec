import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lmdbAuthStore } from '../../../src/stores/lmdb/index.ts'
import { LmdbRows } from '../../../src/stores/lmdb/lmdb-rows.ts'
import { freshFolder, link, session } from '../account.ts'

test('a process that slept through a takeover changes nothing any more, though nobody told it', async () => {
  const folder = await freshFolder()
  const sleeper = lmdbAuthStore(folder)
  await sleeper.acquire()
  const opening = await sleeper.open({ mint: true })
  link(opening.state.creds)
  await opening.saveCreds()
  await opening.state.keys.set({ session: { '491.0': session('a') } })

  const successor = new LmdbRows(folder, join(folder, '.lifeline'))
  await successor.claim()
  await expect(
    opening.state.keys.set({ session: { '491.0': session('z'), '492.0': session('z') } }),
  ).rejects.toMatchObject({
    code: 'AUTH_STORE_FENCED',
  })
  await expect(opening.saveCreds()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  expect(await successor.names('account')).toEqual(['creds.json', 'session-491.0.json'])
  await successor.commit([{ table: 'account', name: 'session-492.0.json', content: Buffer.from('{}') }])
  expect(await successor.names('account')).toHaveLength(3)
  await successor.close()
  await sleeper.release()
})

test('the lock lies in the own folder, beside no file of the account, and names the folder to whom it refuses', async () => {
  const folder = await freshFolder()
  const store = lmdbAuthStore(folder)
  await store.acquire()
  expect((await readdir(folder)).sort()).toEqual(['.lifeline', 'account.mdb', 'account.mdb-lock'])
  expect(await readdir(join(folder, '.lifeline', 'lock'))).not.toEqual([])
  const refused = await lmdbAuthStore(folder)
    .acquire()
    .catch((error: Error) => error.message)
  expect(refused).toContain(folder)
  expect(refused).not.toContain(join(folder, '.lifeline'))
  await store.release()
})

test('after release a late reader and a late writer get the fence, not the disk', async () => {
  const store = lmdbAuthStore(await freshFolder())
  await store.acquire()
  const { state } = await store.open({ mint: true })
  await store.release()
  await store.release()
  const fenced = { code: 'AUTH_STORE_FENCED' }
  await expect(Promise.resolve().then(() => state.keys.get('session', ['a']))).rejects.toMatchObject(fenced)
  await expect(Promise.resolve().then(() => state.keys.set({ session: { a: session('a') } }))).rejects.toMatchObject(
    fenced,
  )
})

test.each([
  ['empty', 0],
  ['filled with NUL bytes', -1],
  ['cut to its meta pages', 8192],
  ['cut within its meta pages', 100],
])('a database that is %s is a disk error, stays as it is, and no account is made in its place', async (_, length) => {
  const { folder, store } = await stored()
  const path = join(folder, 'account.mdb')
  if (length < 0) await writeFile(path, Buffer.alloc(100_000))
  else await truncate(path, length)
  const damaged = await readFile(path)
  const refused = { code: 'AUTH_STORE_DISK', errno: 'MDB_INVALID' }
  await expect(store.inspect()).rejects.toMatchObject(refused)
  await expect(store.acquire()).rejects.toMatchObject(refused)
  expect(await store.owned()).toBe(false)
  expect(await readFile(path)).toEqual(damaged)
})

test('what a crash left while the database was made is made anew', async () => {
  const folder = await freshFolder()
  await mkdir(join(folder, '.lifeline'), { recursive: true })
  await writeFile(join(folder, '.lifeline', 'new-account.mdb'), '')
  const store = lmdbAuthStore(folder)
  await store.acquire()
  expect((await store.inspect()).creds.kind).toBe('absent')
  await store.release()
  expect(await readdir(join(folder, '.lifeline'))).toEqual(['lock'])
})

const stored = async () => {
  const folder = await freshFolder()
  const store = lmdbAuthStore(folder)
  await store.acquire()
  const opening = await store.open({ mint: true })
  link(opening.state.creds)
  await opening.saveCreds()
  for (let at = 0; at < 20; at++) await opening.state.keys.set({ session: { [`49${at}.0`]: session('a') } })
  await store.release()
  return { folder, store }
}
