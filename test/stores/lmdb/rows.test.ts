import { readdirSync, readlinkSync } from 'node:fs'
import { mkdir, readdir, readFile, statfs, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { isSoundDatabase } from '../../../src/stores/lmdb/data-file.ts'
import { causeOf, withErrno } from '../../../src/stores/lmdb/failure.ts'
import { exportFolder, lmdbAuthStore } from '../../../src/stores/lmdb/index.ts'
import { LmdbRows } from '../../../src/stores/lmdb/lmdb-rows.ts'
import { lmdbParts } from '../../../src/stores/lmdb/lmdb-store.ts'
import type { Rows } from '../../../src/stores/rows/rows.ts'
import { gate } from '../../gate.ts'
import { freshFolder, link, session } from '../account.ts'

const failed = (code: unknown, message = 'failed') => Object.assign(new Error(message), { code })

describe('what LMDB says of a failure', () => {
  test.each([
    [failed(constants.errno.ENOSPC), 'ENOSPC'],
    [failed(-30792), 'MDB_MAP_FULL'],
    [failed(-30000), 'LMDB'],
    [failed('ENOENT'), 'ENOENT'],
    [new Error('no code'), undefined],
    ['no error', undefined],
  ])('by a number is put into a name: %s', (error, code) => {
    expect(Object(withErrno(error)).code).toBe(code)
  })

  test('in a promise of its own is asked for, and is put down to a full disk where there is no room', async () => {
    const folder = process.cwd()
    const commit = (cause: unknown) => Object.assign(new Error('commit failed'), { commitError: Promise.reject(cause) })
    const [io, full] = [failed(constants.errno.EIO), failed(constants.errno.ENOSPC)]
    for (const error of ['no error', new Error('of another kind')]) expect(await causeOf(error, folder)).toBe(error)
    for (const cause of ['words', new Error('no code'), full, io])
      expect(await causeOf(commit(cause), folder)).toBe(cause)
    expect(await causeOf(commit(io), join(folder, 'is-not-there'))).toBe(io)
    // A file system on which nobody has room.
    const none = await statfs('/proc').catch(() => undefined)
    if (none?.bavail !== 0) return
    expect(await causeOf(commit(io), '/proc')).toMatchObject({ code: 'ENOSPC', cause: io })
    for (const cause of ['words', new Error('no code'), failed(constants.errno.EACCES)])
      expect(await causeOf(commit(cause), '/proc')).toBe(cause)
  })
})

describe('a database file', () => {
  test('of a later version of LMDB is left to LMDB, and a name that the system refuses is told', async () => {
    const path = join(await freshFolder(), '..', 'a.mdb')
    const db = open({ path })
    await db.put('a', 1)
    await db.close()
    expect(await isSoundDatabase(path)).toBe(true)
    const bytes = await readFile(path)
    bytes.writeUInt32LE(99, 28)
    await writeFile(path, bytes.subarray(0, 200))
    expect(await isSoundDatabase(path)).toBe(true)
    bytes.writeUInt32LE(2, 28)
    await writeFile(path, bytes.subarray(0, bytes.readUInt32LE(48)))
    await expect(isSoundDatabase(path)).rejects.toThrow('has lost a meta page')
    await expect(isSoundDatabase('x'.repeat(300))).rejects.toMatchObject({ code: 'ENAMETOOLONG' })
    expect(await isSoundDatabase(`${path}-not-there`)).toBe(false)
  })

  test('is judged by the newer of its meta pages, and is none if it ends within the first', async () => {
    const path = join(await freshFolder(), '..', 'meta.mdb')
    const pageSize = 4096
    const written = async (transactions: readonly [bigint, bigint], roots: readonly [bigint, bigint], size: number) => {
      const bytes = Buffer.alloc(2 * pageSize)
      for (const page of [0, 1]) {
        const start = page * pageSize
        bytes.writeUInt32LE(0xbeefc0de, start + 24)
        bytes.writeUInt32LE(2, start + 28)
        bytes.writeUInt32LE(pageSize, start + 48)
        for (const field of [88, 136]) bytes.writeBigUInt64LE(roots[page] ?? 0n, start + field)
        bytes.writeBigUInt64LE(transactions[page] ?? 0n, start + 152)
      }
      await writeFile(path, bytes.subarray(0, size))
      return isSoundDatabase(path).catch((error: Error) => error.message.replace(/^.*mdb (.*?)\..*$/, '$1'))
    }
    expect(await written([6n, 5n], [0n, 9n], 2 * pageSize)).toBe(true)
    expect(await written([5n, 6n], [9n, 0n], 2 * pageSize)).toBe(true)
    expect(await written([6n, 5n], [9n, 0n], 2 * pageSize)).toBe('is cut off')
    expect(await written([5n, 6n], [0n, 9n], 2 * pageSize)).toBe('is cut off')
    expect(await written([5n, 6n], [0n, 0n], 100)).toBe('is no LMDB database')
  })

  test('that somebody else made has no owner yet, and gets one', async () => {
    const folder = await freshFolder()
    await mkdir(folder)
    const db = open<Buffer, string>({ path: join(folder, 'account.mdb'), encoding: 'binary', useVersions: true })
    await db.put('account/x.json', Buffer.from('{}'), 1)
    await db.close()
    const rows = new LmdbRows(folder, join(folder, '.lifeline'))
    await expect(rows.commit([])).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await rows.claim()
    await rows.commit([{ table: 'account', name: 'y.json', content: new Uint8Array([1, 2, 3, 4]).subarray(1, 3) }])
    await rows.reading(async () => {
      await rows.close()
      // Closed only once nobody reads any more.
      expect(await rows.names('account')).toEqual(['x.json', 'y.json'])
      expect(await rows.read('account', 'y.json')).toEqual(Buffer.from([2, 3]))
    })
    await rows.reading(async () => {
      await rows.reading(async () => undefined)
      // The other one has ended, this one has not.
      expect(await rows.names('account')).toEqual(['x.json', 'y.json'])
    })
    expect(() => rows.read('account', 'x.json')).toThrow(expect.objectContaining({ code: 'AUTH_STORE_FENCED' }))
  })
})

test('a database that cannot be opened is told with its folder and what was done, and one that nobody reads is shut', async () => {
  const far = `/${'x'.repeat(300)}`
  await expect(new LmdbRows(far, far).claim()).rejects.toMatchObject({
    errno: 'ENAMETOOLONG',
    message: expect.stringContaining(`while opening the database in ${far}.`),
  })
  const folder = await freshFolder()
  await mkdir(join(folder, '.lifeline'), { recursive: true })
  const rows = new LmdbRows(folder, join(folder, '.lifeline'))
  await rows.claim()
  await rows.close()
  const opened = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
      } catch {
        return false
      }
    })
  if (process.platform !== 'linux') return
  expect(opened()).toEqual([])
  await rows.claim()
  const committing = rows.commit([{ table: 'account', name: 'a.json', content: Buffer.alloc(1_000_000) }])
  await rows.close()
  expect(opened()).toEqual([])
  await committing
  await rows.reading(async () => expect(opened()).not.toEqual([]))
  expect(opened()).toEqual([])
})

