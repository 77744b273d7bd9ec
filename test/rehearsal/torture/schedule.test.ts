import { describe, expect, test } from 'vitest'
import { parseSchedule, scheduleOf, shrink, written } from '../../../src/rehearsal/torture/schedule.ts'
import { harms, meaning, stepNames } from '../../../src/rehearsal/torture/steps.ts'

describe('a schedule', () => {
  test('is the same for the same seed, differs from seed to seed, and reads back as it is written', () => {
    const all = Array.from({ length: 50 }, (_, seed) => written(scheduleOf(seed)))
    expect(all).toEqual(Array.from({ length: 50 }, (_, seed) => written(scheduleOf(seed))))
    expect(new Set(all).size).toBe(50)
    for (const text of all) expect(written(parseSchedule(text) as ReturnType<typeof scheduleOf>)).toBe(text)
  })

  test('shrinks to the steps without which it holds', async () => {
    const schedule = scheduleOf(5)
    const [, second, , fourth] = schedule
    const needs = async (shorter: readonly unknown[]) => shorter.includes(second) && shorter.includes(fourth)
    expect(await shrink(schedule, needs, 20)).toEqual([second, fourth])
  })

  test.each<[string, unknown]>([
    [
      '503 +440',
      [
        { name: '503', settled: true },
        { name: '440', settled: false },
      ],
    ],
    [
      ' 503,, write\n',
      [
        { name: '503', settled: true },
        { name: 'write', settled: true },
      ],
    ],
    ['503 +earthquake 440', { unknown: 'earthquake' }],
    ['constructor', { unknown: 'constructor' }],
    ['', []],
  ])('is read from words: %j', (text, read) => {
    expect(parseSchedule(text)).toEqual(read)
  })

  test('has three to seven steps, of every kind, some of them at once', () => {
    const all = Array.from({ length: 300 }, (_, seed) => scheduleOf(seed))
    expect(new Set(all.map(({ length }) => length))).toEqual(new Set([3, 4, 5, 6, 7]))
    const steps = all.flat()
    expect(new Set(steps.map(({ name }) => name))).toEqual(new Set(stepNames))
    expect(new Set(steps.map(({ settled }) => settled))).toEqual(new Set([true, false]))
    expect(stepNames.filter(harms)).toEqual(['damage', 'lost-track'])
    for (const name of stepNames) expect(meaning(name)).toMatch(/^[a-zT]/)
  })

  test('shrinks in so many runs at most', async () => {
    const schedule = scheduleOf(5)
    let runs = 0
    const fails = async () => {
      runs += 1
      return true
    }
    expect(await shrink(schedule, fails, 2)).toEqual(schedule.slice(2))
    expect(runs).toBe(2)
    expect(await shrink(schedule, fails, 99)).toEqual([])
  })
})
