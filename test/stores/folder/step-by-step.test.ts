import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import type { Timers } from '../../../src/stores/folder/lock.ts'
import type { AuthStore } from '../../../src/stores/store.ts'
import { filesBelow, link, linkedAccount, ownedStore, session } from '../account.ts'
import { errnoError } from '../disk/faulty-disk.ts'
import { PatientDisk } from '../disk/patient-disk.ts'
import { HandDelays } from './journal/crash.ts'

/** No heartbeat of the lock, which would come beside whatever step is under way. */
const noBeats: Timers = { setInterval: () => ({}), clearInterval: () => undefined }

const pairStaged = async (store: AuthStore) => {
  const opening = await store.openStaging()
  link(opening.state.creds, '49222')
  await opening.saveCreds()
  await opening.fence()
}

test.each<[string, (store: AuthStore, folder: string) => Promise<() => unknown>]>([
  [
    'a promotion',
    async (store, folder) => {
      await pairStaged(store)
      await writeFile(join(folder, '.lifeline', 'staging', 'left'), '')
      return () => store.promoteStaging('anew')
    },
  ],
  [
    'a pairing that is set aside',
    async (store) => {
      await pairStaged(store)
      return () => store.discardStaging?.('left')
    },
  ],
  ['files that go aside', async (store) => () => store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')],
  ['a copy of files', async (store) => () => store.copyAside?.({ kind: 'sessions', addresses: ['491.0'] }, 'test')],
  [
    'files that come back',
    async (store) => {
      const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
      return () => store.restore(entry?.id ?? '')
    },
  ],
  [
    'a quarantine that is trimmed',
    async (store) => {
      await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
      return () => store.trimQuarantine({ keepDays: 0, maxBytes: 0 })
    },
  ],
  [
    'credentials that are restored',
    async (store, folder) => {
      await writeFile(join(folder, 'creds.json'), '{')
      return () => store.restoreCreds('test')
    },
  ],
  ['a release', async (store) => () => store.release()],
  [
    'an acquire',
    async (store, folder) => {
      await store.release()
      await rm(join(folder, '.lifeline', 'state.json'), { force: true })
      await mkdir(join(folder, '.lifeline', 'state.json'))
      await writeFile(join(folder, 'a.lifeline-tmp'), '')
      return () => store.acquire()
    },
  ],
  ['the facts', async (store) => () => store.writeFacts({ a: 1 })],
  ['what was sent', async (store) => () => store.sent?.replace([{ a: 1 }])],
])('%s takes one step after the other, and is done when that is told', async (_, prepare) => {
  const disk = new PatientDisk()
  const { folder, store: first } = await linkedAccount('49111')
  await first.release()
  const store = await ownedStore(folder, {
    fileSystem: disk.fileSystem,
    delays: new HandDelays(),
    timers: noBeats,
  })
  const run = await prepare(store, folder)
  disk.taken()
  await run()
  expect(disk.taken()).toEqual([])
})

test('no file is moved while one that was written cannot be put in its place', async () => {
  let refuses = false
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    rename: async (from, to) => {
      if (refuses && to.endsWith('session-777.0.json')) throw errnoError('EIO')
      await nodeFileSystem.rename(from, to)
    },
  }
  const { folder, store } = await linkedAccount('49111', { fileSystem, delays: new HandDelays() })
  const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
  await pairStaged(store)
  const { state, fence } = await store.open()
  refuses = true
  await state.keys.set({ session: { '777.0': session('s') } })
  await fence()
  const before = await filesBelow(folder)
  const steps: Readonly<Record<string, () => Promise<unknown> | undefined>> = {
    restore: () => store.restore(entry?.id ?? ''),
    quarantine: () => store.quarantine({ kind: 'sessions', addresses: ['492.0'] }, 'test'),
    openStaging: () => store.openStaging(),
    promoteStaging: () => store.promoteStaging('anew'),
    discardStaging: () => store.discardStaging?.('left'),
    repairPreKeys: () => store.repairPreKeys?.({ force: true }),
  }
  for (const [name, step] of Object.entries(steps)) {
    await expect(Promise.resolve(step()), name).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
    expect(await filesBelow(folder), name).toEqual(before)
  }
  refuses = false
  expect(await store.restore(entry?.id ?? '')).toEqual(['session-491.0.json'])
  expect([...(await filesBelow(folder)).keys()]).toContain('session-777.0.json')
})
