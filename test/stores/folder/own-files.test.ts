import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { mostFileBytes } from '../../../src/stores/disk/no-file.ts'
import { moveBeside, specialsAmong } from '../../../src/stores/folder/own-files.ts'
import { layoutOf } from '../../../src/stores/layout.ts'
import { FaultyDisk } from '../disk/faulty-disk.ts'
import { emptyFolder } from './journal/parts.ts'

const fs = nodeFileSystem

test.runIf(process.platform === 'linux')(
  'what is no file in the place of an own file is found, and moved beside it',
  async () => {
    const layout = layoutOf(await emptyFolder())
    await mkdir(layout.own)
    expect(await specialsAmong(fs, layout)).toEqual([])
    await writeFile(layout.history, '{}')
    await mkdir(layout.facts)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(layout.keyTypes, resolve))
    const found = await specialsAmong(fs, layout)
    expect(found.map(({ name, path }) => [name, path])).toEqual([
      ['state.json', layout.facts],
      ['key-types.json', layout.keyTypes],
    ])
    expect(found[0]?.why).toContain('is a folder')
    expect(found[1]?.why).not.toContain('is a folder')
    for (const special of found) await moveBeside(fs, special)
    expect(await specialsAmong(fs, layout)).toEqual([])
    expect((await readdir(layout.own)).sort()).toEqual([
      'history.jsonl',
      'key-types.json.damaged',
      'state.json.damaged',
    ])
    await new Promise((resolve) => server.close(resolve))
  },
)

test('what was moved beside before stays there, each under a name of its own', async () => {
  const layout = layoutOf(await emptyFolder())
  await mkdir(layout.own)
  for (const text of ['first', 'second', 'third']) {
    await writeFile(layout.facts, text)
    await moveBeside(fs, { path: layout.facts, name: 'state.json', why: '' })
  }
  const read = (name: string) => readFile(join(layout.own, name), 'utf8')
  expect(await Promise.all(['state.json.damaged', 'state.json.1.damaged', 'state.json.2.damaged'].map(read))).toEqual([
    'first',
    'second',
    'third',
  ])
})

test('a file that is larger than any of ours is none of them', async () => {
  const layout = layoutOf(await emptyFolder())
  await mkdir(layout.own)
  for (const [path, bytes] of [
    [layout.history, mostFileBytes],
    [layout.sent, mostFileBytes + 1],
  ] as const) {
    await writeFile(path, '')
    await truncate(path, bytes)
  }
  expect(await specialsAmong(fs, layout)).toEqual([
    { path: layout.sent, name: basename(layout.sent), why: 'is larger than 64 MB' },
  ])
})

test('a disk that fails is no special file', async () => {
  const layout = layoutOf(await emptyFolder())
  const disk = new FaultyDisk()
  disk.failing = () => 'EIO'
  await expect(specialsAmong(disk.fileSystem, layout)).rejects.toMatchObject({ code: 'EIO' })
})
