import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Asked, StoreAnswers } from '../../../src/line/services/store-answers.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
})
afterEach(() => void vi.useRealTimers())

const deadlineMs = 60_000

function asked() {
  const told: string[] = []
  const silent = new StoreAnswers(deadlineMs, (error) => told.push(error.message))
  const ends: string[] = []
  const heard: string[] = []
  const ears = {
    well: (value: string) => void heard.push(value),
    failed: (error: unknown) => void heard.push(String(error)),
  }
  const ask = (name: string, answer: Promise<string>, what: Asked = 'a read of keys', data?: object) => {
    silent.bound(what, answer, ears, data).then(
      (value) => ends.push(`${name}: ${value}`),
      (error) => ends.push(`${name}: ${error.code ?? error.message}`),
    )
  }
  return { silent, told, ends, ask, heard }
}
const never = () => new Promise<string>(() => undefined)

test('what is answered or refused in time passes as it is, and leaves no timer behind', async () => {
  const { heard, told, ends, ask } = asked()
  ask('one', Promise.resolve('read'))
  ask('two', Promise.reject(new Error('EIO')))
  await vi.advanceTimersByTimeAsync(deadlineMs * 3)
  expect([ends, told, vi.getTimerCount()]).toEqual([['one: read', 'two: EIO'], [], 0])
  expect(heard).toEqual(['read', 'Error: EIO'])
})

test('a read without an answer is told once at the deadline, and rejected when its socket is shut', async () => {
  const { silent, told, ends, ask } = asked()
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
  const { ends, ask } = asked()
  ask('one', never())
  await vi.advanceTimersByTimeAsync(10_000)
  ask('two', never())
  await vi.advanceTimersByTimeAsync(deadlineMs * 2 - 10_000)
  expect(ends).toEqual(['one: AUTH_STORE_SILENT'])
  await vi.advanceTimersByTimeAsync(10_000)
  expect([ends.length, vi.getTimerCount()]).toEqual([2, 0])
})

test('what was asked of a socket that is shut is answered as ever, and waits no longer than the deadline', async () => {
  const { silent, told, ends, ask } = asked()
  ask('before', never())
  silent.end()
  ask('one', Promise.resolve('read'))
  ask('two', never())
  await vi.advanceTimersByTimeAsync(deadlineMs - 1)
  expect(ends).toEqual(['one: read'])
  await vi.advanceTimersByTimeAsync(1)
  expect([ends.slice(1), told, vi.getTimerCount()]).toEqual([
    ['before: AUTH_STORE_SILENT', 'two: AUTH_STORE_SILENT'],
    [],
    0,
  ])
})

test('what a shut socket had still asked for leaves no timer behind once it is answered', async () => {
  const { silent, ends, ask } = asked()
  let answer: (value: string) => void = never
  ask(
    'one',
    new Promise<string>((resolve) => {
      answer = resolve
    }),
  )
  silent.end()
  expect(vi.getTimerCount()).toBe(1)
  answer('read')
  await vi.advanceTimersByTimeAsync(0)
  expect([ends, vi.getTimerCount()]).toEqual([['one: read'], 0])
})

test('of a write and of a save it says which had no answer, and what comes late is still heard', async () => {
  for (const what of ['a write of keys', 'a save of the credentials'] as const) {
    const { silent, told, ends, ask, heard } = asked()
    let answer: (value: string) => void = never
    ask(
      'one',
      new Promise<string>((resolve) => {
        answer = resolve
      }),
      what,
    )
    await vi.advanceTimersByTimeAsync(deadlineMs)
    expect(told).toEqual([`The store has not answered ${what} within 60 s.`])
    silent.end()
    answer('stored')
    await vi.advanceTimersByTimeAsync(0)
    expect([ends, heard]).toEqual([['one: AUTH_STORE_SILENT'], ['stored']])
  }
})

test('a write of eight hundred keys has more time than one of a few', async () => {
  const { told, ends, ask } = asked()
  const preKeys = Object.fromEntries(Array.from({ length: 800 }, (_, id) => [id, {}]))
  ask('many', never(), 'a write of keys', { 'pre-key': preKeys })
  await vi.advanceTimersByTimeAsync(deadlineMs * 16 - 1)
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect([told.length, ends]).toEqual([1, []])
})

test('for a thousand reads under way there is one timer', async () => {
  const { ask } = asked()
  for (let read = 0; read < 1_000; read += 1) ask(`${read}`, never())
  expect(vi.getTimerCount()).toBe(1)
})
