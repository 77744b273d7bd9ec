import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
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
