import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { nodeFileSystem } from '../../../../src/stores/disk/file-system.ts'
import { JournalFile } from '../../../../src/stores/folder/journal/journal-file.ts'
import { leftIn } from '../../../../src/stores/folder/journal/outstanding.ts'
import { gate } from '../../../gate.ts'
import { CountingDisk, emptyFolder, row } from './parts.ts'

const page = 4_096
const stepBytes = 4 * page

async function journalIn() {
  const home = await emptyFolder()
  const disk = new CountingDisk()
  const journal = new JournalFile({ fs: disk.fileSystem, home, now: () => 7, stepBytes })
  /** What the next owner would find. */
  const left = async () => {
    const { files, spoilt } = await leftIn(nodeFileSystem, home)
    expect(spoilt).toEqual([])
    return files.map(({ name, content, at }) => [name, content?.toString(), at])
  }
  const append = (name: string, text: string, before: readonly ReturnType<typeof row>[] = []) =>
    journal.append([row(name, text)], () => before)
  return { home, disk, journal, left, append }
}

test('is made by its first append, with what was there before, and each later one is a single write', async () => {
  const { disk, journal, left, append } = await journalIn()
  expect([journal.exists, journal.bytes]).toEqual([false, 0])
  await append('a', '1', [row('z', '0')])
  expect(disk.taken()).toEqual(['create', `append ${stepBytes}`, 'rename', 'sync folder'])
  expect([journal.exists, journal.bytes]).toEqual([true, page])
  await append('b', '2', [row('y', 'not again')])
  await append('c', '3')
  expect(disk.taken()).toEqual([`append ${page}`, `append ${page}`])
  expect(journal.bytes).toBe(3 * page)
  expect(await left()).toEqual([
    ['z', '0', 7],
    ['a', '1', 7],
    ['b', '2', 7],
    ['c', '3', 7],
  ])
  // The room that it had is full.
  await append('d', '4')
  expect(disk.taken()).toEqual([`append ${stepBytes}`])
  expect(await left()).toHaveLength(5)
})

test('says nothing once it is emptied, and is written to from its beginning', async () => {
  const { disk, journal, left, append } = await journalIn()
  await journal.empty()
  await append('a', '1')
  disk.taken()
  await journal.empty()
  expect([await left(), journal.bytes, journal.exists]).toEqual([[], 0, true])
  await journal.empty()
  expect(disk.taken()).toEqual([`append ${page}`])
  await append('b', '2')
  expect([await left(), journal.bytes]).toEqual([[['b', '2', 7]], page])
})

test('goes once it is removed, and is removed instead of emptied after a set that was larger than all it is meant for', async () => {
  const { home, disk, journal, left, append } = await journalIn()
  await journal.remove()
  expect(disk.taken()).toEqual([])
  await append('large', 'x'.repeat(17 * stepBytes))
  await journal.empty()
  expect([await readdir(home), journal.exists, disk.open]).toEqual([[], false, 0])
  await append('a', 'x'.repeat(15 * stepBytes))
  await journal.empty()
  expect([journal.exists, disk.open]).toEqual([true, 1])
  await journal.remove()
  expect([await readdir(home), journal.exists, journal.bytes, disk.open]).toEqual([[], false, 0, 0])
  await append('b', '2')
  expect(await left()).toEqual([['b', '2', 7]])
})

test('stays as it is when it is let go of, and takes the place of none that is left', async () => {
  const { home, disk, journal, left, append } = await journalIn()
  await append('a', '1')
  await journal.close()
  await journal.close()
  expect([disk.open, journal.bytes, await left()]).toEqual([0, 0, [['a', '1', 7]]])
  expect(await readdir(home)).toHaveLength(1)
})

test('is made anew in the place of the one before, of which no handle stays', async () => {
  const { home, disk, journal, left, append } = await journalIn()
  await append('a', '1')
  await journal.renew([row('b', '2')])
  expect(disk.open).toBe(1)
  expect([await left(), disk.open, (await readdir(home)).length]).toEqual([[['b', '2', 7]], 1, 1])
  await journal.renew([])
  expect([await left(), disk.open, journal.bytes]).toEqual([[], 1, 0])
  await append('c', '3')
  expect(await left()).toEqual([['c', '3', 7]])
})

