import { appendFile, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { History } from '../../../src/stores/folder/history.ts'
import { freshFolder, ownedStore } from '../account.ts'
import { FaultyDisk } from '../disk/faulty-disk.ts'

describe('the history', () => {
  test('gives back the newest entries, oldest of them first', async () => {
    const store = await ownedStore(await freshFolder())
    expect(await store.readHistory(5)).toEqual([])
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.appendHistory({ n })))
    expect(await store.readHistory(3)).toEqual([{ n: 17 }, { n: 18 }, { n: 19 }])
    expect(await store.readHistory(100)).toHaveLength(20)
  })

  test('a torn last line costs that line only, and later entries stand on their own', async () => {
    const folder = await freshFolder()
    const store = await ownedStore(folder)
    await store.appendHistory({ n: 1 })
    await store.release()
    await appendFile(join(folder, '.lifeline/history.jsonl'), '{"n":2,"half')
    const next = await ownedStore(folder)
    expect(await next.readHistory(9)).toEqual([{ n: 1 }])
    await next.appendHistory({ n: 3 })
    expect(await next.readHistory(9)).toEqual([{ n: 1 }, { n: 3 }])
  })

  test('is kept below its bound by dropping the older half', async () => {
    const folder = await freshFolder()
    const store = await ownedStore(folder)
    const pad = 'x'.repeat(600_000)
    for (let n = 0; n < 50; n++) await store.appendHistory({ n, pad })
    expect((await stat(join(folder, '.lifeline/history.jsonl'))).size).toBeLessThanOrEqual(12 * 1024 * 1024)
    const entries = (await store.readHistory(1000)) as readonly { readonly n: number }[]
    expect(entries.length).toBeGreaterThan(9)
    expect(entries.map((entry) => entry.n)).toEqual(
      Array.from({ length: entries.length }, (_, at) => 50 - entries.length + at),
    )
  })
})

describe('a file of entries', () => {
  const made = async (mostBytes: number) => {
    const disk = new FaultyDisk()
    const path = join(await mkdtemp(join(tmpdir(), 'lifeline-history-')), 'entries.jsonl')
    return { disk, path, file: new History(disk.fileSystem, path, mostBytes) }
  }
  const size = async (path: string) => (await stat(path)).size
  /** Ten bytes with its quotes and the end of its line. */
  const ten = (n: number) => `text: ${n}`

  test('is looked at once, holds its bound to the byte, and loses its older half then', async () => {
    const { path, file } = await made(100)
    for (let n = 0; n < 10; n += 1) await file.append(ten(n))
    expect(await size(path)).toBe(100)
    expect(await file.read(99)).toHaveLength(10)
    await file.append(ten(9))
    expect(await file.read(99)).toEqual(
      [5, 6, 7, 8, 9]
        .map((n) => ten(n))
        .concat(ten(9))
        .slice(-(await file.read(99)).length),
    )
    expect(await size(path)).toBe(50)
    const other = new History(nodeFileSystem, path, 100)
    for (let n = 0; n < 9; n += 1) await other.append(ten(n))
    expect(await size(path)).toBeLessThanOrEqual(100)
    expect((await other.read(1))[0]).toBe(ten(8))
  })

  test('is read with what is being written, and in the place of a folder as nothing', async () => {
    const { path, file } = await made(100)
    const appended = file.append(ten(1))
    expect(await file.read(1)).toEqual([ten(1)])
    await appended
    const other = new History(nodeFileSystem, `${path}-folder`)
    await mkdir(`${path}-folder`)
    expect(await other.read(9)).toEqual([])
  })

  test('is not looked at again after it was put in the place of what was there', async () => {
    const { disk, file } = await made(100)
    disk.failing = (_, name) => (name === 'readFile' ? 'EIO' : undefined)
    await file.replace([ten(1)])
    await file.append(ten(2))
    disk.heal()
    expect(await file.read(9)).toEqual([ten(1), ten(2)])
  })

  test('is looked at again where nobody knows how large it became', async () => {
    const { disk, path, file } = await made(100)
    await file.append('small')
    disk.failing = (_, name) => (name === 'syncFolder' ? 'EIO' : undefined)
    await expect(file.replace([ten(0), ten(1), ten(2), ten(3), ten(4), ten(5), ten(6), ten(7)])).rejects.toThrow('EIO')
    disk.heal()
    await file.append(ten(8), ten(9), ten(7))
    expect(await size(path)).toBeLessThanOrEqual(100)
    expect(await file.read(3)).toEqual([8, 9, 7].map(ten))
    disk.failingWrite = () => 'ENOSPC'
    await expect(file.append(ten(1))).rejects.toThrow('ENOSPC')
    disk.heal()
    // Half a line is closed off.
    await file.append(ten(2))
    expect((await file.read(2)).map(String)).toEqual([7, 2].map(ten))
    await file.replace([ten(3)])
    expect([await file.read(9), await size(path)]).toEqual([[ten(3)], 10])
  })
})

describe('the facts', () => {
  test('come back as written, and read as undefined when absent or damaged', async () => {
    const folder = await freshFolder()
    const store = await ownedStore(folder)
    expect(await store.readFacts()).toBeUndefined()
    await store.writeFacts({ budgets: { all: [1, 2] } })
    expect(await store.readFacts()).toEqual({ budgets: { all: [1, 2] } })
    const path = join(folder, '.lifeline/state.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await writeFile(path, (await readFile(path)).subarray(0, 9))
    expect(await store.readFacts()).toBeUndefined()
  })

  test('are not taken for absent on a disk that fails, nor is the history', async () => {
    const disk = new FaultyDisk()
    const store = await ownedStore(await freshFolder(), { fileSystem: disk.fileSystem })
    await store.writeFacts({ a: 1 })
    await store.appendHistory({ a: 1 })
    disk.failing = () => 'EIO'
    await expect(store.readFacts()).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
    await expect(store.readHistory(1)).rejects.toMatchObject({ code: 'AUTH_STORE_DISK', errno: 'EIO' })
    disk.heal()
    expect([await store.readFacts(), await store.readHistory(1)]).toEqual([{ a: 1 }, [{ a: 1 }]])
  })
})
