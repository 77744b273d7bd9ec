import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { type Change, rowAuthStore } from '../../../src/stores/rows/index.ts'
import { copyIntoFolder, copyIntoRows } from '../../../src/stores/rows/transfer.ts'
import { Memory, MemoryRows, SlowRows } from '../../memory-rows.ts'
import { filesBelow, freshFolder, linkedAccount, storeOf } from '../account.ts'
import { FaultyDisk } from '../disk/faulty-disk.ts'

const lets: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const letGo of lets.splice(0)) await letGo()
})

/** A linked account at rest, with what each table of rows takes, and a file that is nothing of Baileys'. */
async function restingFolder() {
  const { folder, store } = await linkedAccount()
  await store.writeFacts({ budget: 3 })
  await store.appendHistory({ n: 1 })
  await store.quarantine({ kind: 'sessions', addresses: ['492.0'] }, 'test')
  const opening = await store.open()
  await (opening.state.keys.set as (data: object) => Promise<void>)({ 'a-future-type': { x: { y: 1 } } })
  await store.release()
  await writeFile(join(folder, 'notes.txt'), 'foreign')
  return folder
}

function rowsIn(rows = new MemoryRows(new Memory())) {
  const store = rowAuthStore({ rows, location: 'the rows' })
  lets.push(() => store.release())
  return { rows, store }
}

/** What moves, as it lies in a folder: by the table and the name of its row. */
async function moving(folder: string): Promise<ReadonlyMap<string, string>> {
  const below = [
    [/^\.lifeline\/creds\/(.*)$/, 'generation/'],
    [/^\.lifeline\/state\.json$/, 'own/facts'],
    [/^\.lifeline\/key-types\.json$/, 'own/key-types'],
    [/^([^./][^/]*\.json)$/, 'account/'],
  ] as const
  return new Map(
    [...(await filesBelow(folder))].flatMap(([path, content]) =>
      below.flatMap(([pattern, place]) => {
        const found = pattern.exec(path)
        return found ? [[`${place}${found[1] ?? ''}`, content] as const] : []
      }),
    ),
  )
}
const held = ({ rows }: Memory) =>
  new Map([...rows].map(([key, content]) => [key, Buffer.from(content).toString('base64')]))
