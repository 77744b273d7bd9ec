import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { putFile } from '../../../src/stores/disk/atomic-write.ts'
import { nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import { freshFolder } from '../account.ts'

test('a file that could not be put in its place leaves no temporary file once that is told', async () => {
  const folder = await freshFolder()
  await mkdir(folder, { recursive: true })
  const slow = {
    ...nodeFileSystem,
    rename: () => Promise.reject(new Error('no rename')),
    unlink: async (path: string) => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      await nodeFileSystem.unlink(path)
    },
  }
  await expect(putFile(slow, join(folder, 'a'), Buffer.from('x'))).rejects.toThrow('no rename')
  expect(await readdir(folder)).toEqual([])
})
