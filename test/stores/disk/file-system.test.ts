import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ensureFolder, errnoOf, exists, namesIn, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { noFile, noFileWords } from '../../../src/stores/disk/no-file.ts'
import { createOpen } from '../../../src/stores/disk/open-file.ts'
import { PatientDisk } from './patient-disk.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeline-system-'))
})
const failing = (code: string) => {
  const fail = () => Promise.reject(Object.assign(new Error(code), { code }))
  return { ...nodeFileSystem, readdir: fail, stat: fail, mkdir: fail }
}

test('an error has the errno that is a text, and what is no error has none', () => {
  const coded = (code: unknown) => Object.assign(new Error('x'), { code })
  expect([coded('EIO'), coded(5), new Error('x'), { code: 'EIO' }, 'EIO', undefined].map(errnoOf)).toEqual([
    ...['EIO', undefined, undefined, undefined, undefined, undefined],
  ])
})

test('what is missing has no names and is not there, and a disk that fails says neither', async () => {
  await writeFile(join(folder, 'a'), '')
  expect(await namesIn(nodeFileSystem, folder)).toEqual(['a'])
  expect(await namesIn(nodeFileSystem, join(folder, 'none'))).toEqual([])
  expect(await exists(nodeFileSystem, join(folder, 'a'))).toBe(true)
  expect(await exists(nodeFileSystem, join(folder, 'none'))).toBe(false)
  for (const look of [namesIn, exists]) {
    await expect(look(nodeFileSystem, join(folder, 'a', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(look(failing('EACCES'), folder)).rejects.toMatchObject({ code: 'EACCES' })
  }
})

test('a folder is made for its owner alone, and is told to be new once its name is durable', async () => {
  const disk = new PatientDisk()
  const path = join(folder, 'new')
  expect(await ensureFolder(disk.fileSystem, path, folder)).toBe(true)
  expect(disk.done).toEqual(['mkdir of new', `syncFolder of ${folder.split('/').at(-1)}`])
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o700)
  expect(await ensureFolder(disk.fileSystem, path, folder)).toBe(false)
  expect([disk.done.length, disk.taken()]).toEqual([2, []])
  for (const code of ['ENOENT', 'EROFS'])
    await expect(ensureFolder(failing(code), path, folder)).rejects.toMatchObject({ code })
  await nodeFileSystem.rmdir(path)
  expect(await readdir(folder)).toEqual([])
})

test('what was written without a sync is synced by its path, and what is not there cannot be', async () => {
  const path = join(folder, 'a')
  await nodeFileSystem.writeFile(path, Buffer.from('x'), { flag: 'wx', mode: 0o600, flush: false })
  await nodeFileSystem.syncFile(path)
  await nodeFileSystem.syncFolder(folder)
  for (const sync of [nodeFileSystem.syncFile, nodeFileSystem.syncFolder])
    if (process.platform !== 'win32') await expect(sync(`${path}-none`)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a file that stays open is made once, written to anywhere, and closed', async () => {
  const path = join(folder, 'open')
  const file = await createOpen(path, 0o600)
  await file.write(Buffer.from('0123456789'), 0)
  await file.write(Buffer.from('xy'), 4)
  await file.write(Buffer.from('end'), 12)
  expect(await readFile(path, 'latin1')).toBe('0123xy6789\0\0end')
  await expect(createOpen(path, 0o600)).rejects.toMatchObject({ code: 'EEXIST' })
  await file.close()
  await expect(file.write(Buffer.from('z'), 0)).rejects.toMatchObject({ code: 'EBADF' })
})

test('what is no file is told apart from a disk that fails, in words', async () => {
  await mkdir(join(folder, 'b'))
  const folderRead = await nodeFileSystem.readFile(join(folder, 'b')).catch((error: unknown) => error)
  expect([folderRead, noFile('special'), noFile('large')].map(noFileWords)).toEqual([
    ...['is a folder', 'is no regular file: a pipe, a socket or a device', 'is larger than 64 MB'],
  ])
  expect([new Error('x'), undefined, 'EISDIR', { code: 'EIO' }].map(noFileWords)).toEqual(Array(4).fill(undefined))
})