const sorted = (map: ReadonlyMap<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
const bytesIn = (map: ReadonlyMap<string, string>) =>
  [...map.values()].reduce((sum, content) => sum + Buffer.from(content, 'base64').length, 0)

describe('an account that moves from a folder into rows', () => {
  test('takes along creds, keys, good copies, learned types and facts, and comes back as it was, byte for byte', async () => {
    const folder = await restingFolder()
    const before = await filesBelow(folder)
    const moved = await moving(folder)
    expect(new Set([...moved.keys()].map((place) => place.split('/')[0]))).toEqual(
      new Set(['account', 'generation', 'own']),
    )
    expect([...moved.keys()]).toEqual(
      expect.arrayContaining(['own/facts', 'own/key-types', 'account/a-future-type-x.json']),
    )
    const memory = new Memory()
    const target = rowsIn(new SlowRows(memory))
    const copied = await copyIntoRows(folder, target, {})
    expect(copied).toEqual({ files: moved.size, bytes: bytesIn(moved) })
    expect(sorted(held(memory))).toEqual(sorted(moved))
    expect(await filesBelow(folder)).toEqual(before)

    const back = await freshFolder()
    expect(await copyIntoFolder(target, back, {})).toEqual(copied)
    expect(sorted(await moving(back))).toEqual(sorted(moved))
    const modes = await Promise.all(
      ['creds.json', '.lifeline/state.json'].map(async (name) => (await stat(join(back, name))).mode & 0o777),
    )
    expect(modes).toEqual([0o600, 0o600])
    // Nobody owns either of them any more.
    for (const store of [storeOf(folder), storeOf(back), target.store]) {
      await store.acquire()
      expect(await store.inspect({ depth: 'creds' })).toMatchObject({ linked: true })
      await store.release()
    }
  })

  test('is refused where the rows hold one already, where its creds cannot be used, and where there is none', async () => {
    const folder = await restingFolder()
    const memory = new Memory()
    const target = rowsIn(new MemoryRows(memory))
    await copyIntoRows(folder, target, {})
    const before = sorted(held(memory))
    await expect(copyIntoRows(folder, target, {})).rejects.toMatchObject({
      code: 'AUTH_STORE_NOT_EMPTY',
      message: expect.stringMatching(/^the rows holds \d+ files of an account already/),
    })
    expect(sorted(held(memory))).toEqual(before)
    await writeFile(join(folder, 'creds.json'), '{"half')
    await expect(copyIntoRows(folder, rowsIn(), {})).rejects.toMatchObject({
      code: 'AUTH_STORE_CREDS_UNREADABLE',
      message: `The credentials in ${folder} cannot be used: creds.json is no complete JSON.`,
    })
    await rm(folder, { recursive: true })
    await mkdir(folder)
    await expect(copyIntoRows(folder, rowsIn(), {})).rejects.toMatchObject({ code: 'AUTH_STORE_CREDS_ABSENT' })
    await rm(folder, { recursive: true })
    await expect(copyIntoRows(folder, rowsIn(), {})).rejects.toMatchObject({ code: 'AUTH_STORE_FOLDER' })
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('leaves the rows empty and its folder as it is where a file does not arrive as it was sent', async () => {
    const folder = await restingFolder()
    const before = await filesBelow(folder)
    const memory = new Memory()
    class Cutting extends SlowRows {
      override async commit(changes: readonly Change[]) {
        const cut = (change: Change) =>
          change.name === 'session-491.0.json' ? { ...change, content: change.content?.subarray(1) ?? null } : change
        return super.commit(changes.map(cut))
      }
    }
    const target = rowsIn(new Cutting(memory))
    await expect(copyIntoRows(folder, target, {})).rejects.toMatchObject({
      code: 'AUTH_STORE_DISK',
      message: expect.stringContaining(
        '1 files did not arrive in the rows as they were sent (account/session-491.0.json)',
      ),
    })
    expect(memory.rows.size).toBe(0)
    expect(await filesBelow(folder)).toEqual(before)
  })

  test('is read from the medium that was named, of which each failure is told', async () => {
    const folder = await restingFolder()
    const disk = new FaultyDisk()
    const memory = new Memory()
    const copied = (fileSystem: FileSystem) => copyIntoRows(folder, rowsIn(new MemoryRows(memory)), { fileSystem })
    for (const name of ['stat', 'readdir', 'readFile']) {
      disk.failing = (_, call) => (call === name ? 'EIO' : undefined)
      await expect(copied(disk.fileSystem)).rejects.toThrow('EIO')
    }
    expect(memory.rows.size).toBe(0)
    const readFile = async (path: string) =>
      path.endsWith('session-491.0.json') ? Buffer.from('{"of":"another medium"}') : nodeFileSystem.readFile(path)
    await copied({ ...nodeFileSystem, readFile })
    expect(Buffer.from(memory.rows.get('account/session-491.0.json') ?? []).toString()).toContain('another medium')
  })

  test("is its owner's alone meanwhile, on both sides, and of neither where one of them has an owner", async () => {
    const folder = await restingFolder()
    const rows = new MemoryRows(new Memory())
    const seen: (string | undefined)[] = []
    class Watched extends MemoryRows {
      override async commit(changes: readonly Change[]) {
        for (const store of [storeOf(folder), rowAuthStore({ rows: this })])
          seen.push(
            await store.acquire().then(
              () => undefined,
              ({ code }) => code,
            ),
          )
        return super.commit(changes)
      }
    }
    await copyIntoRows(folder, rowsIn(new Watched(new Memory())), {})
    const next = storeOf(folder)
    await next.acquire()
    await next.release()
    expect(new Set(seen)).toEqual(new Set(['AUTH_STORE_LOCKED']))
    const owner = rowAuthStore({ rows })
    await owner.acquire()
    await expect(copyIntoRows(folder, rowsIn(rows), {})).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    await owner.release()
    const keeper = storeOf(folder)
    await keeper.acquire()
    const target = rowsIn(rows)
    await expect(copyIntoRows(folder, target, {})).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    await keeper.release()
    await copyIntoRows(folder, target, {})
  })
})

describe('an account that moves from rows into a folder', () => {
  test('is refused over another account, of which nothing changes, and not beside files that are no account', async () => {
    const folder = await restingFolder()
    const target = rowsIn()
    await copyIntoRows(folder, target, {})
    const before = await filesBelow(folder)
    await expect(copyIntoFolder(target, folder, {})).rejects.toMatchObject({
      code: 'AUTH_STORE_NOT_EMPTY',
      message: expect.stringMatching(/holds \d+ files of an account already/),
    })
    expect(await filesBelow(folder)).toEqual(before)
    const beside = await freshFolder()
    await mkdir(beside)
    await writeFile(join(beside, 'notes.txt'), 'mine')
    await copyIntoFolder(target, beside, {})
    expect(await readFile(join(beside, 'notes.txt'), 'utf8')).toBe('mine')
    expect(await readdir(beside)).toContain('creds.json')
  })

  test('is not there to be loaded before all of it is, on a disk that fails at any step', async () => {
    const folder = await restingFolder()
    const target = rowsIn()
    const { files } = await copyIntoRows(folder, target, {})
    const whole = (await moving(folder)).size
    const disk = new FaultyDisk()
    const attempt = async (step: number) => {
      const back = await freshFolder()
      disk.dieAt(step)
      const done = await copyIntoFolder(target, back, { fileSystem: disk.fileSystem }).catch((error: unknown) => error)
      disk.heal()
      return { back, done, steps: disk.calls }
    }
    const { done, steps } = await attempt(Number.POSITIVE_INFINITY)
    expect(done).toMatchObject({ files })
    const ends = new Set<number>()
    for (let step = 1; step < steps; step += 7) {
      const { back, done: failed } = await attempt(step)
      if (Object(failed).files !== files) expect(failed, `step ${step}`).toMatchObject({ code: 'AUTH_STORE_DISK' })
      const there = await moving(back).catch(() => new Map())
      if (there.has('account/creds.json')) expect(there.size, `step ${step}`).toBe(whole)
      ends.add(there.size)
    }
    expect(ends.size).toBeGreaterThan(3)
    // The names of all of them are durable in the end, too.
    let calls = 0
    const failsAt = (which: number) => (_: number, name: string) =>
      name === 'syncFolder' && ++calls === which ? 'EIO' : undefined
    disk.failing = failsAt(0)
    await copyIntoFolder(target, await freshFolder(), { fileSystem: disk.fileSystem })
    for (let which = calls; which > 1; which -= 2) {
      calls = 0
      disk.failing = failsAt(which)
      const failed = await copyIntoFolder(target, await freshFolder(), { fileSystem: disk.fileSystem }).catch(
        (error: unknown) => Object(error),
      )
      if (failed.files !== files) expect(failed).toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
    }
    disk.heal()
  })

  test('is refused where a file does not arrive as it was sent', async () => {
    const target = rowsIn()
    await copyIntoRows(await restingFolder(), target, {})
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      writeFile: (path, data, options) =>
        nodeFileSystem.writeFile(path, Buffer.from(data).includes('"_sessions"') ? data.subarray(1) : data, options),
    }
    const back = await freshFolder()
    await expect(copyIntoFolder(target, back, { fileSystem })).rejects.toMatchObject({
      code: 'AUTH_STORE_DISK',
      message: expect.stringContaining(
        `2 files did not arrive in ${back} as they were sent (account/session-491.0.json`,
      ),
    })
  })

  test('is refused where the rows hold no creds, and makes no folder', async () => {
    const nowhere = await freshFolder()
    await expect(copyIntoFolder(rowsIn(), nowhere, {})).rejects.toMatchObject({
      code: 'AUTH_STORE_CREDS_ABSENT',
      message: expect.stringContaining('the rows'),
    })
    await expect(stat(nowhere)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
