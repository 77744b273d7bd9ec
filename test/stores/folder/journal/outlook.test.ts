import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../../src/stores/disk/file-system.ts'
import { digestOf } from '../../../../src/stores/folder/journal/digest.ts'
import {
  encodeFrame,
  encodeHeader,
  epochBytes,
  type Frame,
  pageBytes,
} from '../../../../src/stores/folder/journal/frame.ts'
import { outlookOn } from '../../../../src/stores/folder/journal/outlook.ts'
import { emptyFolder, row } from './parts.ts'

const epoch = randomBytes(epochBytes)
const journalOf = (...frames: readonly Frame[]): Buffer =>
  Buffer.concat([encodeHeader(epoch), ...frames.map((frame, number) => encodeFrame(epoch, number, frame))])
/** After a page that does not check: what is behind it counts no more. */
const spoilt = (...frames: readonly Frame[]): Buffer =>
  Buffer.concat([
    journalOf(...frames),
    Buffer.alloc(pageBytes, 1),
    encodeFrame(epoch, frames.length, { at: 1, rows: [] }),
  ])
const frame = (at: number, ...rows: Frame['rows']): Frame => ({ at, rows })
const name = (first: string) => `${first}.lifeline-journal`

async function place() {
  const [folder, home] = [await emptyFolder(), await emptyFolder()]
  const read: string[] = []
  let next: (path: string) => Buffer | undefined = () => undefined
  const fs: FileSystem = {
    ...nodeFileSystem,
    readFile: async (path) => {
      if (path.startsWith(home)) read.push(path)
      return (path.startsWith(home) ? next(path) : undefined) ?? nodeFileSystem.readFile(path)
    },
  }
  const text = async () => {
    const { allAhead, unfinished, superseded, spoilt: bad } = await outlookOn(fs, folder, home)
    const ahead = [...allAhead()].map(([file, content]) => [
      file,
      content === null ? null : Buffer.from(content).toString(),
    ])
    return { ahead, unfinished, superseded, spoilt: bad }
  }
  const answers = (answer: typeof next) => {
    next = answer
  }
  return { folder, home, read, text, answers }
}

test('of several journals the newest says what a file is to hold, whatever they are called', async () => {
  const { home, text } = await place()
  await writeFile(join(home, name('a')), journalOf(frame(9, row('x', 'new'))))
  await writeFile(join(home, name('b')), journalOf(frame(5, row('x', 'old'), row('y', null))))
  await writeFile(join(home, name('c')), journalOf())
  await writeFile(join(home, 'history.jsonl'), 'no journal')
  expect(await text()).toMatchObject({ ahead: [['x', 'new']], unfinished: ['x'], superseded: [], spoilt: [] })
})

test('a journal that looks strange is read again until it is the same twice, five times at most', async () => {
  const { home, read, text, answers } = await place()
  const path = join(home, name('a'))
  await writeFile(path, journalOf(frame(1, row('x', '1'))))
  await text()
  expect(read.splice(0)).toHaveLength(1)
  await writeFile(path, spoilt(frame(1, row('x', '1'))))
  expect((await text()).spoilt).toEqual([name('a')])
  expect(read.splice(0)).toHaveLength(2)
  let count = 0
  for (const [change, looks] of [
    // Another time, another name, another number of files, or one that is removed instead: it is being written to.
    [() => spoilt(frame(count, row('x', '1'))), 5],
    [() => spoilt(frame(1, row(`x${count}`, '1'))), 5],
    [() => spoilt(frame(1, ...Array.from({ length: count }, (_, at) => row(`x${at}`, '1')))), 5],
    [() => spoilt(frame(1, row('x', count % 2 ? null : '1'))), 5],
    // One that is whole the next time was in the middle of a change.
    [() => (count > 2 ? journalOf(frame(1, row('x', '1'))) : spoilt(frame(count, row('x', '1')))), 3],
  ] as const) {
    count = 0
    answers(() => {
      count += 1
      return change()
    })
    await text()
    expect(read.splice(0)).toHaveLength(looks)
  }
})

test('a file that somebody wrote since is read again as well, and is told', async () => {
  const { folder, home, read, text } = await place()
  await writeFile(join(folder, 'x'), '{"of":"somebody"}')
  await writeFile(join(home, name('a')), journalOf(frame(1, row('x', '{"of":"us"}', [digestOf(null)]))))
  expect(await text()).toMatchObject({ ahead: [], unfinished: [], superseded: ['x'] })
  expect(read).toHaveLength(2)
})

test('what is no file in the place of a journal cannot be read, and one that goes while it is looked at is none', async () => {
  const { home, text } = await place()
  await writeFile(join(home, name('a')), journalOf(frame(1, row('x', '1'))))
  await mkdir(join(home, name('b')))
  await mkdir(join(home, 'c.lifeline-ahead'))
  const { ahead, spoilt: bad } = await text()
  expect([ahead, bad.toSorted()]).toEqual([[['x', '1']], [name('b'), 'c.lifeline-ahead']])
  const goes = await place()
  await writeFile(join(goes.home, name('a')), journalOf(frame(1, row('x', '1'))))
  await writeFile(join(goes.home, 'b.lifeline-ahead'), 'no record')
  goes.answers(() => {
    throw Object.assign(new Error('gone'), { code: 'ENOENT' })
  })
  expect(await goes.text()).toEqual({ ahead: [], unfinished: [], superseded: [], spoilt: [] })
  goes.answers(() => {
    throw Object.assign(new Error('no'), { code: 'EIO' })
  })
  await expect(goes.text()).rejects.toMatchObject({ code: 'EIO' })
})
