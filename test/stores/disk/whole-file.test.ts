import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { constants, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mostFileBytes } from '../../../src/stores/disk/no-file.ts'
import { createOpen } from '../../../src/stores/disk/open-file.ts'
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

const counted = new AsyncLocalStorage<boolean>()

/** How often a step has waited for one of Node's few threads when it is over, whatever else the process does. */
async function turnsOnThreads(step: () => Promise<unknown>): Promise<number> {
  const begun = new Set<number>()
  let turns = 0
  const hook = createHook({
    init(id, type) {
      if (type === 'FSREQCALLBACK' && counted.getStore()) begun.add(id)
    },
    before(id) {
      if (begun.has(id)) turns += 1
    },
  }).enable()
  try {
    await counted.run(true, step)
    return turns
  } finally {
    hook.disable()
  }
}

test('a call takes no more turns on a thread than it has to: one to open, one for each piece, one to sync', async () => {
  const [path, large] = [join(folder, 'turns'), join(folder, 'turns-large')]
  const write = (flush: boolean) => writeWhole(path, Buffer.from('x'), { mode: 0o600, flag: 'a', flush })
  await writeFile(large, randomBytes(8_192 + 1))
  expect([
    await turnsOnThreads(() => write(false)),
    await turnsOnThreads(() => write(true)),
    await turnsOnThreads(() => readWhole(path)),
    await turnsOnThreads(() => readWhole(large)),
    await turnsOnThreads(() => syncPath(path, 'r+')),
  ]).toEqual([2, 3, 2, 3, 2])
})

test('of a file that is too large nothing is read, at once or later', async () => {
  const path = join(folder, 'too-large')
  await writeFile(path, '')
  await truncate(path, mostFileBytes + 1)
  const turns = await turnsOnThreads(() => expect(readWhole(path)).rejects.toMatchObject({ code: 'EFBIG' }))
  expect(turns).toBe(1)
  expect(() => readWholeNow(path)).toThrow(expect.objectContaining({ code: 'EFBIG' }))
})

test.runIf(process.platform === 'linux')(
  'each write to a file that stays open is durable: by the way it was opened, or elsewhere by a sync',
  async () => {
    for (const [platform, turns] of [
      ['linux', 1],
      ['darwin', 2],
      ['win32', 2],
    ] as const) {
      const path = join(folder, `open-on-${platform}`)
      const file = await createOpen(path, 0o600, platform)
      const isDurable = (Number(flagsOf(path)) & constants.O_DSYNC) !== 0
      expect([platform, isDurable]).toEqual([platform, platform === 'linux'])
      expect(await turnsOnThreads(() => file.write(Buffer.from('x'), 0))).toBe(turns)
      await file.close()
    }
  },
)

// A pipe without a writer would otherwise hold up one of Node's few threads for ever.
test.runIf(process.platform === 'linux')(
  'a file is opened so that nothing there keeps the opening waiting',
  async () => {
    const path = join(folder, 'unblocked')
    await writeFile(path, '')
    await truncate(path, 4 * 1024 * 1024)
    const many = Buffer.alloc(4 * 1024 * 1024)
    const append = () => writeWhole(path, many, { mode: 0o600, flag: 'a', flush: false })
    const over = () => writeWhole(path, many, { mode: 0o600, flag: 'r+', flush: false })
    for (const [step, way] of [
      [() => readWhole(path), constants.O_RDONLY],
      [over, constants.O_RDWR],
      [append, constants.O_WRONLY | constants.O_APPEND],
    ] as const) {
      const done = step()
      let flags: number | undefined
      while (flags === undefined) {
        await new Promise(setImmediate)
        flags = flagsOf(path)
      }
      const asked = constants.O_RDWR | constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK
      expect(flags & asked).toBe(way | constants.O_NONBLOCK)
      await done
    }
  },
)

/** How a file was opened that is open just now. */
function flagsOf(path: string): number | undefined {
  const fd = readdirSync('/proc/self/fd').find((one) => linkOf(one) === path)
  if (fd === undefined) return undefined
  const [, flags = ''] = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
  return Number.parseInt(flags, 8)
}

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}
