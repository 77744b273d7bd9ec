import { expect, test } from 'vitest'
import { nodeFileSystem } from '../../src/stores/disk/file-system.ts'
import { freshFolder, linkedAccount, ownedStore, session } from './account.ts'

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
