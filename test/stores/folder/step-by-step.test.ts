import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { encodeFrame, encodeHeader, epochBytes } from '../../../src/stores/folder/journal/frame.ts'
import type { Timers } from '../../../src/stores/folder/lock.ts'
import { systemProcesses } from '../../../src/stores/process-identity.ts'
import type { AuthStore } from '../../../src/stores/store.ts'
import { filesBelow, freshFolder, link, linkedAccount, ownedStore, session, storeOf } from '../account.ts'
import { errnoError } from '../disk/faulty-disk.ts'
import { PatientDisk } from '../disk/patient-disk.ts'
import { HandDelays } from './journal/crash.ts'
import { row } from './journal/parts.ts'
import { leaveClaim } from './left-claim.ts'

/** No heartbeat of the lock, which would come beside whatever step is under way. */
const noBeats: Timers = { setInterval: () => ({}), clearInterval: () => undefined }

const pairStaged = async (store: AuthStore) => {
  const opening = await store.openStaging()
  link(opening.state.creds, '49222')
  await opening.saveCreds()
  await opening.fence()
}

/** A promotion that was noted, and of which nothing was done yet. */
const interrupted = async (store: AuthStore, folder: string) => {
  await pairStaged(store)
  // As after its first step, which sets the good copies of the account before aside.
  await rm(join(folder, '.lifeline', 'creds'), { recursive: true })
  await writeFile(join(folder, '.lifeline', 'promotion.json'), JSON.stringify({ files: ['creds.json'], old: null }))
}

/** A journal that an owner left, in which one file is to be put in its place. */
const leaveJournal = async (home: string) => {
  await mkdir(home, { recursive: true })
  const epoch = randomBytes(epochBytes)
  const frame = encodeFrame(epoch, 0, { at: Date.now(), rows: [row('session-777.0.json', '{}')] })
  await writeFile(join(home, 'a.lifeline-journal'), Buffer.concat([encodeHeader(epoch), frame]))
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
  [
    'files that come back over others',
    async (store) => {
      const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
      const { state, fence } = await store.open()
      await state.keys.set({ session: { '491.0': session('new') } })
      await fence()
      return () => store.restore(entry?.id ?? '', { force: true })
    },
  ],
  ['credentials that are repaired', async (store) => () => store.repairPreKeys?.({ force: true })],
  [
    'an opening that has no good copy of the credentials',
    async (store, folder) => {
      await store.release()
      await rm(join(folder, '.lifeline', 'creds'), { recursive: true })
      await store.acquire()
      return () => store.open()
    },
  ],
  [
    'a pairing that is begun',
    async (store, folder) => {
      await mkdir(join(folder, '.lifeline', 'staging'), { recursive: true })
      await writeFile(join(folder, '.lifeline', 'staging', 'left'), '')
      return () => store.openStaging()
    },
  ],
  ['a first pairing', async (store) => () => store.openStaging()],
  ...Object.entries<(store: AuthStore) => Promise<unknown> | undefined>({
    'an opening': (store) => store.open(),
    'a pairing that is gone on with': (store) => store.resumeStaging().catch(() => undefined),
    'a pairing that is begun': (store) => store.openStaging(),
    'a pairing that is set aside': (store) => store.discardStaging?.('left'),
    'a promotion': (store) => store.promoteStaging('again'),
  }).map(([name, step]): [string, (store: AuthStore, folder: string) => Promise<() => unknown>] => [
    `${name}, after a promotion that was interrupted,`,
    async (store, folder) => {
      await interrupted(store, folder)
      return () => step(store)
    },
  ]),
  [
    'an acquire after a promotion that was interrupted',
    async (store, folder) => {
      await interrupted(store, folder)
      await store.release()
      return () => store.acquire()
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
      await leaveClaim(folder, { ...systemProcesses.self(), pid: 2 ** 22 + 1 })
      for (const home of [join(folder, '.lifeline'), join(folder, '.lifeline', 'staging')]) await leaveJournal(home)
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

test('a folder is made one step after the other, and is there when that is told', async () => {
  const disk = new PatientDisk()
  const store = storeOf(await freshFolder(), {
    fileSystem: disk.fileSystem,
    delays: new HandDelays(),
    timers: noBeats,
  })
  await store.acquire()
  expect(disk.taken()).toEqual([])
})

test('of files that cannot be set aside no entry stays', async () => {
  const disk = new PatientDisk()
  const { folder, store } = await linkedAccount('49111', {
    fileSystem: disk.fileSystem,
    delays: new HandDelays(),
    timers: noBeats,
  })
  disk.taken()
  disk.refuses = (change) => (change === 'rename of session-491.0.json' ? 'EIO' : undefined)
  const aside = store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
  await expect(aside).rejects.toMatchObject({ errno: 'EIO' })
  expect([disk.taken(), await readdir(join(folder, '.lifeline', 'quarantine'))]).toEqual([[], []])
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
  // Where nothing is to be moved, nothing hinders.
  expect(await store.quarantine({ kind: 'sessions', addresses: ['nobody'] }, 'test')).toBeUndefined()
  refuses = false
  expect(await store.restore(entry?.id ?? '')).toEqual(['session-491.0.json'])
  expect([...(await filesBelow(folder)).keys()]).toContain('session-777.0.json')
})
