import { getEventListeners } from 'node:events'
import { expect, test, vi } from 'vitest'
import { AuthStoreError } from '../../../src/errors/errors.ts'
import { freshAbort } from '../../../src/line/services/resources.ts'
import { resourcesOn } from './bench.ts'

const failing = (code: string) => new AuthStoreError(code as never, 'It is so.', 'Do it.')

test.each<[string, unknown, unknown[]]>([
  ['that are of another owner', failing('AUTH_STORE_NOT_OWNED'), []],
  ['that the disk refuses', failing('AUTH_STORE_DISK'), ['report', 'event']],
  ['that an unknown error keeps away', new Error('It is so.'), ['report', 'event']],
  ['that are fenced', failing('AUTH_STORE_FENCED'), ['report']],
])('facts %s are told of as what they are, and whoever keeps them goes on', async (_, error, told) => {
  const writeFacts = vi.fn(async () => {
    throw error
  })
  const { resources, told: all } = resourcesOn({ writeFacts })
  await resources.saveFacts({ attempt: 1 } as never)
  expect(all.map(([what]) => what)).toEqual(told)
  if (told.length === 1) expect(all[0]).toEqual(['report', error, 'keeping the facts'])
  if (told.length === 2) expect(all[1]).toEqual(['event', { type: 'disk.trouble', message: 'It is so.' }])
  writeFacts.mockImplementation(async () => undefined as never)
  await resources.saveFacts({ attempt: 2 } as never)
  expect(writeFacts.mock.calls).toEqual([[{ attempt: 1 }], [{ attempt: 2 }]])
  expect(all.slice(told.length)).toEqual(told.length === 2 ? [['event', { type: 'disk.well' }]] : [])
  resources.disk.end()
})

test('facts are written one after the other, in their order', async () => {
  const order: string[] = []
  const writeFacts = async (facts: unknown) => {
    order.push(`begin ${facts}`)
    await new Promise(setImmediate)
    order.push(`end ${facts}`)
  }
  const { resources } = resourcesOn({ writeFacts })
  void resources.saveFacts('first' as never)
  await resources.saveFacts('second' as never)
  expect(order).toEqual(['begin first', 'end first', 'begin second', 'end second'])
})

test('a disk in trouble is tried with the newest facts, and with nothing where there are none', async () => {
  vi.useFakeTimers()
  try {
    const writeFacts = vi.fn(async () => undefined)
    const { resources } = resourcesOn({ writeFacts })
    resources.disk.trouble('keys', new Error('full'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(writeFacts).not.toHaveBeenCalled()
    await resources.saveFacts('newest' as never)
    resources.disk.trouble('keys', new Error('full'))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(writeFacts.mock.calls).toEqual([['newest'], ['newest']])
    resources.disk.end()
  } finally {
    vi.useRealTimers()
  }
})

test('what a store meets by itself is told: trouble with its files, its end, and what it refuses', () => {
  let trouble: (failure: unknown) => void = () => undefined
  let refused: (words: string) => void = () => undefined
  const { resources, told } = resourcesOn({
    onTrouble: (listener: typeof trouble) => {
      trouble = listener
      return () => undefined
    },
    onRefused: (listener: typeof refused) => {
      refused = listener
      return () => undefined
    },
  } as never)
  trouble(new Error('full'))
  expect(told.map(([what, error]) => (what === 'event' ? error : what))).toEqual([
    'report',
    { type: 'disk.trouble', message: 'full' },
  ])
  trouble(undefined)
  expect(told.at(-1)).toEqual(['event', { type: 'disk.well' }])
  refused('a row of another account')
  expect(told.at(-1)).toEqual(['report', new Error('a row of another account'), 'reading what is stored'])
  resources.disk.end()
})

test('what is so with every socket is reported once for each doing, and time is that of the process', () => {
  const { resources, told } = resourcesOn({})
  resources.reportOnce(new Error('x'), 'a')
  resources.reportOnce(new Error('y'), 'a')
  resources.reportOnce(new Error('x'), 'b')
  expect(told.map(([, error, doing]) => [String(error), doing])).toEqual([
    ['Error: x', 'a'],
    ['Error: x', 'b'],
  ])
  expect(Math.abs(resources.clock() - performance.now())).toBeLessThan(1_000)
  expect(resourcesOn({}, { clock: () => 7 }).resources.clock()).toBe(7)
})

test('any number of services may listen to the end of supervision without a warning', async () => {
  const warned: unknown[] = []
  const warn = (warning: unknown) => void warned.push(warning)
  process.on('warning', warn)
  const { signal } = freshAbort()
  for (let time = 0; time < 20; time += 1) signal.addEventListener('abort', () => undefined)
  await new Promise(setImmediate)
  process.off('warning', warn)
  expect([getEventListeners(signal, 'abort').length, warned]).toEqual([20, []])
})
