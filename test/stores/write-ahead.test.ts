import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import type { FileSystem } from '../../src/disk/file-system.ts'
import { isRecord } from '../../src/stores/write-ahead.ts'
import { FaultyDisk } from '../disk/faulty-disk.ts'
import { freshFolder, linkedAccount, ownedStore, session, storeOf } from './account.ts'

const addresses = Array.from({ length: 80 }, (_, at) => `49${at}.0`)
/** A set that is noted ahead by default. */
const largeSet = (mark: string) => ({
  session: Object.fromEntries(addresses.map((address) => [address, session(mark)])),
})
const recordsIn = async (folder: string) => (await readdir(join(folder, '.lifeline'))).filter(isRecord)

/** A linked account on a disk that tells its calls, and can fail. */
async function opened() {
  const disk = new FaultyDisk()
  const { folder, store } = await linkedAccount('49111', { fileSystem: disk.fileSystem })
  return { disk, folder, store, opening: await store.open() }
}

/** The same, with an acknowledged large set whose files could not be made durable: its record is left. */
async function indebted(mark: string) {
  const rig = await opened()
  rig.disk.failing = (_, name) => (name === 'syncFile' ? 'EIO' : undefined)
  const failFurther = rig.disk.failing
  await rig.opening.state.keys.set(largeSet(mark))
  // The way out of a failed fsync is a write, which fails as well.
  rig.disk.failing = (call, name) => (name === 'writeFile' ? 'EIO' : failFurther(call, name))
  return rig
}

/** What the next owner of the folder has of those sessions. */
async function keptOf({ store, folder }: Awaited<ReturnType<typeof opened>>, ...ids: readonly string[]) {
  await store.release()
  const again = await (await ownedStore(folder)).open()
  return again.state.keys.get('session', [...ids])
}

test('a large set is answered when one record of it is durable and Baileys can read its files; then each file is synced', async () => {
  const { disk, folder, store, opening } = await opened()
  const calls: (keyof FileSystem)[] = []
  disk.failing = (_, name) => {
    calls.push(name)
    return undefined
  }
  const count = (name: keyof FileSystem) => calls.filter((call) => call === name).length
  await opening.state.keys.set(largeSet('x'))
  expect(calls.slice(0, calls.indexOf('syncFile')).filter((call) => call === 'rename')).toHaveLength(
    addresses.length + 1,
  )
  expect(count('syncFile')).toBeLessThan(addresses.length / 2)
  const { state } = await useMultiFileAuthState(folder)
  expect(Object.values(await state.keys.get('session', addresses))).toEqual(addresses.map(() => session('x')))

  await opening.fence()
  expect(count('syncFile')).toBe(addresses.length)
  expect(await recordsIn(folder)).toEqual([])
  await expect(store.quarantine({ kind: 'all-sessions' }, 'test')).resolves.toBeDefined()
})

test('an owner that dies at any call of a large set leaves all of it to the next one, or none of what it had not acknowledged', async () => {
  const addressesOf = ['491.0', '492.0']
  for (let call = 1; ; call += 1) {
    const disk = new FaultyDisk()
    const options = { fileSystem: disk.fileSystem, writeAheadFrom: 2 }
    const { folder, store } = await linkedAccount('49111', options)
    const opening = await store.open()
    disk.dieAt(call)
    const set = opening.state.keys.set({ session: { '491.0': session('x'), '492.0': session('x') } })
    const acknowledged = await Promise.resolve(set).then(
      () => true,
      () => false,
    )
    await opening.fence()
    const used = disk.calls
    disk.heal()
    await store.release()

    const next = await ownedStore(folder)
    const found = await (await next.open()).state.keys.get('session', addressesOf)
    const now = [session('x'), session('x')]
    const before = [session('a'), session('b')]
    expect(acknowledged ? [now] : [now, before], `dead at call ${call}`).toContainEqual(Object.values(found))
    expect(await recordsIn(folder)).toEqual([])
    if (used < call) break
  }
})

