import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { everyShared } from '../../src/stores/shared-interval.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('steps that are due as often as each other', () => {
  test('have one timer, which goes with the last of them', () => {
    const taken: string[] = []
    const offs = ['a', 'b', 'c'].map((name) => everyShared(5_000, () => taken.push(name)))
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(5_000)
    expect(taken).toEqual(['a', 'b', 'c'])
    offs[0]?.()
    offs[0]?.()
    offs[1]?.()
    vi.advanceTimersByTime(5_000)
    expect(taken.slice(3)).toEqual(['c'])
    expect(vi.getTimerCount()).toBe(1)
    offs[2]?.()
    expect(vi.getTimerCount()).toBe(0)
    const again = everyShared(5_000, () => taken.push('again'))
    vi.advanceTimersByTime(5_000)
    expect(taken.slice(4)).toEqual(['again'])
    again()
  })

  test('are taken after that time or earlier, and then each time', () => {
    const at: number[] = []
    const began = Date.now()
    const offs = [everyShared(5_000, () => undefined)]
    vi.advanceTimersByTime(3_000)
    offs.push(everyShared(5_000, () => at.push(Date.now() - began)))
    vi.advanceTimersByTime(12_000)
    expect(at).toEqual([5_000, 10_000, 15_000])
    for (const off of offs) off()
  })

  test('take nothing from each other when one throws or goes in the middle', async () => {
    const taken: string[] = []
    const raised: unknown[] = []
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((raise) => {
      try {
        raise()
      } catch (error) {
        raised.push(error)
      }
    })
    const failing = everyShared(5_000, () => {
      offs[0]?.()
      throw new Error('one of them')
    })
    const offs = ['gone', 'there'].map((name) => everyShared(5_000, () => taken.push(name)))
    vi.advanceTimersByTime(10_000)
    expect(taken).toEqual(['there', 'there'])
    expect(raised).toEqual([new Error('one of them'), new Error('one of them')])
    vi.restoreAllMocks()
    for (const off of [failing, ...offs]) off()
  })
})

test('steps that are due at other times have timers of their own', () => {
  const offs = [everyShared(5_000, () => undefined), everyShared(30_000, () => undefined)]
  expect(vi.getTimerCount()).toBe(2)
  for (const off of offs) off()
  expect(vi.getTimerCount()).toBe(0)
})

test('a timer of the real clock is none of a faked one', () => {
  vi.useRealTimers()
  const real = everyShared(5_000, () => undefined)
  vi.useFakeTimers()
  let taken = 0
  const off = everyShared(5_000, () => {
    taken += 1
  })
  vi.advanceTimersByTime(5_000)
  expect(taken).toBe(1)
  off()
  real()
})
