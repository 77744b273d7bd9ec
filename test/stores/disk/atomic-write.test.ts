import { readdirSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  isTemporary,
  putFile,
  replaceJson,
  sweepTemporaries,
  temporaryName,
} from '../../../src/stores/disk/atomic-write.ts'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { PatientDisk } from './patient-disk.ts'

test('a file that could not be written or put in its place leaves no temporary file once that is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-write-'))
  const disk = new PatientDisk()
  const writeFile: FileSystem['writeFile'] = async (path, data, options) => {
    await nodeFileSystem.writeFile(path, data, options)
    throw new Error('no room')
  }
  disk.refuses = (change) => (change.startsWith('rename') ? 'EIO' : undefined)
  await expect(putFile(disk.fileSystem, join(folder, 'a'), Buffer.from('x'))).rejects.toThrow('EIO')
  expect(readdirSync(folder)).toEqual([])
  await expect(putFile({ ...disk.fileSystem, writeFile }, join(folder, 'a'), Buffer.from('x'))).rejects.toThrow('room')
  expect(readdirSync(folder)).toEqual([])
})

test('what an owner that is gone left half done is swept, and nothing else, also where there is no folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-write-'))
  const left = temporaryName()
  for (const name of [left, 'session-491.0.json', 'notes.txt']) await writeFile(join(folder, name), 'x')
  expect([left, 'session-491.0.json'].map(isTemporary)).toEqual([true, false])
  await sweepTemporaries(new PatientDisk().fileSystem, [join(folder, 'none'), folder])
  expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'session-491.0.json'])
})

test('a file that is replaced is the new one whole, alone in its folder, and its folder is synced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-write-'))
  const path = join(folder, 'a.json')
  await writeFile(path, 'old')
  const synced: string[] = []
  const fs = {
    ...nodeFileSystem,
    syncFolder: async (at: string) => void synced.push(`${at} with ${(await readdir(at)).join()}`),
  }
  await replaceJson(fs, path, { a: 1 })
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ a: 1 })
  expect(synced).toEqual([`${folder} with a.json`])
})
