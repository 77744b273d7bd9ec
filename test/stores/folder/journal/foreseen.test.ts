import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFileSystem } from '../../../../src/stores/disk/file-system.ts'
import { foreseen } from '../../../../src/stores/folder/journal/foreseen.ts'
import type { Content } from '../../../../src/stores/write-ahead.ts'
import { emptyFolder } from './parts.ts'

test('a medium is read as it will be, folder by folder, and written to as it is', async () => {
  const folder = await emptyFolder()
  const other = join(folder, 'other')
  await mkdir(other)
  for (const name of ['stands', 'goes', 'changes']) {
    await writeFile(join(folder, name), 'old')
    await writeFile(join(other, name), 'other')
  }
  const ahead = new Map<string, Content>([
    ['goes', null],
    ['changes', Buffer.from('newer')],
    ['comes', Buffer.from('new')],
    ['never-was', null],
  ])
  const fs = foreseen(nodeFileSystem, (at) =>
    at === folder ? { ahead: (name) => ahead.get(name), allAhead: () => ahead } : undefined,
  )
  const read = async (path: string) => (await fs.readFile(path)).toString()
  const sizeOf = async (path: string) => {
    const stat = await fs.stat(path)
    return [stat.size, stat.isFile(), stat.isDirectory(), Math.abs(stat.mtimeMs - Date.now()) < 60_000]
  }
  expect((await fs.readdir(folder)).toSorted()).toEqual(['changes', 'comes', 'other', 'stands'])
  expect(await Promise.all(['stands', 'changes', 'comes'].map((name) => read(join(folder, name))))).toEqual([
    ...['old', 'newer', 'new'],
  ])
  expect(await Promise.all(['stands', 'changes', 'comes', 'other'].map((name) => sizeOf(join(folder, name))))).toEqual([
    ...[3, 5, 3].map((size) => [size, true, false, true]),
    [expect.any(Number), false, true, true],
  ])
  expect((await fs.stat(join(folder, 'comes'))).mode & 0o777).toBe(0o600)
  for (const name of ['goes', 'never-was', 'absent'])
    for (const look of [fs.readFile, fs.stat])
      await expect(look(join(folder, name))).rejects.toMatchObject({ code: 'ENOENT' })
  // Nothing is ahead of another folder.
  expect((await fs.readdir(other)).toSorted()).toEqual(['changes', 'goes', 'stands'])
  expect([await read(join(other, 'goes')), await sizeOf(join(other, 'changes'))]).toEqual([
    ...['other', [5, true, false, true]],
  ])
  await fs.unlink(join(folder, 'goes'))
  expect((await readdir(folder)).toSorted()).toEqual(['changes', 'other', 'stands'])
  // What is handed out is a copy.
  ;(await fs.readFile(join(folder, 'changes'))).fill(0)
  expect(await read(join(folder, 'changes'))).toBe('newer')
  expect(await readFile(join(folder, 'changes'), 'utf8')).toBe('old')
})
