import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defaultPolicy } from '../../../machines/index.ts'
import { AuthStoreError, FencedError } from '../../../src/errors/errors.ts'
import { DiskWatch } from '../../../src/line/services/disk-watch.ts'
import { guardedAuth } from '../../../src/line/services/guarded-auth.ts'
import { StoreAnswers } from '../../../src/line/services/store-answers.ts'
import { chainsIn, grownSession, keptChains } from '../../stores/grown-keys.ts'
import { auth } from './bench.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What Baileys is handed of an opening whose writes meet what the test says. */
function guarded(options: { readonly vain?: boolean; readonly trim?: boolean } = {}) {
  const told: string[] = []
  const disk = new DiskWatch({
    tell: ({ type }) => told.push(type),
    report: (_, doing) => told.push(doing),
    tryWrite: () => Promise.reject(new Error('not asked')),
  })
  let error: Error | undefined
  const stored: unknown[] = []
  const step = async (data?: unknown) => {
    if (error) throw error
    stored.push(data)
    return data
  }
  const ended: unknown[] = []
  const own = auth({
    state: {
      creds: {},
      keys: { get: async (...asked: unknown[]) => step(asked), set: step, clear: () => step('clear') },
    },
    saveCreds: () => step('creds'),
    keyNames: async () => ['a.json'],
    fence: async (lost: Promise<void> | undefined) => void ended.push(lost),
    close: async (ms: number) => void ended.push(ms),
  })
  const lost = vi.fn()
  const work = { isInVain: () => options.vain === true }
  const trim = options.trim ? defaultPolicy.trim : undefined
  const made = guardedAuth(own, disk, lost, trim, work)
  return {
    ...{ made, told, lost, stored, ended, disk },
    meets: (met: Error | undefined) => {
      error = met
    },
  }
}
const full = new AuthStoreError('AUTH_STORE_DISK', 'full', 'free')

test('a save that the disk refuses is tried again after 1 s, twice as long each time, until it is stored', async () => {
  const { made, meets, stored, told, disk } = guarded()
  meets(full)
  await expect(made.saveCreds()).rejects.toBe(full)
  expect(told).toEqual(['reading or writing credentials', 'disk.trouble'])
  await vi.advanceTimersByTimeAsync(1_000)
  meets(undefined)
  await vi.advanceTimersByTimeAsync(1_999)
  expect(stored).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect([stored, told.at(-1)]).toEqual([['creds'], 'disk.well'])
  disk.end()
  expect(vi.getTimerCount()).toBe(0)
})

test('a save that comes meanwhile takes the place of the one that was to be tried again', async () => {
  const { made, meets, stored, disk } = guarded()
  meets(full)
  await expect(made.saveCreds()).rejects.toBe(full)
  meets(undefined)
  await made.saveCreds()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(stored).toEqual(['creds'])
  disk.end()
  expect(vi.getTimerCount()).toBe(0)
})

test.each([new Error('x'), new AuthStoreError('AUTH_STORE_FOLDER', 'x', 'y'), new FencedError('/a')])(
  'a save that fails for another reason is not tried again, nor is it trouble of the disk: %s',
  async (error) => {
    const { made, meets, told, lost } = guarded()
    meets(error)
    await expect(made.saveCreds()).rejects.toBe(error)
    await expect(made.state.keys.get('session', ['a'])).rejects.toBe(error)
    expect([told, vi.getTimerCount()]).toEqual([[], 0])
    // Only who finds the fence shut by somebody else has lost the account.
    expect(lost).toHaveBeenCalledTimes(error instanceof FencedError ? 2 : 0)
  },
)

test.each(['fence', 'close'] as const)('nothing is tried again once the socket is shut off by its %s', async (end) => {
  const { made, meets, lost, ended, disk, stored } = guarded()
  meets(full)
  await expect(made.saveCreds()).rejects.toBe(full)
  await (end === 'fence' ? made.fence() : made.close(7))
  expect(ended).toEqual([end === 'fence' ? undefined : 7])
  await expect(made.saveCreds()).rejects.toBe(full)
  disk.end()
  expect(vi.getTimerCount()).toBe(0)
  meets(new FencedError('/a'))
  await expect(made.saveCreds()).rejects.toBeInstanceOf(FencedError)
  expect([lost.mock.calls, stored]).toEqual([[], []])
})

test.each([
  [false, false, true],
  [false, true, true],
  [true, false, true],
  [true, true, false],
])(
  'what nobody will ever use is not written over a socket that is shut: shut %s, in vain %s',
  async (shut, vain, is) => {
    const { made, stored } = guarded({ vain })
    if (shut) await made.fence()
    const data = { session: { a: Buffer.from('x') } }
    await made.state.keys.set(data)
    expect(stored).toEqual(is ? [data] : [])
  },
)

test('all else is passed on as it is: what is asked for, what is cleared, the names of all keys', async () => {
  const { made, stored } = guarded()
  expect(await made.state.keys.get('session', ['a'])).toEqual(['session', ['a']])
  await made.state.keys.clear?.()
  expect(stored.at(-1)).toBe('clear')
  expect(await made.keyNames?.()).toEqual(['a.json'])
  const bare = guardedAuth(auth(), guarded().disk, () => undefined)
  expect(Object.keys(bare)).not.toContain('keyNames')
  expect(Object.keys(bare.state.keys)).not.toContain('clear')
})

test.each([true, false])(
  'a session is stored without what no message needs if it is to be trimmed: %s',
  async (trim) => {
    const { made, stored } = guarded({ trim })
    await made.state.keys.set({ session: { a: grownSession(50) } } as never)
    expect(chainsIn(Object(stored[0]).session.a)).toBe(trim ? keptChains : 50)
  },
)

test('what the store never answers is given up at its deadline once the socket is shut off, which waits for it', async () => {
  const silent = vi.fn()
  const ended: unknown[] = []
  const { disk } = guarded()
  const keys = { get: () => new Promise(() => undefined), set: async () => undefined }
  const own = auth({ state: { creds: {}, keys }, fence: async (lost: Promise<void>) => void ended.push(lost) })
  const answers = new StoreAnswers(60_000, silent)
  const waiting = guardedAuth(own, disk, () => undefined, undefined, undefined, answers)
  const ends: string[] = []
  Promise.resolve(waiting.state.keys.get('session', ['a'])).catch((error) => ends.push(error.code))
  await vi.advanceTimersByTimeAsync(30_000)
  await waiting.fence()
  let isOver = false
  void Promise.resolve(ended.at(-1)).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(29_999)
  expect([ends, isOver]).toEqual([[], false])
  await vi.advanceTimersByTimeAsync(1)
  expect([ends, isOver, vi.getTimerCount()]).toEqual([['AUTH_STORE_SILENT'], true, 0])
})