test('that cannot take an append because the disk refuses it rejects that one alone', async () => {
  const { disk, journal, left, append } = await journalIn()
  await append('a', '1')
  disk.taken()
  disk.refuses = (call, count) => (call.startsWith('append') && count === 1 ? 'ENOSPC' : undefined)
  await expect(append('b', '2', [row('a', '1')])).rejects.toMatchObject({ code: 'ENOSPC' })
  // The frame that was not answered is overwritten.
  expect(disk.taken()).toEqual([`append ${page}`, `append ${page}`])
  disk.refuses = () => undefined
  expect(await left()).toEqual([['a', '1', 7]])
  await append('c', '3')
  expect(await left()).toEqual([
    ['a', '1', 7],
    ['c', '3', 7],
  ])
  expect(journal.bytes).toBe(2 * page)
})

test('whose disk may have lost an append is made anew with all rows, before anything else is answered', async () => {
  const { home, disk, left, append } = await journalIn()
  await append('a', '1')
  disk.taken()
  disk.refuses = (call, count) => (call === `append ${page}` && count === 1 ? 'EIO' : undefined)
  await append('b', '2', [row('a', '1')])
  expect(disk.taken().filter((call) => call === 'create')).toHaveLength(1)
  disk.refuses = () => undefined
  expect([(await left()).map(([name]) => name), disk.open]).toEqual([['a', 'b'], 1])
  // Nor can it be made anew: that is told, and the next append does it.
  disk.refuses = (call) => (call.startsWith('append') ? 'EIO' : undefined)
  await expect(append('c', '3', [row('a', '1')])).rejects.toMatchObject({ code: 'EIO' })
  expect((await readdir(home)).length).toBe(1)
  disk.refuses = () => undefined
  disk.taken()
  await append('d', '4', [row('a', '1')])
  expect(disk.taken()).toContain('create')
  expect([(await left()).map(([name]) => name), disk.open]).toEqual([['a', 'd'], 1])
})

test('that could not be emptied, or put in its place, is not trusted again', async () => {
  const { home, disk, journal, left, append } = await journalIn()
  await append('a', '1')
  disk.refuses = (call) => (call.startsWith('append') ? 'ENOSPC' : undefined)
  await expect(journal.empty()).rejects.toMatchObject({ code: 'ENOSPC' })
  disk.refuses = () => undefined
  await journal.empty()
  expect([await readdir(home), journal.exists]).toEqual([[], false])
  disk.taken()
  disk.refuses = (call) => (call === 'sync folder' ? 'EIO' : undefined)
  await expect(append('b', '2')).rejects.toMatchObject({ code: 'EIO' })
  expect(disk.open).toBe(0)
  disk.refuses = () => undefined
  await append('c', '3')
  expect([(await left()).map(([name]) => name), (await readdir(home)).length]).toEqual([['c'], 1])
})

test('takes what fits where its room does not, and tells where the disk has none at all', async () => {
  const { disk, journal, left, append } = await journalIn()
  disk.refuses = (call) => (call === `append ${stepBytes}` ? 'ENOSPC' : undefined)
  await append('a', '1')
  expect(disk.taken()).toEqual(['create', `append ${stepBytes}`, `append ${2 * page}`, 'rename', 'sync folder'])
  expect(await left()).toEqual([['a', '1', 7]])
  // What is there is enough for as much once more.
  await journal.empty()
  disk.taken()
  await append('a', '1')
  expect(disk.taken()).toEqual([`append ${page}`])
  disk.refuses = (call) => (call.startsWith('append') ? 'ENOSPC' : undefined)
  await expect(append('b', '2')).rejects.toMatchObject({ code: 'ENOSPC' })
  disk.refuses = () => undefined
  await append('c', '3')
  expect((await left()).map(([name]) => name)).toEqual(['a', 'c'])
})