test('a claim is told once it is there to be read, and a new database once its name is durable', async () => {
  const folder = await freshFolder()
  await mkdir(join(folder, '.lifeline'), { recursive: true })
  const rows = new LmdbRows(folder, join(folder, '.lifeline'))
  const { syncFolder } = nodeFileSystem
  const held = gate()
  const sync = vi.spyOn(nodeFileSystem, 'syncFolder').mockImplementation(async (path) => {
    await held.wait()
    await syncFolder(path)
  })
  let claimed = false
  const claiming = rows.claim().then(() => {
    claimed = true
  })
  await held.reached
  for (let look = 0; look < 50; look += 1) await readdir(folder)
  expect([claimed, sync.mock.calls]).toEqual([false, [[folder]]])
  held.pass()
  await claiming
  sync.mockRestore()
  const owner = rows.read('own', 'owner')
  await rows.commit([{ table: 'own', name: 'x', content: new Uint8Array(1) }])
  expect(rows.read('own', 'owner')).toEqual(owner)
  await rows.close()
})

describe('an account in rows', () => {
  const owned: { release(): Promise<void> }[] = []
  afterEach(async () => {
    for (const store of owned.splice(0)) await store.release()
  })
  const parts = async () => {
    const { store, rows } = lmdbParts(await freshFolder(), {})
    owned.push(store)
    await store.acquire()
    return { store, rows }
  }
  const linked = async () => {
    const { store, rows } = await parts()
    const opening = await store.open({ mint: true })
    link(opening.state.creds)
    await opening.saveCreds()
    await opening.state.keys.set({ session: { '491.0': session('a') } })
    await opening.state.keys.set({})
    await opening.fence()
    return { store, rows }
  }
  const put = (
    rows: Rows,
    table: 'account' | 'entry' | 'own' | 'staging' | 'quarantine',
    name: string,
    text: string | null,
  ) => rows.commit([{ table, name, content: text === null ? null : Buffer.from(text) }])

  test('that has no creds has none that could be repaired, put back or copied', async () => {
    const { store } = await parts()
    expect(await store.repairPreKeys({ force: true })).toBe(false)
    expect(await store.restoreCreds('test')).toBeUndefined()
    expect(await store.copyAside({ kind: 'all-sessions' }, 'test')).toBeUndefined()
    await expect(store.resumeStaging()).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
  })

  test('whose creds cannot be read says so, whatever is asked of them', async () => {
    const { store, rows } = await linked()
    await put(rows, 'account', 'creds.json', '{"half')
    await put(rows, 'staging', 'creds.json', '{"half')
    const unreadable = { code: 'AUTH_STORE_CREDS_UNREADABLE' }
    await expect(store.open()).rejects.toMatchObject(unreadable)
    await expect(store.repairPreKeys()).rejects.toMatchObject(unreadable)
    await expect(store.resumeStaging()).rejects.toMatchObject(unreadable)
    expect(await store.stagingPaired()).toBe(false)
  })

  test('whose creds are gone gets its last good ones back, with nothing to set aside', async () => {
    const { store, rows } = await linked()
    await put(rows, 'account', 'creds.json', null)
    expect(await store.restoreCreds('test')).toEqual({ savedAt: expect.any(Number) })
    expect((await store.inspect()).creds.kind).toBe('present')
    expect(await store.quarantined()).toEqual([])
  })

  test('has in its quarantine what can be read there, and puts back what is left of an entry', async () => {
    const { store, rows } = await linked()
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'test')
    await put(rows, 'entry', 'not-an-entry', 'no JSON')
    expect(await store.quarantined()).toEqual([entry])
    await expect(store.restore('../creds')).rejects.toMatchObject({ code: expect.stringMatching(/./) })
    await expect(store.restore('not-an-entry')).rejects.toMatchObject({ code: expect.stringMatching(/./) })
    expect(await store.restore(entry?.id ?? '')).toEqual(['session-491.0.json'])
    expect(await rows.names('quarantine')).toEqual([])
    expect(await rows.names('account')).toContain('session-491.0.json')
  })

  test('loses the oldest rows of its history past the bound, and of a row that cannot be read only that one', async () => {
    const { store, rows } = await parts()
    const name = (at: number) => `history/${String(at).padStart(15, '0')}`
    const full = JSON.stringify(['x'.repeat(17_000)])
    const row = (at: number) =>
      ({ table: 'own', name: name(at), content: Buffer.from(at === 750 ? full : `[${at}]`) }) as const
    await rows.commit(Array.from({ length: 750 }, (_, at) => row(at + 1)))
    await put(rows, 'own', name(748), 'no JSON')
    await put(rows, 'own', name(747), '{"of":"an older version"}')
    expect(await store.readHistory(4)).toEqual([746, { of: 'an older version' }, 749, 'x'.repeat(17_000)])
    expect(await store.readHistory(0)).toEqual([])
    expect(await store.readHistory(-1)).toEqual([])
    await store.appendHistory('newest')
    const names = await rows.names('own', 'history/')
    expect([names.length, names[0], names.at(-1)]).toEqual([600, name(152), name(751)])
    expect(await store.readHistory(1)).toEqual(['newest'])
  })
})

test('an account that was only ever looked at is no account to export', async () => {
  const folder = await freshFolder()
  const store = lmdbAuthStore(folder)
  await store.acquire()
  await store.release()
  await expect(exportFolder(folder, await freshFolder())).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
})
