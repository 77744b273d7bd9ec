import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Backlog } from '../../../src/baileys/caches/backlog.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Whether what is waited for has come, after that much time. */
async function isHereAfter(arrival: Promise<void>, ms: number): Promise<boolean> {
  let isHere = false
  void arrival.then(() => {
    isHere = true
  })
  await vi.advanceTimersByTimeAsync(ms)
  return isHere
}

test('what has arrived is waited for no more, by nobody, until the next connection', async () => {
  const backlog = new Backlog()
  backlog.begin()
  const waiting = [backlog.arrival(), backlog.arrival()]
  expect(await isHereAfter(waiting[0] as Promise<void>, 900)).toBe(false)
  backlog.arrived()
  await Promise.all(waiting)
  expect([backlog.isIn, backlog.connection, vi.getTimerCount()]).toEqual([true, 1, 0])
  expect(await isHereAfter(backlog.arrival(), 0)).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
  backlog.begin()
  expect([backlog.isIn, backlog.connection]).toEqual([false, 2])
  expect(await isHereAfter(backlog.arrival(), 999)).toBe(false)
})

test('the end of a connection lets everybody go, and leaves no timer', async () => {
  const backlog = new Backlog()
  backlog.begin()
  const waiting = [backlog.arrival(), backlog.arrival()]
  backlog.end()
  await Promise.all(waiting)
  expect([backlog.isIn, vi.getTimerCount()]).toEqual([false, 0])
})

test('the first who waits for a second waits for all; the next connection has a second of its own', async () => {
  const backlog = new Backlog()
  backlog.begin()
  const first = backlog.arrival()
  await vi.advanceTimersByTimeAsync(600)
  const second = backlog.arrival()
  expect(await isHereAfter(second, 399)).toBe(false)
  expect(await isHereAfter(Promise.all([first, second]).then(), 1)).toBe(true)
  expect(await isHereAfter(backlog.arrival(), 0)).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
  backlog.begin()
  expect(await isHereAfter(backlog.arrival(), 999)).toBe(false)
})
