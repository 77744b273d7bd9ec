import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFileSystem } from '../../src/disk/file-system.ts'
import { freshFolder, linkedAccount, ownedStore, session } from './account.ts'

test('after the fence every write of that opening is refused and changes nothing', async () => {
  const { folder, store } = await linkedAccount()
  const opening = await store.open()
  await opening.fence()
  const before = await readFile(join(folder, 'creds.json'))
  opening.state.creds.nextPreKeyId = 99
  await expect(opening.saveCreds()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED', name: 'FencedError' })
  await expect(opening.state.keys.set({ session: { late: session('l') } })).rejects.toMatchObject({
    code: 'AUTH_STORE_FENCED',
  })
  await expect(opening.state.keys.clear?.()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  expect(await readFile(join(folder, 'creds.json'))).toEqual(before)
  expect(await readdir(folder)).not.toContain('session-late.json')
  expect(await opening.state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('a') })
})

test('the fence resolves once the writes in flight are on disk, queued ones included', async () => {
  const { folder, store } = await linkedAccount()
  const opening = await store.open()
  let finished = 0
  for (let round = 0; round < 30; round++) {
    void Promise.resolve(
      opening.state.keys.set({ session: { [`w${round}.0`]: session('w'), shared: session(String(round)) } }),
    ).then(() => finished++)
    if (round % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await opening.fence()
  expect(finished).toBe(30)
  expect((await readdir(folder)).filter((name) => name.startsWith('session-w'))).toHaveLength(30)
})

test('a fence of one opening leaves a later one alone, and the later one starts from the disk', async () => {
  const { store } = await linkedAccount()
  const first = await store.open()
  await first.state.keys.set({ session: { x: session('1') } })
  await first.fence()
  await store.quarantine({ kind: 'sessions', addresses: ['x'] }, 'test')
  const second = await store.open()
  expect(await second.state.keys.get('session', ['x'])).toEqual({ x: null })
  await second.state.keys.set({ session: { x: session('2') } })
  await first.fence()
  expect(await second.state.keys.get('session', ['x'])).toEqual({ x: session('2') })
})

test('files do not move while an opening may still write, not even when its close gave up waiting', async () => {
  const folder = await freshFolder()
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let hold = false
  const store = await ownedStore(folder, {
    fileSystem: {
      ...nodeFileSystem,
      rename: async (from, to) => {
        if (hold) await held
        return nodeFileSystem.rename(from, to)
      },
    },
  })
  const opening = await store.open({ mint: true })
  await opening.saveCreds()
  await expect(store.quarantine({ kind: 'everything' }, 'test')).rejects.toMatchObject({ code: 'AUTH_STORE_OPEN' })
  hold = true
  const write = opening.state.keys.set({ session: { slow: session('s') } })
  await opening.close(1)
  await expect(store.quarantine({ kind: 'everything' }, 'test')).rejects.toMatchObject({ code: 'AUTH_STORE_OPEN' })
  hold = false
  letGo()
  await write
  await opening.fence()
  const entry = await store.quarantine({ kind: 'everything' }, 'test')
  expect(entry?.files.map((file) => file.name)).toContain('session-slow.json')
})

test('a close that ends before its deadline leaves no timer that would keep the process alive', async () => {
  const { store } = await linkedAccount()
  const opening = await store.open()
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  await opening.close(60_000)
  expect(timers()).toBeLessThanOrEqual(before)
})

test('a store that was not acquired changes nothing', async () => {
  const { folder, store } = await linkedAccount()
  await store.release()
  const before = await readdir(folder, { recursive: true })
  for (const call of [
    () => store.open({ mint: true }),
    () => store.quarantine({ kind: 'everything' }, 'test'),
    () => store.restoreCreds('test'),
    () => store.repairPreKeys({ force: true }),
    () => store.openStaging(),
    () => store.promoteStaging('test'),
    () => store.writeFacts({}),
    () => store.appendHistory({}),
    () => store.trimQuarantine({ keepDays: 0, maxBytes: 0 }),
  ]) {
    await expect(call()).rejects.toMatchObject({
      code: 'AUTH_STORE_NOT_OWNED',
      message: expect.stringContaining(folder),
    })
  }
  expect(await readdir(folder, { recursive: true })).toEqual(before)
  expect((await store.inspect()).linked).toBe(true)
})
