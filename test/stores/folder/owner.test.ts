import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import type { BaileysParts } from '../../../src/stores/codec.ts'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { isJournal } from '../../../src/stores/folder/journal/journal-file.ts'
import type { AuthStore, OpenAuth } from '../../../src/stores/store.ts'
import { gate } from '../../gate.ts'
import { freshFolder, linkedAccount, ownedStore, session, storeOf } from '../account.ts'
import { FaultyDisk } from '../disk/faulty-disk.ts'
import { HandDelays } from './journal/crash.ts'

describe('what is no file', () => {
  test.each([
    ['session', '491.0', 'a session file'],
    ['sender-key', '1-2@g.us--491--0', 'a sender-key file'],
    ['new-type', 'x', 'a foreign file'],
  ])('in the place of a key of the type %s is told by its class, and set aside', async (type, id, words) => {
    const { folder, store } = await linkedAccount('4917', { now: () => 1_800_000_000_000 })
    const heard: string[] = []
    const off = store.onRefused?.((said) => heard.push(said))
    const path = join(folder, `${type}-${id}.json`)
    await rm(path, { force: true })
    await mkdir(path)
    const { state } = await store.open()
    expect(await state.keys.get(type as 'session', [id])).toEqual({ [id]: null })
    expect(heard).toEqual([`${words} is a folder; it is in the quarantine`])
    expect((await store.quarantined()).map(({ at, files }) => [at, ...files.map(({ name }) => name)])).toEqual([
      [1_800_000_000_000, `${type}-${id}.json`],
    ])
    off?.()
    await mkdir(path)
    await state.keys.get(type as 'session', [id])
    expect(heard).toHaveLength(1)
  })

  test('is told to who comes to listen, also where it cannot be set aside, and stays there as nothing', async () => {
    const disk = new FaultyDisk()
    const { folder, store } = await linkedAccount('4917', { fileSystem: disk.fileSystem })
    const path = join(folder, 'session-491.0.json')
    await rm(path)
    await mkdir(path)
    const { state, fence } = await store.open()
    disk.failing = (_, name) => (name === 'rename' ? 'EIO' : undefined)
    expect(await state.keys.get('session', ['491.0'])).toEqual({ '491.0': null })
    disk.heal()
    const heard: string[] = []
    store.onRefused?.((said) => heard.push(said))
    expect(heard).toEqual(['a session file is a folder; it could not be set aside'])
    store.onRefused?.((said) => heard.push(said))
    expect(heard).toHaveLength(1)
    expect(await readdir(folder)).toContain('session-491.0.json')
    await fence()
  })
})

test('an owner that looks at its account reads no journal: it knows what is to come', async () => {
  const { folder, store } = await linkedAccount()
  await store.release()
  const read: string[] = []
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    readFile: async (path) => {
      if (isJournal(path)) read.push(path)
      return nodeFileSystem.readFile(path)
    },
  }
  const owner = await ownedStore(folder, { fileSystem, delays: new HandDelays() })
  for (const open of [() => owner.open(), () => owner.openStaging()]) {
    const opening = await open()
    await opening.state.keys.set({ session: { '777.0': session('s') } })
    await opening.fence()
  }
  await owner.inspect()
  await owner.stagingPaired()
  expect(read).toEqual([])
  await storeOf(folder, { fileSystem }).inspect()
  expect(read.map((path) => path.includes('/staging/')).sort()).toEqual([false, true])
})

test('an account is gone while it is owned and its folder is not there, and whoever let go of it sees what others do', async () => {
  const { folder, store } = await linkedAccount()
  expect(await store.gone?.()).toBe(false)
  await rename(folder, `${folder}-aside`)
  expect(await store.gone?.()).toBe(true)
  await rename(`${folder}-aside`, folder)
  expect(await store.gone?.()).toBe(false)
  await store.release()
  const next = await ownedStore(folder, { delays: new HandDelays() })
  const opening = await next.open()
  await opening.state.keys.set({ session: { '777.0': session('s') } })
  const isBehind = async (one: AuthStore) =>
    (await one.inspect()).findings.some(({ code }) => code === 'write-unfinished')
  expect([await isBehind(store), await isBehind(next)]).toEqual([true, false])
  await opening.fence()
  await next.release()
  await rename(folder, `${folder}-aside`)
  expect([await store.gone?.(), await next.gone?.()]).toEqual([false, false])
})

test('an account that had credentials is gone with them and with what is kept beside them, one that had none with its folder', async () => {
  const { folder, store } = await linkedAccount()
  const looks = [join(folder, 'creds.json'), join(folder, '.lifeline')]
  const outcomes: boolean[] = []
  for (const gone of [[looks[0]], [looks[1]], looks]) {
    for (const path of gone) await rename(String(path), `${folder}-${path?.slice(-4)}`)
    outcomes.push((await store.gone?.()) ?? false)
    for (const path of gone) await rename(`${folder}-${path?.slice(-4)}`, String(path))
  }
  expect(outcomes).toEqual([false, false, true])
  const fresh = await freshFolder()
  const owner = await ownedStore(fresh)
  await rm(join(fresh, '.lifeline'), { recursive: true })
  expect(await owner.gone?.()).toBe(false)
  await rm(fresh, { recursive: true })
  expect(await owner.gone?.()).toBe(true)
})