test('tells of an append that was refused once its frame counts no more', async () => {
  const { disk, append } = await journalIn()
  await append('a', '1')
  disk.taken()
  const withdrawing = gate()
  disk.refuses = (call, count) => (call.startsWith('append') && count === 1 ? 'ENOSPC' : undefined)
  disk.waits = () => withdrawing.wait()
  let told = false
  const refused = append('b', '2').catch(({ code }) => {
    told = true
    return code
  })
  await withdrawing.reached
  await new Promise(setImmediate)
  expect(told).toBe(false)
  withdrawing.pass()
  expect(await refused).toBe('ENOSPC')
})

test('is there until it is removed for certain, and where nobody knows is made anew by the next append', async () => {
  const { disk, journal, left, append } = await journalIn()
  await append('a', '1')
  disk.taken()
  const [removing, syncing] = [gate(), gate()]
  disk.waits = (call) => (call === 'unlink' ? removing.wait() : syncing.wait())
  const removed = journal.remove()
  await removing.reached
  await new Promise(setImmediate)
  expect(disk.taken()).toEqual(['unlink'])
  removing.pass()
  await syncing.reached
  await new Promise(setImmediate)
  expect([disk.taken(), journal.exists, disk.open]).toEqual([['sync folder'], true, 1])
  syncing.pass()
  await removed
  expect([journal.exists, disk.open]).toEqual([false, 0])
  await append('b', '2')
  disk.refuses = (call) => (call === 'sync folder' ? 'EIO' : undefined)
  await expect(journal.remove()).rejects.toMatchObject({ code: 'EIO' })
  disk.refuses = () => undefined
  await append('c', '3', [row('b', '2')])
  expect([(await left()).map(([name]) => name), disk.open]).toEqual([['b', 'c'], 1])
})

test('is made anew where its disk may have lost what made it grow', async () => {
  const { disk, left, append } = await journalIn()
  for (const name of ['a', 'b', 'c']) await append(name, '1')
  disk.taken()
  disk.refuses = (call, count) => (call === `append ${stepBytes}` && count === 1 ? 'EIO' : undefined)
  await append('d', '2', [row('a', '1')])
  expect(disk.taken()).toContain('create')
  expect((await left()).map(([name]) => name)).toEqual(['a', 'd'])
})

test('takes one step after the other when it is made anew, and leaves nothing open and nothing beside where it cannot be', async () => {
  const { home, disk, journal, left, append } = await journalIn()
  await append('a', '1')
  disk.taken()
  const [renaming, removing] = [gate(), gate()]
  disk.waits = (call) => (call === 'rename' ? renaming.wait() : undefined)
  const renewed = journal.renew([row('b', '2')])
  await renaming.reached
  await new Promise(setImmediate)
  expect(disk.taken().at(-1)).toBe('rename')
  renaming.pass()
  await renewed
  let open = -1
  disk.waits = (call) => {
    if (call !== 'unlink') return undefined
    open = disk.open
    return removing.wait()
  }
  disk.refuses = (call) => (call === 'rename' ? 'EIO' : undefined)
  let told = false
  const refused = journal.renew([row('c', '3')]).catch(() => {
    told = true
  })
  await removing.reached
  await new Promise(setImmediate)
  expect([told, open]).toEqual([false, 1])
  removing.pass()
  await refused
  expect([disk.open, (await readdir(home)).length]).toEqual([1, 1])
  // Which of two a power cut leaves nobody knows, so neither is written to.
  disk.refuses = (call) => (call === 'sync folder' ? 'EIO' : undefined)
  await expect(journal.renew([row('c', '3')])).rejects.toMatchObject({ code: 'EIO' })
  disk.refuses = () => undefined
  disk.taken()
  await append('d', '4', [row('c', '3')])
  expect(disk.taken()).toContain('create')
  expect((await left()).map(([name]) => name)).toEqual(['c', 'd'])
})