test('a record whose files a failing disk did not take is told by an inspection, and finished before anything else is written', async () => {
  const rig = await indebted('old')
  const { disk, folder, store, opening } = rig
  await opening.fence()
  expect(await recordsIn(folder)).toHaveLength(1)
  expect((await store.inspect()).findings).toContainEqual(
    expect.objectContaining({ code: 'write-unfinished', severity: 'info' }),
  )
  await expect((await opened()).store.inspect()).resolves.not.toMatchObject({
    findings: expect.arrayContaining([expect.objectContaining({ code: 'write-unfinished' })]),
  })
  disk.heal()
  const { keys } = (await store.open()).state
  expect(await recordsIn(folder)).toEqual([])
  await keys.set({ session: { '490.0': session('new') } })
  expect(await keptOf(rig, '490.0', '491.0')).toEqual({
    '490.0': session('new'),
    '491.0': session('old'),
  })
})

test('what is written after a record is refused while the record cannot be settled, and never undone by it', async () => {
  const rig = await opened()
  const { disk, folder, opening } = rig
  const { keys } = opening.state
  disk.failing = (_, name) => (name === 'unlink' ? 'EIO' : undefined)
  await keys.set(largeSet('old'))
  await expect(keys.set({ session: { '490.0': session('new') } })).rejects.toMatchObject({
    code: 'AUTH_STORE_DISK',
    errno: 'EIO',
  })
  expect(await keys.get('session', ['490.0'])).toEqual({ '490.0': session('old') })
  disk.heal()
  await keys.set({ session: { '490.0': session('new') } })
  expect(await recordsIn(folder)).toEqual([])
  expect(await keptOf(rig, '490.0')).toEqual({ '490.0': session('new') })
})

test('a record that is there though its set was refused undoes nothing that is written later', async () => {
  const rig = await opened()
  const { disk, folder, opening } = rig
  const { keys } = opening.state
  disk.failing = (_, name) => (name === 'syncFolder' || name === 'unlink' ? 'EIO' : undefined)
  await expect(keys.set(largeSet('refused'))).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
  expect(await recordsIn(folder)).toHaveLength(1)
  disk.heal()
  await keys.set({ session: { '490.0': session('new') } })
  expect(await recordsIn(folder)).toEqual([])
  expect(await keptOf(rig, '490.0')).toEqual({ '490.0': session('new') })
})

test('sessions that were set aside after a record was left do not come back with it', async () => {
  const rig = await indebted('old')
  const { disk, store, opening } = rig
  await opening.fence()
  disk.heal()
  expect((await store.quarantine({ kind: 'all-sessions' }, 'test'))?.files.length).toBeGreaterThanOrEqual(
    addresses.length,
  )
  expect(await keptOf(rig, '490.0')).toEqual({ '490.0': null })
})

test('a record that was spoilt is put out of the way, and nothing of it is believed', async () => {
  const { folder, store, opening } = await indebted('old')
  await opening.fence()
  await store.release()
  const [name = ''] = await recordsIn(folder)
  const path = join(folder, '.lifeline', name)
  const bytes = await readFile(path)
  const at = bytes.indexOf('"session-490.0.json"')
  bytes.write('"session-49x.0.json"', at)
  await writeFile(path, bytes)
  const next = storeOf(folder)
  await next.acquire()
  const { keys } = (await next.open()).state
  expect(await keys.get('session', ['49x.0', '491.0'])).toEqual({ '49x.0': null, '491.0': session('old') })
  expect(await recordsIn(folder)).toEqual([])
  expect(await readFile(`${path}.damaged`)).toEqual(bytes)
})

test('a staging area has records of its own', async () => {
  const disk = new FaultyDisk()
  const store = await ownedStore(await freshFolder(), { fileSystem: disk.fileSystem })
  const staged = await store.openStaging()
  disk.failing = (_, name) => (name === 'syncFile' ? 'EIO' : undefined)
  await staged.saveCreds()
  await staged.state.keys.set(largeSet('x'))
  disk.failing = (_, name) => (name === 'syncFile' || name === 'writeFile' ? 'EIO' : undefined)
  await staged.fence()
  expect((await store.inspect()).findings).toContainEqual(expect.objectContaining({ code: 'write-unfinished' }))
  disk.heal()
  const resumed = await store.resumeStaging()
  expect(await resumed.state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('x') })
  expect((await store.inspect()).findings.map(({ code }) => code)).not.toContain('write-unfinished')
})
