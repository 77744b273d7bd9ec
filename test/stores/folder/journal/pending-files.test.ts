import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFileSystem } from '../../../../src/stores/disk/file-system.ts'
import { digestOf } from '../../../../src/stores/folder/journal/digest.ts'
import { PendingFiles } from '../../../../src/stores/folder/journal/pending-files.ts'
import { gate } from '../../../gate.ts'
import { CountingDisk, emptyFolder, row } from './parts.ts'

async function pendingIn() {
  const folder = await emptyFolder()
  const disk = new CountingDisk()
  const files = new PendingFiles(disk.fileSystem, folder)
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => null)
  return { folder, disk, files, read }
}
const text = (content: unknown) => (content ? Buffer.from(content as Uint8Array).toString() : content)

test('a file is due once it has been quiet for more looks than one, or behind for more than ten', async () => {
  const { files } = await pendingIn()
  files.note([row('quiet', '1'), row('busy', '1')])
  const due: (readonly string[])[] = []
  for (let look = 0; look < 12; look += 1) {
    due.push(files.due(1, 10))
    files.note([row('busy', String(look))])
  }
  expect(due.map((names) => names.includes('quiet'))).toEqual([false, ...Array(11).fill(true)])
  expect(due.map((names) => names.includes('busy'))).toEqual([...Array(10).fill(false), true, true])
  await files.place(['quiet', 'busy'])
  expect(files.due(1, 10)).toEqual([])
  // Once it stands, its time begins anew.
  files.note([row('busy', 'again')])
  expect([files.due(1, 10), files.due(1, 10)]).toEqual([[], ['busy']])
})

test('what a file is to hold is told until it stands in its place, and the files behind are counted', async () => {
  const { files, read } = await pendingIn()
  expect([files.behind, files.size, files.ahead('a')]).toEqual([false, 0, undefined])
  files.note([row('a', '1'), row('b', null)])
  files.note([row('a', '2')])
  expect([files.behind, files.size, text(files.ahead('a')), files.ahead('b')]).toEqual([true, 2, '2', null])
  expect(files.allAhead().map(([name, content]) => [name, text(content)])).toEqual([
    ['a', '2'],
    ['b', null],
  ])
  await files.placeOne('a')
  expect([files.behind, files.ahead('a'), files.allAhead()]).toEqual([true, undefined, [['b', null]]])
  await files.placeOne('b')
  await files.placeOne('never')
  expect([files.behind, files.size, await read('a'), await read('b')]).toEqual([false, 2, '2', null])
  expect(files.rows().map(({ name, content }) => [name, text(content)])).toEqual([
    ['a', '2'],
    ['b', null],
  ])
})

test('a file is written once, is synced by itself if it was not, and is forgotten when it is durable', async () => {
  const { disk, files, read } = await pendingIn()
  files.note([row('early', '1'), row('late', '2'), row('gone', null)])
  await files.place(['early'])
  await files.place(['early'])
  expect(disk.taken()).toEqual(['write', 'rename'])
  files.forgetSettled()
  expect(files.size).toBe(3)
  await files.settle()
  expect(disk.taken().sort()).toEqual(['rename', 'sync file', 'unlink', 'write durably'])
  await files.settle()
  expect(disk.taken()).toEqual([])
  files.forgetSettled()
  expect([files.size, await read('early'), await read('late')]).toEqual([0, '1', '2'])
  // What it holds is known from then on.
  expect(files.rowFor('early', null)).toEqual({ name: 'early', content: null, replaces: [digestOf(Buffer.from('1'))] })
  expect(files.rowFor('gone', null).replaces).toEqual([digestOf(null)])
})

test('a file that is removed needs no sync of its own', async () => {
  const { disk, files, folder, read } = await pendingIn()
  await writeFile(join(folder, 'gone'), 'x')
  const removing = gate()
  disk.waits = () => removing.wait()
  files.note([row('gone', null)])
  const placing = files.place(['gone'])
  await removing.reached
  await new Promise(setImmediate)
  expect(files.behind).toBe(true)
  removing.pass()
  await placing
  expect([files.behind, await read('gone')]).toEqual([false, null])
  disk.taken()
  await files.settle()
  expect(disk.taken()).toEqual([])
  files.forgetSettled()
  expect(files.size).toBe(0)
})

