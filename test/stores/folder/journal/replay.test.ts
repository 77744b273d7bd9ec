import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  encodeFrame,
  encodeHeader,
  epochBytes,
  type Frame,
  pageBytes,
} from '../../../../src/stores/folder/journal/frame.ts'
import { replay } from '../../../../src/stores/folder/journal/replay.ts'
import { layoutOf } from '../../../../src/stores/layout.ts'
import { Quarantine } from '../../../../src/stores/quarantine.ts'
import { PatientDisk } from '../../disk/patient-disk.ts'
import { emptyFolder, row } from './parts.ts'

/** A folder with a journal that an owner left in it. */
async function left(...rows: Frame['rows']) {
  const folder = await emptyFolder()
  const layout = layoutOf(folder)
  await mkdir(layout.own)
  const epoch = randomBytes(epochBytes)
  const journal = join(layout.own, 'a.lifeline-journal')
  await writeFile(journal, Buffer.concat([encodeHeader(epoch), encodeFrame(epoch, 0, { at: 1, rows })]))
  const disk = new PatientDisk()
  const quarantine = new Quarantine(disk.fileSystem, layout)
  const replayed = () => replay({ fs: disk.fileSystem, folder, home: layout.own, quarantine, now: () => 9 })
  return { folder, layout, disk, replayed, quarantined: () => quarantine.list() }
}

test('a journal goes once what stands there is durable, and what did not stand is in its place', async () => {
  const { folder, layout, disk, replayed } = await left(row('stands', '1'))
  await writeFile(join(folder, 'stands'), '1')
  expect(await replayed()).toEqual({ finished: [], superseded: [], spoilt: [] })
  expect(disk.taken()).toEqual([])
  expect(disk.done).toEqual([
    'syncFile of stands',
    `syncFolder of ${folder.split('/').at(-1)}`,
    'unlink of a.lifeline-journal',
    'syncFolder of .lifeline',
  ])
  expect(await readdir(layout.own)).toEqual([])
})

test('a file that stands and cannot be made durable is written anew before the journal goes', async () => {
  const { folder, disk, replayed } = await left(row('stands', '1'))
  await writeFile(join(folder, 'stands'), '1')
  disk.refuses = (change) => (change.startsWith('syncFile') ? 'EIO' : undefined)
  await replayed()
  expect(disk.taken()).toEqual([])
  expect(disk.done.slice(1, 2)).toEqual(['rename of stands'])
  expect(disk.done.at(-2)).toBe('unlink of a.lifeline-journal')
})

test('what is to be removed and is not there needs nothing, what lies in the place of a file goes aside first', async () => {
  const { folder, disk, replayed, quarantined } = await left(row('gone', null), row('other', '2'))
  await mkdir(join(folder, 'other'))
  expect(await replayed()).toMatchObject({ finished: ['other'], superseded: [] })
  expect(disk.taken()).toEqual([])
  expect(disk.done.some((change) => change.startsWith('syncFile'))).toBe(false)
  expect(await readFile(join(folder, 'other'), 'utf8')).toBe('2')
  expect(await quarantined()).toMatchObject([{ at: 9, files: [{ name: 'other' }] }])
})

test('what a journal holds of a file that somebody wrote since is kept before the journal goes', async () => {
  const { folder, layout, disk, replayed, quarantined } = await left(row('theirs', '{"of":"us"}', []))
  await writeFile(join(folder, 'theirs'), '{"of":"them"}')
  expect(await replayed()).toMatchObject({ finished: [], superseded: ['theirs'] })
  expect(disk.taken()).toEqual([])
  expect(await readFile(join(folder, 'theirs'), 'utf8')).toBe('{"of":"them"}')
  const [{ id = '' } = {}] = await quarantined()
  expect(await quarantined()).toMatchObject([{ at: 9, files: [{ name: 'theirs' }] }])
  expect(await readFile(join(layout.quarantine, id, 'theirs'), 'utf8')).toBe('{"of":"us"}')
})

test('a journal of which something cannot be read is kept under another name', async () => {
  const { layout, disk, replayed } = await left(row('a', '1'))
  const epoch = randomBytes(epochBytes)
  const pages = [encodeHeader(epoch), Buffer.alloc(pageBytes, 1), encodeFrame(epoch, 0, { at: 1, rows: [] })]
  await writeFile(join(layout.own, 'b.lifeline-journal'), Buffer.concat(pages))
  expect(await replayed()).toMatchObject({ finished: ['a'], spoilt: ['b.lifeline-journal'] })
  expect(disk.taken()).toEqual([])
  expect(await readdir(layout.own)).toEqual(['b.lifeline-journal.damaged'])
})
