import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Notice, NoticeKeep } from '../../src/index.ts'
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
    await writeFile(join(folder, '000000000011-text.json'), '"text"')
    await writeFile(join(folder, 'abc-0.lifeline-tmp'), '{')
    const after = keepHere()
    expect(await messages(after)).toEqual(['good'])
    expect(reports.all).toHaveLength(4)
    expect((await readdir(join(folder, 'set-aside'))).sort()).toEqual([
      '000000000000-torn.json',
      '000000000009-other.json',
      '000000000010-null.json',
      '000000000011-text.json',
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

test('what had to make room is gone by the time that the notices are closed', async () => {
  const keep = memoryKeep()
  const removed: string[] = []
  const outbox = new Outbox({
    keep: {
      ...keep,
      remove: async (id) => {
        await new Promise(setImmediate)
        removed.push(id)
      },
    },
    report: reports.report,
    doing: 'telling',
    ready: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    deliver: async () => ({ kind: 'delivered' }),
  })
  const all = Array.from({ length: 1_002 }, (_, n) => notice(`n${n}`))
  for (const one of all) outbox.tell(one)
  await outbox.close()
  expect(removed).toEqual(all.slice(0, 2).map(({ id }) => id))
})

test('a notice is gone for good when removing it resolves, and so is one that is set aside', async () => {
  const done: string[] = []
  const slow = <Args extends unknown[]>(name: string, step: (...args: Args) => Promise<unknown>) =>
    (async (...args: Args) => {
      await new Promise((resolve) => setImmediate(resolve))
      const value = await step(...args)
      done.push(name)
      return value
    }) as never
  const { unlink, rename, syncFolder } = nodeFileSystem
  const fs = {
    ...nodeFileSystem,
    unlink: slow('unlink', unlink),
    rename: slow('rename', rename),
    syncFolder: slow('sync', syncFolder),
  }
  const keep = folderKeep(own, 'c', reports.report, fs)
  const [one, two] = [notice('one'), notice('two')]
  await keep.add(one)
  await keep.add(two)
  done.length = 0
  await keep.remove(one.id)
  expect(done.splice(0)).toEqual(['unlink', 'sync'])
  await keep.setAside(two.id)
  expect([done[0], done.includes('sync')]).toEqual(['sync', true])
  expect(await readdir(join(folder, 'set-aside'))).toEqual([expect.stringContaining(two.id)])
})

test('of what is set aside the newest hundred are left', async () => {
  const keep = keepHere()
  const last = notice('last')
  const aside = join(folder, 'set-aside')
  await mkdir(aside, { recursive: true })
  for (let n = 0; n < 105; n += 1) await writeFile(join(aside, `${String(n).padStart(12, '0')}-x.json`), '')
  await writeFile(join(folder, `000000009999-${last.id}.json`), JSON.stringify(last))
  await keep.setAside(last.id)
  const left = (await readdir(aside)).sort()
  expect([left.length, left[0], left.at(-1)?.includes(last.id)]).toEqual([100, '000000000006-x.json', true])
})

test('a channel that waits until a try makes sense ends at once, and one that tries has a quarter of a second', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const outbox = (parts: Partial<ConstructorParameters<typeof Outbox>[0]>) =>
    new Outbox({ keep: memoryKeep(), report: reports.report, doing: 'd', deliver: never, ...parts })
  const never = () => new Promise<never>(() => undefined)
  const ready = vi.fn(never)
  const waiting = outbox({ ready })
  waiting.tell(notice('one'))
  await until(() => ready.mock.calls.length > 0)
  await waiting.close()
  const first = vi.fn(async () => undefined).mockImplementation(never)
  first.mockResolvedValueOnce(undefined)
  const between = outbox({ ready: first, deliver: async () => ({ kind: 'delivered' }) })
  between.tell(notice('three'))
  between.tell(notice('four'))
  await until(() => first.mock.calls.length > 1)
  await between.close()
  const signals: AbortSignal[] = []
  const trying = outbox({
    deliver: (_, signal) => {
      signals.push(signal)
      return never()
    },
  })
  trying.tell(notice('two'))
  await until(() => signals.length > 0)
  let over = false
  const closed = trying.close().then(() => (over = true))
  vi.advanceTimersByTime(249)
  await new Promise((resolve) => setImmediate(resolve))
  expect([over, signals[0]?.aborted]).toEqual([false, false])
  vi.advanceTimersByTime(1)
  await closed
  expect([signals[0]?.aborted, vi.getTimerCount()]).toEqual([true, 0])
})

test('tries come further and further apart, anew after a recovery, and a notice that is refused seven times makes room', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
  onTestFinished(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
  const outbox = (kind: 'failed' | 'refused', keep = memoryKeep()) => {
    const tries: string[] = []
    const deliver = async ([first]: readonly Notice[]) => {
      tries.push(first?.message ?? '')
      return { kind, error: new Error('no') } as const
    }
    const box = new Outbox({ keep, report: reports.report, doing: 'd', deliver })
    onTestFinished(() => box.close())
    return { box, tries }
  }
  const failing = outbox('failed')
  failing.box.tell(notice('one'))
  await until(() => failing.tries.length === 1)
  const steps = async (of: readonly string[], ...seconds: number[]) => {
    const counts: number[] = []
    for (const step of seconds) {
      await vi.advanceTimersByTimeAsync(step * 1_000 - 1)
      counts.push(of.length)
      await vi.advanceTimersByTimeAsync(1)
      counts.push(of.length)
    }
    return counts
  }
  expect(await steps(failing.tries, 2, 4, 8, 16, 32, 64, 64)).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8])
  failing.box.tell(notice('two', 'recovered'))
  await until(() => failing.tries.length === 9)
  expect(await steps(failing.tries, 2, 4)).toEqual([9, 10, 10, 11])

  const keep = memoryKeep()
  const refused = outbox('refused', keep)
  for (const name of ['one', 'two']) refused.box.tell(notice(name))
  await until(() => refused.tries.length === 1)
  await steps(refused.tries, 2, 4, 8, 16, 32, 64)
  await until(() => refused.tries.length === 8)
  expect(refused.tries).toEqual([...Array(7).fill('one'), 'two'])
  expect(await messages(keep)).toEqual(['two'])
  await steps(refused.tries, 2, 4, 8, 16, 32)
  expect([refused.tries.length, await messages(keep)]).toEqual([13, ['two']])
  await steps(refused.tries, 64)
  await until(() => refused.tries.length === 14)
  await expect.poll(() => messages(keep), { interval: 1 }).toEqual([])
  expect(reports.all.filter((one) => one.includes('refused 7 times'))).toHaveLength(2)
})

test('a notice that comes at any moment of the end of the one before is delivered, too', async () => {
  for (let moment = 0; moment < 24; moment += 1) {
    const keep = memoryKeep()
    const delivered: string[] = []
    const turns = async () => {
      for (let turn = 0; turn < moment; turn += 1) await undefined
    }
    const box: Outbox = new Outbox({
      keep: {
        ...keep,
        remove: async (id) => {
          await keep.remove(id)
          if (delivered.length === 1) void turns().then(() => box.tell(notice('second')))
        },
      },
      ...{ report: reports.report, doing: 'd' },
      deliver: async (due) => {
        delivered.push(...due.map(({ message }) => message))
        return { kind: 'delivered' }
      },
    })
    box.tell(notice('first'))
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    await box.close()
    expect(delivered, `after ${moment} turns`).toEqual(['first', 'second'])
  }
})
