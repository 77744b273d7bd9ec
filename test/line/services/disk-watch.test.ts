import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DiskWatch } from '../../../src/line/services/disk-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A disk that is tried now and then, and what was told of it. */
function watched() {
  const told: string[] = []
  const reports: string[] = []
  const tries: number[] = []
  const begun = Date.now()
  let failing = true
  const disk = new DiskWatch({
    tell: (event) => told.push(event.type === 'disk.trouble' ? `trouble: ${event.message}` : event.type),
    report: (error, doing) => reports.push(`${doing}: ${(error as Error).message}`),
    tryWrite: async () => {
      tries.push(Date.now() - begun)
      if (failing) throw new Error('still full')
    },
  })
  const works = (yes: boolean) => {
    failing = !yes
  }
  return { disk, told, reports, tries, works }
}
const full = new Error('full')

test('a disk in trouble is tried after 1 s, then half as often each time, at least each half minute, until it is well', async () => {
  const { disk, told, tries, works } = watched()
  disk.trouble('keys', full)
  await vi.advanceTimersByTimeAsync(91_000)
  expect(tries).toEqual([1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000])
  works(true)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(told).toEqual(['trouble: full', 'disk.well'])
  expect(vi.getTimerCount()).toBe(0)
  // A new trouble is tried soon again.
  await vi.advanceTimersByTimeAsync(60_000)
  tries.length = 0
  const at = 181_000
  disk.trouble('keys', full)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(tries).toEqual([at + 1_000])
})

test('trouble is told once for each kind of write and each reason, and is over when nothing fails any more', () => {
  const { disk, told, reports } = watched()
  disk.trouble('keys', full)
  disk.trouble('keys', full)
  disk.trouble('facts', full)
  disk.trouble('keys', new Error('read-only'))
  disk.well('facts')
  disk.well('never written')
  disk.forget('never written')
  expect(told).toEqual(['trouble: full', 'trouble: full', 'trouble: read-only'])
  expect(reports).toEqual([
    'reading or writing keys: full',
    'reading or writing facts: full',
    'reading or writing keys: read-only',
  ])
  expect(vi.getTimerCount()).toBe(1)
  disk.well('keys')
  expect(told.at(-1)).toBe('disk.well')
  expect([told.length, vi.getTimerCount()]).toEqual([4, 0])
})

test('what its writer tries again is well only once it was written, though the disk takes something else', async () => {
  const { disk, told, works } = watched()
  works(true)
  disk.trouble('credentials', full)
  disk.trouble('files', full)
  disk.trouble('keys', full)
  await vi.advanceTimersByTimeAsync(7_000)
  expect(told).toHaveLength(3)
  disk.well('credentials')
  disk.well('files')
  expect(told.at(-1)).toBe('disk.well')
})

test('trouble that comes back within a minute is told until nothing has failed for as long', async () => {
  const { disk, told, works } = watched()
  works(true)
  disk.trouble('credentials', full)
  disk.well('credentials')
  await vi.advanceTimersByTimeAsync(59_999)
  disk.trouble('credentials', full)
  disk.well('credentials')
  expect(told).toEqual(['trouble: full', 'disk.well', 'trouble: full'])
  await vi.advanceTimersByTimeAsync(59_000)
  expect(told).toHaveLength(3)
  await vi.advanceTimersByTimeAsync(31_000)
  expect(told.slice(3)).toEqual(['disk.well'])
  // It is over, and what comes after a quiet minute is as new.
  await vi.advanceTimersByTimeAsync(60_000)
  disk.trouble('credentials', full)
  disk.well('credentials')
  expect(told.slice(4)).toEqual(['trouble: full', 'disk.well'])
})

test('a write that failed after it had succeeded is not well', async () => {
  const { disk, told, works } = watched()
  works(true)
  disk.trouble('credentials', full)
  disk.well('credentials')
  disk.trouble('credentials', full)
  disk.well('credentials')
  disk.trouble('credentials', full)
  await vi.advanceTimersByTimeAsync(121_000)
  expect(told).toEqual(['trouble: full', 'disk.well', 'trouble: full'])
  disk.well('credentials')
  expect(told.at(-1)).toBe('disk.well')
})

test('after its end nothing is tried, and a new run forgets what an earlier one met', async () => {
  const { disk, told, tries } = watched()
  disk.trouble('keys', full)
  disk.end()
  disk.trouble('facts', full)
  expect(vi.getTimerCount()).toBe(0)
  disk.begin()
  disk.well('keys')
  expect(told).toEqual(['trouble: full', 'trouble: full'])
  disk.trouble('keys', full)
  await vi.advanceTimersByTimeAsync(1_000)
  expect([told.length, tries.length]).toEqual([3, 1])
  disk.end()
})

test('a try that ends after the end, or after all is well, tries no more', async () => {
  let answer: () => void = () => undefined
  const tryWrite = () =>
    new Promise<void>((_, reject) => {
      answer = () => reject(new Error('full'))
    })
  const disk = new DiskWatch({ tell: () => undefined, report: () => undefined, tryWrite })
  disk.trouble('keys', full)
  await vi.advanceTimersByTimeAsync(1_000)
  disk.well('keys')
  disk.trouble('keys', full)
  expect(vi.getTimerCount()).toBe(1)
  answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(1)
  disk.end()
})
