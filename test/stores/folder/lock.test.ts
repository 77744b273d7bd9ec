import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { LockedError } from '../../../src/errors/errors.ts'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { nodeTimers, type Timers } from '../../../src/stores/folder/lock.ts'
import { type ProcessIdentity, systemProcesses } from '../../../src/stores/process-identity.ts'
import { gate } from '../../gate.ts'
import { filesBelow, freshFolder, linkedAccount, ownedStore, session, storeOf } from '../account.ts'
import { errnoError, FaultyDisk } from '../disk/faulty-disk.ts'
import { leaveClaim } from './left-claim.ts'

const claimIn = async (folder: string) => {
  const names = await readdir(join(folder, '.lifeline/lock'))
  return join(folder, '.lifeline/lock', names.find((name) => name.startsWith('claim-')) ?? '')
}

describe('one owner', () => {
  test('a second store in the same process is refused, by another path too, and changes nothing', async () => {
    const { folder, store } = await linkedAccount()
    const before = await filesBelow(folder)
    const locks = await readdir(join(folder, '.lifeline/lock'))
    await symlink(folder, `${folder}-link`)
    for (const path of [folder, `${folder}-link`, `${folder}/../account/`]) {
      await expect(storeOf(path).acquire()).rejects.toMatchObject({
        code: 'AUTH_STORE_LOCKED',
        name: 'LockedError',
        owner: { pid: process.pid, host: hostname() },
        message: expect.stringContaining(`process ${process.pid} on host ${hostname()}`),
      })
    }
    expect(await filesBelow(folder)).toEqual(before)
    expect(await readdir(join(folder, '.lifeline/lock'))).toEqual(locks)
    expect(await store.owned()).toBe(true)
  })

  test('acquire and release can be repeated, and release leaves nothing in the lock', async () => {
    const { folder, store } = await linkedAccount()
    await store.acquire()
    expect(await store.owned()).toBe(true)
    await store.release()
    await store.release()
    expect(await store.owned()).toBe(false)
    expect(await readdir(join(folder, '.lifeline/lock'))).toEqual([])
    await store.acquire()
    expect(await store.owned()).toBe(true)
  })

  test('an acquire and a release that are called in one breath take turns', async () => {
    const store = storeOf(await freshFolder())
    await Promise.all([store.acquire(), store.release()])
    expect(await store.owned()).toBe(false)
  })

  test('release fences what is open', async () => {
    const { store } = await linkedAccount()
    const opening = await store.open()
    await store.release()
    await expect(opening.saveCreds()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  })

  test('of many stores that start at once exactly one owns the folder', async () => {
    for (let round = 0; round < 15; round++) {
      const folder = await freshFolder()
      const stores = Array.from({ length: 5 }, () => storeOf(folder))
      const results = await Promise.allSettled(stores.map((store) => store.acquire()))
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
      const owned = await Promise.all(stores.map((store) => store.owned()))
      expect(owned.filter(Boolean)).toHaveLength(1)
      for (const store of stores) await store.release()
    }
  })
})

describe('a disk that fails during the release', () => {
  test('does not lock out the process that let go: the next to ask, the same store or another, is the owner', async () => {
    const disk = new FaultyDisk()
    const { folder, store } = await linkedAccount('491700000001', { fileSystem: disk.fileSystem })
    const other = storeOf(folder, { fileSystem: disk.fileSystem })
    for (const next of [store, other]) {
      disk.failing = (_, name) => (name === 'unlink' ? 'EIO' : undefined)
      await expect(store.release()).rejects.toMatchObject({ code: 'AUTH_STORE_DISK' })
      disk.heal()
      await next.acquire()
      expect(await readdir(join(folder, '.lifeline/lock'))).toHaveLength(2)
    }
  })
})

describe('a disk that fails while the lock is taken', () => {
  test('leaves no claim and no owner, at whichever step, and the next to ask is it', async () => {
    const disk = new FaultyDisk()
    const { folder, store } = await linkedAccount('491700000001', { fileSystem: disk.fileSystem })
    await store.release()
    const locks = join(folder, '.lifeline/lock')
    disk.failOnly(0, 'EIO')
    await store.acquire()
    const steps = disk.calls
    let failed = 0
    for (let step = 1; step <= steps; step += 1) {
      await store.release()
      disk.failOnly(step, 'EIO')
      const error = await store.acquire().catch((reason: unknown) => reason)
      disk.heal()
      if (error !== undefined) {
        failed += 1
        expect(error, `step ${step}`).toMatchObject({ errno: 'EIO' })
        expect(await readdir(locks), `step ${step}`).toEqual([])
        expect(await store.owned()).toBe(false)
        await store.acquire()
      }
      expect((await readdir(locks)).length, `step ${step}`).toBe(2)
    }
    expect(failed).toBeGreaterThan(4)
  })
})

describe('whose lock is left behind', () => {
  const self = systemProcesses.self()
  const elsewhere = { pid: 1, host: 'another-host' }
  test.each([
    { title: 'a reused pid of this host is gone', claim: { ...self, started: '1' }, agoMs: 0, gone: true },
    { title: 'a pid that does not run is gone', claim: { ...self, pid: 2 ** 22 + 1 }, agoMs: 0, gone: true },
    { title: 'another host with a fresh heartbeat is alive', claim: elsewhere, agoMs: 15_000, gone: false },
    { title: 'another host without a heartbeat for 20 s is gone', claim: elsewhere, agoMs: 25_000, gone: true },
    {
      title: 'a heartbeat from before the clock was set back is gone',
      claim: elsewhere,
      agoMs: -3_600_000,
      gone: true,
    },
    {
      title: 'another container with a fresh heartbeat is alive',
      claim: { ...self, namespace: 'pid:[1]', started: '1' },
      agoMs: 1000,
      gone: false,
    },
    {
      title: 'a host of the same name but another machine is alive',
      claim: { ...self, machine: 'other', boot: 'other' },
      agoMs: 1000,
      gone: false,
    },
    {
      title: 'a live owner of this host is alive however old its heartbeat',
      claim: self,
      agoMs: 3_600_000,
      gone: false,
    },
    { title: 'a torn claim is alive while it is fresh', claim: '{"pid":', agoMs: 1000, gone: false },
    {
      title: 'a claim of no process is alive while it is fresh',
      claim: { ...self, pid: '1' },
      agoMs: 1000,
      gone: false,
    },
    { title: 'a claim of no process is gone after 20 s', claim: { ...self, pid: '1' }, agoMs: 25_000, gone: true },
    { title: 'a torn claim is gone after 20 s', claim: '{"pid":', agoMs: 25_000, gone: true },
    { title: 'an empty claim is gone after 20 s', claim: '', agoMs: 25_000, gone: true },
  ])('$title', async ({ claim, agoMs, gone }) => {
    const folder = await freshFolder()
    await leaveClaim(folder, claim, agoMs)
    const acquired = storeOf(folder).acquire()
    if (gone) await acquired
    else await expect(acquired).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    const names = await readdir(join(folder, '.lifeline/lock'))
    expect(names.includes('claim-00000000000000aa.json')).toBe(!gone)
    expect(names).toHaveLength(2)
  })

  test.each(['readFile', 'stat'] as const)(
    'a claim that goes while it is looked at, at its %s, is none',
    async (call) => {
      const folder = await freshFolder()
      await leaveClaim(folder, elsewhere, 1000)
      let looks = 0
      const absent = (path: string) => {
        if (!path.endsWith('claim-00000000000000aa.json')) return
        looks += 1
        throw errnoError('ENOENT')
      }
      const fileSystem: FileSystem = { ...nodeFileSystem }
      fileSystem[call] = async (path: string) => {
        absent(path)
        return nodeFileSystem[call](path) as never
      }
      const store = await ownedStore(folder, { fileSystem })
      expect([await store.owned(), looks > 0]).toEqual([true, true])
    },
  )

  test.each([{ pid: '1', host: 'here' }, { pid: 1 }, { host: 'here' }])(
    'nobody is asked whether a process lives that %o does not name',
    async (claim) => {
      const folder = await freshFolder()
      await leaveClaim(folder, claim, 1000)
      const asked: ProcessIdentity[] = []
      const stateOf = (other: ProcessIdentity) => {
        asked.push(other)
        return 'gone' as const
      }
      const acquired = storeOf(folder, { processes: { self: systemProcesses.self, stateOf } }).acquire()
      await expect(acquired).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED', owner: claim })
      expect(asked).toEqual([])
    },
  )

  test.each([
    { agoMs: 15_000, gone: false },
    { agoMs: 25_000, gone: true },
  ])(
    'an owner of another boot may be a clone of this machine: its heartbeat of $agoMs ms ago decides',
    async ({ agoMs, gone }) => {
      const folder = await freshFolder()
      await leaveClaim(folder, { ...self, boot: 'another' }, agoMs)
      const acquired = storeOf(folder).acquire()
      if (gone) await acquired
      else await expect(acquired).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    },
  )

  test.each([
    { agoMs: 15_000, gone: false },
    { agoMs: 25_000, gone: true },
  ])('a heartbeat of $agoMs ms ago counts by the clock of the file server, which is an hour behind', async (row) => {
    const folder = await freshFolder()
    await leaveClaim(folder, elsewhere, row.agoMs)
    const stat = async (path: string) => {
      const found = await nodeFileSystem.stat(path)
      const [isFile, isDirectory] = [() => found.isFile(), () => found.isDirectory()]
      return { size: found.size, mode: found.mode, mtimeMs: found.mtimeMs - 3_600_000, isFile, isDirectory }
    }
    const acquired = storeOf(folder, { fileSystem: { ...nodeFileSystem, stat } }).acquire()
    if (row.gone) await acquired
    else await expect(acquired).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
  })

  test('an owner that cannot be seen and beats is left alone, with nothing written to its disk', async () => {
    const folder = await freshFolder()
    await leaveClaim(folder, elsewhere, 15_000)
    const disk = new FaultyDisk()
    const asked = new Set<string>()
    disk.failing = (_, name) => {
      asked.add(name)
      return undefined
    }
    await expect(storeOf(folder, { fileSystem: disk.fileSystem }).acquire()).rejects.toMatchObject({
      code: 'AUTH_STORE_LOCKED',
    })
    expect([...asked].filter((name) => ['writeFile', 'create', 'rename', 'unlink'].includes(name))).toEqual([])
  })

  test('a contender whose own claim was swept away meanwhile judges that of another by its own clock', async () => {
    const folder = await freshFolder()
    await leaveClaim(folder, elsewhere, 15_000)
    const place = join(folder, '.lifeline/lock')
    await rm(join(place, 'owner-00000000000000aa'))
    const stat: FileSystem['stat'] = async (path) => {
      if (path.startsWith(join(place, 'claim-')) && !path.endsWith('aa.json')) throw errnoError('ENOENT')
      return nodeFileSystem.stat(path)
    }
    const acquired = storeOf(folder, { fileSystem: { ...nodeFileSystem, stat } }).acquire()
    await expect(acquired).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED', owner: elsewhere })
    expect(await readdir(place)).toEqual(['claim-00000000000000aa.json'])
  })

  test('a contender that has not made sure yet is waited for, and is no owner', async () => {
    const folder = await freshFolder()
    await leaveClaim(folder, elsewhere, 1_000)
    const place = join(folder, '.lifeline/lock')
    await rm(join(place, 'owner-00000000000000aa'))
    let looks = 0
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      readdir: async (path) => {
        if (path === place) looks += 1
        // It has stepped back.
        if (looks === 3) await rm(join(place, 'claim-00000000000000aa.json'), { force: true })
        return nodeFileSystem.readdir(path)
      },
    }
    const store = await ownedStore(folder, { fileSystem })
    expect([await store.owned(), looks > 3, (await readdir(place)).length]).toEqual([true, true, 2])
  })

  test('a contender whose own claim is swept away before it stands begins anew', async () => {
    let claims = 0
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      rename: async (from, to) => {
        if (to.includes('/lock/claim-')) claims += 1
        if (claims === 1) throw errnoError('ENOENT')
        return nodeFileSystem.rename(from, to)
      },
    }
    const folder = await freshFolder()
    const store = await ownedStore(folder, { fileSystem })
    const names = await readdir(join(folder, '.lifeline/lock'))
    expect([await store.owned(), claims, names.length]).toEqual([true, 2, 2])
  })

  test('what a contender has not finished goes with the claim of one that is gone', async () => {
    const folder = await freshFolder()
    await leaveClaim(folder, elsewhere, 25_000)
    const place = join(folder, '.lifeline/lock')
    await writeFile(join(place, 'a-1.lifeline-tmp'), '{')
    await ownedStore(folder)
    expect(await readdir(place)).toHaveLength(2)
  })

  test.runIf(process.platform === 'linux')(
    'a folder in the place of a claim names nobody, and counts by its age',
    async () => {
      const folder = await freshFolder()
      await leaveClaim(folder, elsewhere, 25_000)
      const claim = join(folder, '.lifeline/lock', 'claim-00000000000000bb.json')
      await mkdir(claim)
      await expect(storeOf(folder).acquire()).rejects.toMatchObject({
        code: 'AUTH_STORE_LOCKED',
        owner: { pid: undefined, host: undefined },
      })
      const old = new Date(Date.now() - 25_000)
      await utimes(claim, old, old)
      const store = await ownedStore(folder)
      expect(await store.owned()).toBe(true)
    },
  )

  test('an owner that cannot be seen says when its lock is free, and one that is known to live does not', async () => {
    const folder = await freshFolder()
    await leaveClaim(folder, elsewhere, 5_000)
    const refused = await storeOf(folder)
      .acquire()
      .catch((error: unknown) => error)
    const freeAt = refused instanceof LockedError ? refused.freeAt : undefined
    expect(Math.abs((freeAt ?? 0) - Date.now() - 15_000)).toBeLessThan(5_000)
    const mine = await freshFolder()
    await leaveClaim(mine, self, 5_000)
    expect(
      await storeOf(mine)
        .acquire()
        .catch((error: unknown) => error),
    ).toMatchObject({ freeAt: undefined })
  })
})

