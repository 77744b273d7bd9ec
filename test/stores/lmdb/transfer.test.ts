import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { exportFolder, importFolder, lmdbAuthStore } from '../../../src/stores/lmdb/index.ts'
import { filesBelow, freshFolder, linkedAccount, session, storeOf } from '../account.ts'

const restingFolder = async () => {
  const { folder, store, creds } = await linkedAccount()
  await store.writeFacts({ budget: 3 })
  const opening = await store.open()
  await (opening.state.keys as { set(data: object): Promise<void> | void }).set({ 'a-future-type': { x: { y: 1 } } })
  await store.release()
  return { folder, creds }
}

const accountFiles = async (folder: string) => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')]))
}

describe('an import', () => {
  test('brings creds, keys, generations, learned types and budgets over, and leaves the folder as it is', async () => {
    const { folder, creds } = await restingFolder()
    const before = await filesBelow(folder)
    const target = await freshFolder()
    const { files, bytes } = await importFolder(folder, target)
    expect(files).toBeGreaterThan(8)
    expect(bytes).toBeGreaterThan(1000)
    expect(await filesBelow(folder)).toEqual(before)

    const store = lmdbAuthStore(target)
    await store.acquire()
    const { state } = await store.open()
    expect(state.creds).toEqual(creds)
    expect(await state.keys.get('session', ['491.0', '493.12'])).toEqual({
      '491.0': session('a'),
      '493.12': session('c'),
    })
    expect(await store.readFacts()).toEqual({ budget: 3 })
    expect((await store.inspect()).counts).toMatchObject({ creds: 1, session: 3, 'pre-key': 2, unknown: 1 })
    await store.release()
  })

  test('takes an account in a form of before, from an export or an editor, and hands out the same keys', async () => {
    const { folder, creds } = await restingFolder()
    for (const name of (await readdir(folder)).filter((one) => one.endsWith('.json'))) {
      const text = await readFile(join(folder, name), 'utf8')
      const spelt = text.replaceAll(
        /"data":"([^"]+)"/g,
        (_, data: string) => `"data":${JSON.stringify([...Buffer.from(data, 'base64')])}`,
      )
      await writeFile(join(folder, name), `\uFEFF${spelt.replace(/\}$/, ',}')}\r\n`)
    }
    const target = await freshFolder()
    await importFolder(folder, target)
    const store = lmdbAuthStore(target)
    await store.acquire()
    const { state } = await store.open()
    expect(state.creds).toEqual(creds)
    expect(await state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('a') })
    const { 1: preKey } = await state.keys.get('pre-key', ['1'])
    expect(preKey?.private).toHaveLength(32)
    await store.release()
  })

  test('is refused while the folder has an owner, and nothing is made', async () => {
    const { folder } = await linkedAccount()
    const target = await freshFolder()
    await expect(importFolder(folder, target)).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    await expect(stat(target)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('is refused if the creds cannot be used, the place is taken, or there is no folder', async () => {
    const { folder } = await restingFolder()
    const target = await freshFolder()
    await importFolder(folder, target)
    await expect(importFolder(folder, target)).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_EMPTY' })
    await writeFile(join(folder, 'creds.json'), '{"half')
    await expect(importFolder(folder, await freshFolder())).rejects.toMatchObject({
      code: 'AUTH_STORE_CREDS_UNREADABLE',
    })
    const nowhere = await freshFolder()
    await expect(importFolder(nowhere, await freshFolder())).rejects.toMatchObject({ code: 'AUTH_STORE_FOLDER' })
    await expect(stat(nowhere)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('an export', () => {
  test("gives the same files back, which Baileys' own store reads", async () => {
    const { folder, creds } = await restingFolder()
    const database = await freshFolder()
    const back = await freshFolder()
    await importFolder(folder, database)
    await exportFolder(database, back)
    expect(await accountFiles(back)).toEqual(await accountFiles(folder))
    const theirs = await useMultiFileAuthState(back)
    expect(theirs.state.creds).toEqual(creds)
    const store = storeOf(back)
    expect(await store.readFacts()).toEqual({ budget: 3 })
    expect((await store.inspect()).counts.unknown).toBe(1)
  })

  test('is refused while the store has an owner, over another account, and where there is no store', async () => {
    const { folder } = await restingFolder()
    const database = await freshFolder()
    await importFolder(folder, database)
    const before = await filesBelow(folder)
    await expect(exportFolder(database, folder)).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_EMPTY' })
    expect(await filesBelow(folder)).toEqual(before)
    await expect(exportFolder(folder, await freshFolder())).rejects.toMatchObject({ code: 'AUTH_STORE_FOLDER' })
    const store = lmdbAuthStore(database)
    await store.acquire()
    await expect(exportFolder(database, await freshFolder())).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    await store.release()
  })
})
