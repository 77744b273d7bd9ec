import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readWhole, readWholeNow, syncPath, writeWhole } from '../../../src/stores/disk/whole-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whole-file-'))
})
afterAll(() => rm(folder, { recursive: true }))

const durable = { mode: 0o600, flush: true }

test.each([0, 1, 4_095, 4_096, 4_097, 8_191, 8_192, 8_193, 12_288, 100_000, 3_000_000])(
  'a file of %i bytes is written and read byte for byte',
  async (bytes) => {
    const path = join(folder, `of-${bytes}`)
    const content = randomBytes(bytes)
    await writeWhole(path, content, { ...durable, flag: 'wx' })
    expect((await readFile(path)).equals(content)).toBe(true)
    expect((await readWhole(path)).equals(content)).toBe(true)
  },
)

// The kernel gives this one in pieces of its own size, and says that it has none.
test.runIf(process.platform === 'linux')(
  'a medium that gives less than it is asked for is read to its end',
  async () => {
    const text = (await readWhole('/proc/self/maps')).toString()
    expect(text.length).toBeGreaterThan(4_096)
    expect(text).toContain('[stack]')
  },
)

test('what is there is appended to, overwritten in place or left alone, as asked', async () => {
  const path = join(folder, 'flags')
  await writeFile(path, 'long content')
  await writeWhole(path, Buffer.from('LONG'), { ...durable, flag: 'r+' })
  await writeWhole(path, Buffer.from('!'), { ...durable, flag: 'a' })
  await expect(writeWhole(path, Buffer.from('new'), { ...durable, flag: 'wx' })).rejects.toMatchObject({
    code: 'EEXIST',
  })
  expect(await readFile(path, 'utf8')).toBe('LONG content!')
})

// It takes what is written, and has nothing that could be made durable.
test.runIf(process.platform === 'linux')('a write is synced where that is asked for, and only there', async () => {
  const write = (flush: boolean) => writeWhole('/dev/null', Buffer.from('x'), { mode: 0o600, flag: 'a', flush })
  await write(false)
  await expect(write(true)).rejects.toMatchObject({ code: 'EINVAL', syscall: 'fsync' })
})

test.runIf(process.platform === 'linux')(
  'a call that fails says why, as Node does, and leaves nothing open',
  async () => {
    const open = async () => (await readdir('/proc/self/fd')).length
    const before = await open()
    const absent = join(folder, 'absent', 'file')
    for (let turn = 0; turn < 50; turn += 1) {
      await expect(readWhole(folder)).rejects.toMatchObject({ code: 'EISDIR', syscall: 'read' })
      await expect(readWhole('/dev/null')).rejects.toMatchObject({ code: 'EFTYPE' })
      expect(() => readWholeNow('/dev/null')).toThrow(expect.objectContaining({ code: 'EFTYPE' }))
      await expect(readWhole(absent)).rejects.toMatchObject({ code: 'ENOENT', path: absent })
      await expect(writeWhole(absent, Buffer.from('x'), { ...durable, flag: 'wx' })).rejects.toMatchObject({
        code: 'ENOENT',
      })
      await expect(writeWhole('/dev/full', Buffer.from('x'), { ...durable, flag: 'r+' })).rejects.toMatchObject({
        code: 'ENOSPC',
      })
      await syncPath(folder, 'r')
    }
    expect(await open()).toBeLessThan(before + 50)
  },
)
