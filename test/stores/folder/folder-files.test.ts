import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FolderFiles } from '../../../src/stores/folder/folder-files.ts'
import type { FolderWrites } from '../../../src/stores/folder/journal/folder-writes.ts'
import { KeyTypes } from '../../../src/stores/key-types.ts'
import { errnoError, FaultyDisk } from '../disk/faulty-disk.ts'
import { emptyFolder } from './journal/parts.ts'

async function filesIn() {
  const disk = new FaultyDisk()
  const folder = await emptyFolder()
  const found: unknown[] = []
  const refused: string[] = []
  const note = { types: ['learned-before'] as readonly string[], errno: '' }
  const files = new FolderFiles({
    fs: disk.fileSystem,
    folder,
    location: 'here',
    keyTypes: new KeyTypes({
      read: async () => note.types,
      write: async (types) => {
        if (note.errno !== '') throw errnoError(note.errno)
        note.types = types
      },
    }),
    writes: {
      looking: (name: string) => (content?: unknown) => found.push([name, content]),
    } as unknown as FolderWrites,
    refuse: async (name, why) => void refused.push(`${name} ${why}`),
  })
  return { disk, folder, files, found, refused, note }
}

test('a read tells what the disk said of a file, also that there is none, and nothing where it did not say', async () => {
  const { disk, folder, files, found, refused } = await filesIn()
  await writeFile(join(folder, 'there'), 'x')
  await mkdir(join(folder, 'folder'))
  const read = async (name: string) => {
    const content = await files.read(name)
    return [content && Buffer.from(content).toString(), found.splice(0), refused.splice(0)]
  }
  expect(await read('there')).toEqual(['x', [['there', Buffer.from('x')]], []])
  expect(await read('absent')).toEqual([null, [['absent', null]], []])
  expect(await read('folder')).toEqual([null, [['folder', undefined]], ['folder is a folder']])
  disk.failing = () => 'EACCES'
  await expect(files.read('there')).rejects.toMatchObject({
    ...{ code: 'AUTH_STORE_DISK', errno: 'EACCES' },
    message: expect.stringContaining('while reading a key in here'),
  })
  expect([found, refused]).toEqual([[['there', undefined]], []])
})

test('the keys are the files of known types, of learned ones too, without the credentials', async () => {
  const { disk, folder, files, note } = await filesIn()
  const keys = ['learned-before-1.json', 'learned-now-1.json', 'pre-key-1.json', 'session-491.0.json']
  for (const name of [...keys, 'creds.json', 'notes.txt', 'other-1.json']) await writeFile(join(folder, name), '{}')
  await files.learn(['learned-now', 'session'])
  expect(note.types).toEqual(['learned-before', 'learned-now'])
  expect((await files.keys()).toSorted()).toEqual(keys)
  disk.failing = () => 'EIO'
  const failed = (doing: string) => ({
    ...{ code: 'AUTH_STORE_DISK', errno: 'EIO' },
    message: expect.stringContaining(`while ${doing} in here`),
  })
  await expect(files.keys()).rejects.toMatchObject(failed('listing the keys'))
  note.errno = 'EIO'
  await expect(files.learn(['another'])).rejects.toMatchObject(failed('noting key types'))
})
