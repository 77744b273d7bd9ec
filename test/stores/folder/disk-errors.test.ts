import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { eachBounded } from '../../../src/stores/bounded.ts'
import { isTemporary } from '../../../src/stores/disk/atomic-write.ts'
import type { FileSystem } from '../../../src/stores/disk/file-system.ts'
import { inTurn } from '../../share.ts'
import { filesBelow, freshFolder, linkedAccount, ownedStore, session, storeOf } from '../account.ts'
import { FaultyDisk } from '../disk/faulty-disk.ts'

const errnos = ['ENOSPC', 'EACCES', 'EROFS', 'EIO', 'EMFILE']

describe.each(inTurn(errnos, import.meta.url))('a disk that fails with %s', (errno) => {
  test.each([
    ['a journal that has room', 524_288],
    ['a journal that grows with each', 4_096],
  ])(
    'at any call of a write into %s: it rejects naming the errno, old or new content stands whole, and the store goes on',
    async (_, journalStepBytes) => {
      const disk = new FaultyDisk()
      const { folder, store } = await linkedAccount('49111', { fileSystem: disk.fileSystem, journalStepBytes })
      const opening = await store.open()
      const { keys } = opening.state
      for (let call = 1; ; call++) {
        const values = [session(`${call}a`), session(`${call}b`)]
        const before = await keys.get('session', ['491.0', '492.0'])
        disk.failOnly(call, errno)
        const failure = await Promise.resolve(
          keys.set({ session: { '491.0': values[0] ?? null, '492.0': values[1] ?? null } }),
        ).catch((error: unknown) => error)
        disk.heal()
        const after = await keys.get('session', ['491.0', '492.0'])
        if (failure === undefined) {
          expect(after).toEqual({ '491.0': values[0], '492.0': values[1] })
          if (disk.calls < call) break
          continue
        }
        expect(failure).toMatchObject({
          code: 'AUTH_STORE_DISK',
          errno,
          message: expect.stringContaining(errno),
          remediation: expect.any(String),
        })
        expect([before['491.0'], values[0]]).toContainEqual(after['491.0'])
        expect([before['492.0'], values[1]]).toContainEqual(after['492.0'])
        expect((await readdir(folder)).filter(isTemporary)).toEqual([])
        await keys.set({ session: { '491.0': session('x'), '492.0': session('y') } })
      }
    },
  )

  test('at any call of a creds save: creds stay loadable and no identity is minted', async () => {
    const disk = new FaultyDisk()
    const { store, creds } = await linkedAccount('49111', { fileSystem: disk.fileSystem })
    const opening = await store.open()
    for (let call = 1; ; call++) {
      opening.state.creds.myAppStateKeyId = `change ${call}`
      disk.failOnly(call, errno)
      const failure = await opening.saveCreds().catch((error: unknown) => error)
      const used = disk.calls
      disk.heal()
      if (failure !== undefined) expect(failure).toMatchObject({ code: 'AUTH_STORE_DISK', errno })
      const { creds: read } = await store.inspect({ depth: 'creds' })
      expect(read).toMatchObject({ kind: 'present', value: { registrationId: creds.registrationId } })
      if (used < call) break
    }
  })

  test('at any call of acquire and open: they reject and mint nothing, and afterwards all is as it was', async () => {
    const { folder, store, creds } = await linkedAccount('49111')
    await store.release()
    const before = await filesBelow(folder)
    const disk = new FaultyDisk()
    for (let call = 1; ; call++) {
      const failing = storeOf(folder, { fileSystem: disk.fileSystem })
      disk.failOnly(call, errno)
      const result = await failing
        .acquire()
        .then(() => failing.open({ mint: true }))
        .catch((error: unknown) => error as Error)
      const used = disk.calls
      disk.heal()
      if (result instanceof Error) expect(result).toMatchObject({ code: 'AUTH_STORE_DISK', errno })
      else expect(result.state.creds.registrationId).toBe(creds.registrationId)
      await failing.release()
      expect(await filesBelow(folder)).toEqual(before)
      if (used < call) break
    }
  })
})

