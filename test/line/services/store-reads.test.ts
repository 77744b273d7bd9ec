import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StoreReads } from '../../../src/line/services/store-reads.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
})
afterEach(() => void vi.useRealTimers())

const deadlineMs = 60_000

function reads() {
  const told: string[] = []
  const silent = new StoreReads(deadlineMs, (error) => told.push(error.message))
  const ends: string[] = []
  const ask = (name: string, answer: Promise<string>) => {
    Promise.resolve(silent.bound(answer)).then(
      (value) => ends.push(`${name}: ${value}`),
      (error) => ends.push(`${name}: ${error.code ?? error.message}`),
    )
  }
  return { silent, told, ends, ask }
}
const never = () => new Promise<string>(() => undefined)

test('what is answered or refused in time passes as it is, and leaves no timer behind', async () => {
  const { silent, told, ends, ask } = reads()
  expect(silent.bound('at once')).toBe('at once')
  ask('one', Promise.resolve('read'))
  ask('two', Promise.reject(new Error('EIO')))
  await vi.advanceTimersByTimeAsync(deadlineMs * 3)
  expect([ends, told, vi.getTimerCount()]).toEqual([['one: read', 'two: EIO'], [], 0])
})

test('a read without an answer is told once at the deadline, and rejected when its socket is shut', async () => {
  const { silent, told, ends, ask } = reads()
  ask('one', never())
  await vi.advanceTimersByTimeAsync(30_000)
  ask('two', never())
  await vi.advanceTimersByTimeAsync(deadlineMs - 30_001)
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(31_001)
  expect([told, ends]).toEqual([['The store has not answered a read of keys within 60 s.'], []])
  silent.end()
  await vi.advanceTimersByTimeAsync(0)
  expect([ends, vi.getTimerCount()]).toEqual([['one: AUTH_STORE_SILENT', 'two: AUTH_STORE_SILENT'], 0])
})

test('on a socket that nobody shuts it is rejected after the deadline once more, each read after its own', async () => {
  const { ends, ask } = reads()
  ask('one', never())
  await vi.advanceTimersByTimeAsync(10_000)
  ask('two', never())
  await vi.advanceTimersByTimeAsync(deadlineMs * 2 - 10_000)
  expect(ends).toEqual(['one: AUTH_STORE_SILENT'])
  await vi.advanceTimersByTimeAsync(10_000)
  expect([ends.length, vi.getTimerCount()]).toEqual([2, 0])
})

test('a socket that is shut may still be answered at once, and waits for nothing', async () => {
  const { silent, ends, ask } = reads()
  silent.end()
  ask('one', Promise.resolve('read'))
  ask('two', never())
  await vi.advanceTimersByTimeAsync(1)
  expect(ends).toEqual(['one: read', 'two: AUTH_STORE_SILENT'])
})