describe('a process that is told by its identity', () => {
  const here = systemProcesses.self()
  const { started: _, ...withoutStart } = here
  const { machine: __, ...withoutMachine } = here
  test.each<[string, ProcessIdentity, string]>([
    ['this one', here, 'alive'],
    ['this one, where no system tells when a process started', withoutStart, 'alive'],
    ['another of this host, where none tells that', { ...withoutStart, pid: process.ppid }, 'unknown'],
    ['one before it of the same number', { ...here, started: '1' }, 'gone'],
    ['one of a number that nobody has', { ...here, pid: 2 ** 22 + 1 }, 'gone'],
    ['one of another host', { ...here, host: 'elsewhere' }, 'unknown'],
    ['one of another machine of this name', withoutMachine, here.machine === undefined ? 'alive' : 'unknown'],
    ['one of another container', { ...here, namespace: 'pid:[1]' }, 'unknown'],
    ['one before the boot', { ...here, boot: 'before' }, 'unknown'],
  ])('is %s', (_, other, state) => {
    expect(systemProcesses.stateOf(other)).toBe(state)
  })
})

describe('the heartbeat', () => {
  const manualTimers = () => {
    const steps = new Set<() => void>()
    const timers: Timers = {
      setInterval: (step) => {
        steps.add(step)
        return { unref: () => undefined, step } as { unref: () => unknown }
      },
      clearInterval: (timer) => {
        if ('step' in timer) steps.delete(timer.step as () => void)
      },
    }
    const beat = () => {
      for (const step of steps) step()
    }
    return { timers, steps, beat }
  }

  test('renews the claim and stops with the release', async () => {
    const folder = await freshFolder()
    const { timers, steps, beat } = manualTimers()
    const store = await ownedStore(folder, { timers })
    const path = await claimIn(folder)
    const content = await readFile(path)
    const old = new Date(Date.now() - 50_000)
    await utimes(path, old, old)
    beat()
    await expect.poll(async () => Date.now() - (await stat(path)).mtimeMs, { interval: 5 }).toBeLessThan(40_000)
    expect(await readFile(path)).toEqual(content)
    await store.release()
    expect(steps.size).toBe(0)
  })

  test('that finds its claim gone fences every opening, tells who asked to be told, and stops', async () => {
    const folder = await freshFolder()
    const { timers, steps, beat } = manualTimers()
    const store = await ownedStore(folder, { timers })
    const opening = await store.open({ mint: true })
    await opening.saveCreds()
    const told: string[] = []
    store.onLost?.(() => told.push('who asked'))
    store.onLost?.(() => told.push('who asks no more'))()
    await rm(await claimIn(folder))
    beat()
    await expect.poll(() => steps.size, { interval: 5 }).toBe(0)
    expect(told).toEqual(['who asked'])
    await expect(opening.state.keys.set({ session: { x: session('x') } })).rejects.toMatchObject({
      code: 'AUTH_STORE_FENCED',
    })
    expect(await store.owned()).toBe(false)
    await expect(store.open()).rejects.toMatchObject({ code: 'AUTH_STORE_NOT_OWNED' })
  })

  test('that the disk refuses, or that comes after the release, takes nothing from the owner', async () => {
    const folder = await freshFolder()
    const { timers, steps, beat } = manualTimers()
    const held = gate()
    let failing = false
    let writing: Promise<void> = Promise.resolve()
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      writeFile: (path, data, options) => {
        const write = async () => {
          if (options.flag !== 'r+') return nodeFileSystem.writeFile(path, data, options)
          if (failing) throw errnoError('EIO')
          await held.wait()
          await nodeFileSystem.writeFile(path, data, options)
        }
        writing = write()
        return writing
      },
    }
    const store = await ownedStore(folder, { timers, fileSystem })
    let told = 0
    store.onLost?.(() => told++)
    failing = true
    beat()
    await expect(writing).rejects.toThrow('EIO')
    await new Promise((resolve) => setImmediate(resolve))
    expect([told, steps.size, await store.owned()]).toEqual([0, 1, true])
    failing = false
    beat()
    await held.reached
    const late = writing
    await store.release()
    await store.acquire()
    held.pass()
    await expect(late).rejects.toMatchObject({ code: 'ENOENT' })
    await new Promise((resolve) => setImmediate(resolve))
    expect([told, steps.size, await store.owned()]).toEqual([0, 1, true])
  })

  test('that has not seen yet that its claim is gone ends when the lock is asked for anew, and what was open is fenced', async () => {
    const folder = await freshFolder()
    const { timers, steps } = manualTimers()
    const store = await ownedStore(folder, { timers })
    const opening = await store.open({ mint: true })
    let told = 0
    store.onLost?.(() => told++)
    await rm(await claimIn(folder))
    await store.acquire()
    expect([await store.owned(), told, steps.size]).toEqual([true, 1, 1])
    await expect(opening.saveCreds()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  })
})

test('the timers of a process run until they are cleared, each by itself', () => {
  vi.useFakeTimers()
  try {
    const steps: string[] = []
    const [one, other] = ['one', 'other'].map((name) => nodeTimers.setInterval(() => steps.push(name), 100))
    vi.advanceTimersByTime(100)
    expect(steps.splice(0)).toEqual(['one', 'other'])
    nodeTimers.clearInterval(one ?? {})
    vi.advanceTimersByTime(100)
    expect(steps.splice(0)).toEqual(['other'])
    nodeTimers.clearInterval(other ?? {})
    vi.advanceTimersByTime(100)
    expect([steps, vi.getTimerCount()]).toEqual([[], 0])
  } finally {
    vi.useRealTimers()
  }
})
