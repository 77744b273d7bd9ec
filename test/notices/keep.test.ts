import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NoticeKeep } from '../../src/index.ts'
import { folderKeep, memoryKeep } from '../../src/notices/keep.ts'
import { Outbox } from '../../src/notices/outbox.ts'
import { nodeFileSystem } from '../../src/stores/disk/file-system.ts'
import { notice, Reports, until } from './notices.ts'

let own: string
let reports: Reports
let folder: string

beforeEach(async () => {
  own = await mkdtemp(join(tmpdir(), 'lifeline-keep-'))
  folder = join(own, 'notices', 'c')
  reports = new Reports()
})
afterEach(() => rm(own, { recursive: true }))

const messages = async (keep: NoticeKeep): Promise<string[]> => (await keep.list()).map(({ message }) => message)
const keepHere = (): NoticeKeep => folderKeep(own, 'c', reports.report)

describe.each<readonly [string, () => NoticeKeep]>([
  ['in a folder', keepHere],
  ['in memory', memoryKeep],
])('notices kept %s', (_, make) => {
  test('come back in the order in which they were added', async () => {
    const keep = make()
    const added = ['c', 'a', 'b', ...Array.from({ length: 9 }, (_, at) => `${at}`)].map((message) => notice(message))
    await Promise.all(added.map((one) => keep.add(one)))
    expect(await keep.list()).toEqual(added)
    await keep.remove(added[0]?.id ?? '')
    expect((await messages(keep)).slice(0, 3)).toEqual(['a', 'b', '0'])
    await keep.setAside(added[1]?.id ?? '')
    expect((await messages(keep)).slice(0, 2)).toEqual(['b', '0'])
  })

  test('are kept once, however often they are added, and removing what is not there is no failure', async () => {
    const keep = make()
    const one = notice('one')
    await keep.add(one)
    await keep.add(one)
    await keep.remove('other')
    expect(await messages(keep)).toEqual(['one'])
  })
})

describe('a folder of notices', () => {
  test('keeps the order over restarts, beyond what was removed', async () => {
    const before = keepHere()
    const one = notice('one')
    await before.add(one)
    await before.add(notice('two'))
    await before.remove(one.id)
    const after = keepHere()
    await after.add(notice('three'))
    expect(await messages(after)).toEqual(['two', 'three'])
  })

  test('is for its owner alone', async () => {
    await keepHere().add(notice('one'))
    const [name = ''] = await readdir(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  })

  test('sets damaged files aside, says so, and sweeps what a crash left half-written', async () => {
    const keep = keepHere()
    await keep.add(notice('good'))
    await writeFile(join(folder, '000000000000-torn.json'), '{"id": "torn", "mess')
    await writeFile(join(folder, '000000000009-other.json'), '{"id": 7}')
    await writeFile(join(folder, '000000000010-null.json'), 'null')
    await writeFile(join(folder, 'abc-0.lifeline-tmp'), '{')
    const after = keepHere()
    expect(await messages(after)).toEqual(['good'])
    expect(reports.all).toHaveLength(3)
    expect((await readdir(join(folder, 'set-aside'))).sort()).toEqual([
      '000000000000-torn.json',
      '000000000009-other.json',
      '000000000010-null.json',
    ])
    expect((await readdir(folder)).filter((name) => name.endsWith('tmp'))).toEqual([])
  })

  test('holds a file of JSON damaged as long as anything that a notice has is not what it is', async () => {
    await mkdir(folder, { recursive: true })
    const wrong = { id: 1, account: null, kind: 2, message: ['x'], at: '3', details: 'x' }
    const torn = [...Object.entries(wrong), ['details', null] as const]
    for (const [at, [field, value]] of torn.entries())
      await writeFile(join(folder, `00000000000${at}-n.json`), JSON.stringify({ ...notice('x'), [field]: value }))
    expect(await keepHere().list()).toEqual([])
    expect(reports.all).toHaveLength(torn.length)
  })

  test('tells that it could not set one aside for good', async () => {
    const syncFolder = async (path: string): Promise<void> => {
      if (path.endsWith('set-aside')) throw new Error('no room')
      await nodeFileSystem.syncFolder(path)
    }
    const keep = folderKeep(own, 'c', reports.report, { ...nodeFileSystem, syncFolder })
    const one = notice('one')
    await keep.add(one)
    await expect(keep.setAside(one.id)).rejects.toThrow('no room')
  })

  test('has the newest hundred of those that were set aside', async () => {
    const keep = keepHere()
    const notices = Array.from({ length: 102 }, (_, at) => notice(`n${at}`))
    for (const one of notices) {
      await keep.add(one)
      await keep.setAside(one.id)
    }
    const aside = (await readdir(join(folder, 'set-aside'))).sort()
    expect(aside.map((name) => name.slice(13, -'.json'.length))).toEqual(notices.slice(2).map(({ id }) => id))
    expect(await keep.list()).toEqual([])
  })

  test('refuses an id that is no name for a file', async () => {
    await expect(keepHere().add({ ...notice('x'), id: '../../creds' })).rejects.toThrow(/UUID/)
  })
})

test('a disk that fails is reported and does not keep a notice from being delivered', async () => {
  const full = new Proxy(nodeFileSystem, {
    get: (target, name: keyof typeof nodeFileSystem) =>
      name === 'mkdir'
        ? () => Promise.reject(Object.assign(new Error('ENOSPC: full'), { code: 'ENOSPC' }))
        : target[name],
  })
  const delivered: string[] = []
  const outbox = new Outbox({
    keep: folderKeep(own, 'c', reports.report, full),
    report: reports.report,
    doing: 'telling',
    deliver: async ([one]) => {
      delivered.push(one?.message ?? '')
      return { kind: 'delivered' }
    },
  })
  outbox.tell(notice('one'))
  await until(() => delivered.length === 1)
  await outbox.close()
  expect(reports.all).toEqual([expect.stringMatching(/ENOSPC/)])
})

test('what was due when supervision ended is not tried any more', async () => {
  const keep = memoryKeep()
  let add = (): void => undefined
  const tried: unknown[] = []
  const outbox = new Outbox({
    keep: {
      ...keep,
      add: (one) => (one.message === 'two' ? new Promise((resolve) => (add = resolve)) : keep.add(one)),
    },
    report: reports.report,
    doing: 'telling',
    ready: async () => undefined,
    deliver: async (due) => {
      tried.push(due)
      return { kind: 'delivered' }
    },
  })
  outbox.tell(notice('one'))
  outbox.tell(notice('two'))
  await until(() => add.length > 0 || tried.length > 0)
  const closed = outbox.close()
  add()
  await closed
  expect(tried).toEqual([])
  expect(await messages(keep)).toEqual(['one'])
})

test('a flood is bounded: the oldest notices make room, and that is said', async () => {
  const keep = memoryKeep()
  const outbox = new Outbox({
    keep,
    report: reports.report,
    doing: 'telling',
    ready: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    deliver: async () => ({ kind: 'delivered' }),
  })
  for (let count = 0; count < 1_003; count += 1) outbox.tell(notice(`n${count}`))
  await outbox.close()
  const kept = await messages(keep)
  expect(kept).toHaveLength(1_000)
  expect(kept[0]).toBe('n3')
  expect(reports.all.filter((line) => line.includes('the oldest was dropped'))).toHaveLength(3)
})