test('a row says what it replaces: what is known, what earlier rows say, or that nobody knows', async () => {
  const { files } = await pendingIn()
  expect(files.rowFor('a', null).replaces).toBeUndefined()
  files.note([row('a', '1', ['before'])])
  expect(files.rowFor('a', null).replaces).toEqual([])
  files.known.note('a', Buffer.from('0'))
  expect(files.rowFor('a', null).replaces).toEqual([digestOf(Buffer.from('0'))])
  // What may stand in its place is one more of what the next one replaces.
  files.note([row('a', '2')])
  expect(files.rows()[0]?.replaces).toEqual(['before'])
  await files.placeOne('a')
  files.note([row('a', '3')])
  expect(files.rows()[0]?.replaces).toEqual(['before', digestOf(Buffer.from('2'))])
})

test('a file that cannot be written keeps no other from it, leaves nothing behind, and is written the next time', async () => {
  const { folder, disk, files, read } = await pendingIn()
  files.note(['a', 'b', 'c'].map((name) => row(name, name)))
  disk.refuses = (call, count) => (call === 'rename' && count === 1 ? 'ENOSPC' : undefined)
  await expect(files.place(['a', 'b', 'c'])).rejects.toMatchObject({ code: 'ENOSPC' })
  expect((await readdir(folder)).length).toBe(2)
  expect(files.allAhead()).toHaveLength(1)
  disk.refuses = () => undefined
  await files.settle()
  expect([await read('a'), await read('b'), await read('c')]).toEqual(['a', 'b', 'c'])
})

test('a sync that fails is answered by another write, and one of a file that somebody removed by nothing', async () => {
  const { folder, disk, files, read } = await pendingIn()
  files.note([row('a', '1'), row('b', '2')])
  await files.place(['a', 'b'])
  await rm(join(folder, 'b'))
  disk.refuses = (call, count) => (call === 'sync file' && count === 1 ? 'EIO' : undefined)
  disk.taken()
  await files.settle()
  expect(disk.taken().sort()).toEqual(['rename', 'sync file', 'sync file', 'write durably'])
  expect([await read('a'), await read('b')]).toEqual(['1', null])
  files.forgetSettled()
  expect(files.size).toBe(0)
})

test('one that changes while it is written is written again, the newest last, and is not forgotten before', async () => {
  const { disk, files, read } = await pendingIn()
  files.note([row('a', '1')])
  const placing = files.placeOne('a')
  await Promise.resolve()
  await Promise.resolve()
  files.note([row('a', '2')])
  const again = files.settle()
  await Promise.all([placing, again])
  expect(await read('a')).toBe('2')
  expect(disk.taken().filter((call) => call === 'rename')).toHaveLength(2)
  files.forgetSettled()
  expect(files.size).toBe(0)
})

test('a file is changed by one step at a time, another one beside it', async () => {
  const { disk, files, read } = await pendingIn()
  files.note([row('a', '1')])
  let pass: () => void = () => undefined
  const held = new Promise<void>((resolve) => (pass = resolve))
  const writing = new Promise<void>((resolve) => {
    disk.waits = (call) => {
      if (call !== 'write') return undefined
      resolve()
      disk.waits = () => undefined
      return held
    }
  })
  const first = files.placeOne('a')
  await writing
  files.note([row('a', '2'), row('b', '2')])
  const second = files.settle()
  await expect.poll(() => read('b'), { interval: 1 }).toBe('2')
  expect([await read('a'), disk.taken()]).toEqual([null, ['write', 'write durably', 'rename']])
  pass()
  await Promise.all([first, second])
  expect([await read('a'), disk.taken()]).toEqual(['2', ['rename', 'write durably', 'rename']])
})

test('a file is synced where it lies, and told not to be in its place once nothing of the attempt is left', async () => {
  const folder = await emptyFolder()
  const synced: string[] = []
  const own = new PendingFiles({ ...nodeFileSystem, syncFile: async (path) => void synced.push(path) }, folder)
  own.note([row('a', '1')])
  await own.placeOne('a')
  await own.settle()
  expect(synced).toEqual([join(folder, 'a')])
  const { disk, files } = await pendingIn()
  const removing = gate()
  files.note([row('b', '1')])
  disk.refuses = (call) => (call === 'rename' ? 'ENOSPC' : undefined)
  disk.waits = (call) => (call === 'unlink' ? removing.wait() : undefined)
  let told = false
  const placed = files.placeOne('b').catch(() => {
    told = true
  })
  await removing.reached
  await new Promise(setImmediate)
  expect(told).toBe(false)
  removing.pass()
  await placed
  expect(told).toBe(true)
})