test('an account whose lock is its own, or that of another who lives, is looked at once', async () => {
  const asked: string[] = []
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    stat: async (path) => {
      asked.push(path)
      return nodeFileSystem.stat(path)
    },
    readdir: async (path) => {
      asked.push(path)
      return nodeFileSystem.readdir(path)
    },
  }
  const { folder, store } = await linkedAccount('4917', { fileSystem })
  const lock = join(folder, '.lifeline', 'lock')
  const looked = async () => {
    asked.length = 0
    expect(await store.gone?.()).toBe(false)
    return asked.filter((path) => path === join(folder, 'creds.json')).length
  }
  expect(await looked()).toBe(1)
  for (const name of await readdir(lock)) await rm(join(lock, name))
  const other = await ownedStore(folder)
  expect(await looked()).toBe(1)
  await other.release()
  await store.release()
  expect([await looked(), asked]).toEqual([0, []])
})

test('where Baileys cannot be loaded nothing is made, and it is looked for again', async () => {
  let away = true
  const folder = await freshFolder()
  const store = storeOf(folder, {
    baileys: async () => {
      if (away) throw new Error('not installed')
      return v7 as unknown as BaileysParts
    },
  })
  await expect(store.acquire()).rejects.toMatchObject({ cause: { message: 'not installed' } })
  expect(existsSync(folder)).toBe(false)
  away = false
  await store.acquire()
  expect(await store.owned()).toBe(true)
})

test('the last moment of a process leaves the facts, a line and no lock, once, and only what is owned', async () => {
  const { folder, store } = await linkedAccount()
  store.endNow?.({ clean: 1 }, { type: 'end' })
  store.endNow?.({ clean: 2 }, { type: 'again' })
  expect(await readdir(join(folder, '.lifeline', 'lock'))).toEqual([])
  expect([await store.owned(), await store.readFacts(), await store.readHistory(9)]).toEqual([
    ...[false, { clean: 1 }, [{ type: 'end' }]],
  ])
  const other = await ownedStore(folder, { fileSystem: { ...nodeFileSystem } })
  other.endNow?.({ clean: 3 }, { type: 'end' })
  expect([await other.owned(), await other.readFacts()]).toEqual([true, { clean: 1 }])
})

test.each<[string, (owner: AuthStore) => Promise<OpenAuth>]>([
  ['the account', (owner) => owner.open()],
  ['a pairing', (owner) => owner.openStaging()],
])('an owner gives its lock back once it has let go of the journal of %s', async (_, open) => {
  const { folder, store } = await linkedAccount()
  await store.release()
  const held = gate()
  const done: string[] = []
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    create: async (path, mode) => {
      const file = await nodeFileSystem.create(path, mode)
      const close = async () => {
        await held.wait()
        await file.close()
        done.push('the journal')
      }
      return { write: (data, at) => file.write(data, at), close }
    },
    unlink: async (path) => {
      await nodeFileSystem.unlink(path)
      if (path.includes('/lock/')) done.push('the lock')
    },
  }
  const owner = await ownedStore(folder, { fileSystem })
  const { state } = await open(owner)
  await state.keys.set({ session: { '777.0': session('s') } })
  done.length = 0
  const releasing = owner.release()
  await held.reached
  // What does not wait for it has its time.
  for (let look = 0; look < 50; look += 1) await readdir(folder)
  expect(done).toEqual([])
  held.pass()
  await releasing
  expect([done[0], done.at(-1)]).toEqual(['the journal', 'the lock'])
})

test.each<[string, (owner: AuthStore) => Promise<OpenAuth>]>([
  ['the account', (owner) => owner.open()],
  ['a pairing', (owner) => owner.openStaging()],
])('an owner whose claim went takes its folder anew once it has let go of the journal of %s', async (_, open) => {
  const { folder, store } = await linkedAccount()
  await store.release()
  const held = gate()
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    create: async (path, mode) => {
      const file = await nodeFileSystem.create(path, mode)
      const close = async () => {
        await held.wait()
        await file.close()
      }
      return { write: (data, at) => file.write(data, at), close }
    },
  }
  const owner = await ownedStore(folder, { fileSystem, delays: new HandDelays() })
  const { state } = await open(owner)
  await state.keys.set({ session: { '777.0': session('s') } })
  const lock = join(folder, '.lifeline', 'lock')
  for (const name of await readdir(lock)) await rm(join(lock, name))
  let acquired = false
  const acquiring = owner.acquire().then(() => {
    acquired = true
  })
  await held.reached
  for (let look = 0; look < 200; look += 1) await readdir(folder)
  expect(acquired).toBe(false)
  held.pass()
  await acquiring
  expect(await owner.owned()).toBe(true)
})
