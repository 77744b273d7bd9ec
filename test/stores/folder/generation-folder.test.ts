import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GenerationFolder } from '../../../src/stores/folder/generation-folder.ts'
import { layoutOf } from '../../../src/stores/layout.ts'
import { FaultyDisk } from '../disk/faulty-disk.ts'
import { emptyFolder } from './journal/parts.ts'

test('generations are files of a folder of their own, which is made for the first; what is none holds nothing', async () => {
  const layout = layoutOf(await emptyFolder())
  await mkdir(layout.own)
  const disk = new FaultyDisk()
  const shelf = new GenerationFolder(disk.fileSystem, layout)
  expect(await shelf.names()).toEqual([])
  await shelf.put('1.json', Buffer.from('one'))
  await shelf.put('2.json', Buffer.from('two'))
  await shelf.put('1.json', Buffer.from('one again'))
  await mkdir(join(layout.generations, '3.json'))
  expect((await shelf.names()).toSorted()).toEqual(['1.json', '2.json', '3.json'])
  const read = async (name: string) => (await shelf.read(name)).toString()
  expect([await read('1.json'), await read('2.json'), await read('3.json')]).toEqual(['one again', 'two', ''])
  await expect(shelf.read('4.json')).rejects.toMatchObject({ code: 'ENOENT' })
  await shelf.drop(['1.json', '2.json'])
  await shelf.drop([])
  expect(await readdir(layout.generations)).toEqual(['3.json'])
  disk.failing = () => 'EIO'
  for (const step of [() => shelf.names(), () => shelf.read('2.json'), () => shelf.put('5.json', Buffer.from('x'))])
    await expect(step()).rejects.toMatchObject({ code: 'EIO' })
})