test('a set that the disk has no room for changes nothing, and takes none of those along that were made at the same moment', async () => {
  const disk = new FaultyDisk()
  const { store } = await linkedAccount('49111', { fileSystem: disk.fileSystem, journalStepBytes: 4_096 })
  const { keys } = (await store.open()).state
  const before = await keys.get('session', ['491.0', '492.0', '493.12'])
  const large = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`5${at}.0`, session('L')]))
  disk.failingWrite = (bytes) => (bytes > 16_384 ? 'ENOSPC' : undefined)
  const results = await Promise.allSettled([
    keys.set({ session: { ...large, '491.0': session('x'), '493.12': null } }),
    keys.set({ session: { '494.0': session('z') } }),
  ])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(results[0]).toMatchObject({ reason: { code: 'AUTH_STORE_DISK', errno: 'ENOSPC' } })
  expect(await keys.get('session', ['491.0', '492.0', '493.12'])).toEqual(before)
  expect(await keys.get('session', ['494.0', '50.0'])).toEqual({ '494.0': session('z'), '50.0': null })
})

test('nothing can be minted while creds cannot be read', async () => {
  const disk = new FaultyDisk()
  const store = await ownedStore(await freshFolder(), { fileSystem: disk.fileSystem })
  disk.failing = (_, name) => (name === 'readFile' ? 'EACCES' : undefined)
  await expect(store.open({ mint: true })).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EACCES' })
  await expect(store.inspect({ depth: 'creds' })).rejects.toMatchObject({ code: 'AUTH_STORE_DISK' })
})

const sessionsIn = (names: readonly string[]) => names.filter((name) => name.startsWith('session-'))

describe('setting aside on a disk that fails', () => {
  const onFaulty = async () => {
    const disk = new FaultyDisk()
    const account = await linkedAccount('491', { fileSystem: disk.fileSystem })
    const fails = (call: keyof FileSystem, errno: string) => {
      disk.failing = (_, name) => (name === call ? errno : undefined)
    }
    return { ...account, disk, fails }
  }
  const all = { kind: 'all-sessions' } as const

  test('at reading a file does not keep it from being set aside, and out of handles it sets nothing aside', async () => {
    const { folder, store, disk, fails } = await onFaulty()
    fails('readFile', 'EMFILE')
    await expect(store.quarantine(all, 'test')).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EMFILE' })
    expect(sessionsIn(await readdir(folder))).toHaveLength(3)
    let reads = 0
    disk.failing = (_, name) => (name === 'readFile' && ++reads <= 3 ? 'EACCES' : undefined)
    const entry = await store.quarantine(all, 'test')
    disk.heal()
    expect(entry?.files.map(({ bytes }) => bytes)).toEqual([0, 0, 0])
    expect(sessionsIn(await readdir(folder))).toEqual([])
    expect(await store.restore(entry?.id ?? '')).toHaveLength(3)
  })

  test('at moving files or at listing them is told as itself', async () => {
    const { store, disk, fails } = await onFaulty()
    await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
    let renames = 0
    disk.failing = (_, name) => (name === 'rename' && ++renames > 1 ? 'EIO' : undefined)
    await expect(store.quarantine(all, 'test')).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
    fails('readdir', 'EIO')
    await expect(store.quarantined()).rejects.toMatchObject({ errno: 'EIO' })
    disk.heal()
    expect(await store.quarantined()).toHaveLength(1)
  })

  test('stops a step over many files, and tells what failed first', async () => {
    const begun: number[] = []
    const step = async (item: number) => {
      begun.push(item)
      await Promise.resolve()
      if (item > 0) throw new Error(`at ${item}`)
    }
    await expect(eachBounded([1, 2, 3, 4], 2, step)).rejects.toThrow('at 1')
    expect(begun).toEqual([1, 2])
  })
})
