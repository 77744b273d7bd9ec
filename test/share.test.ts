import { expect, test } from 'vitest'
import { turnOf } from './share.ts'

const days = Array.from({ length: 400 }, (_, at) => 20_000 + at)
const names = Array.from({ length: 40 }, (_, at) => `cli/run the command says what it does, row ${at}`)

test('a slow test has its turn on one day of four, never a month apart, and each day has about a quarter of them', () => {
  for (const name of names) {
    const turns = days.filter((day) => turnOf(name, day))
    expect(turns.length / days.length).toBeGreaterThan(0.18)
    expect(turns.length / days.length).toBeLessThan(0.32)
    expect(Math.max(...turns.map((day, at) => day - (turns[at - 1] ?? days[0] ?? 0)))).toBeLessThan(31)
  }
  for (const day of days) {
    const today = names.filter((name) => turnOf(name, day)).length
    expect(today).toBeGreaterThan(0)
    expect(today).toBeLessThan(names.length / 2 + 4)
  }
})

test('what is taken in turn by counting days meets all of its rows on days of its own, whatever their number', () => {
  for (const rows of [2, 3, 4, 5, 8]) {
    const met = new Set(days.filter((day) => turnOf(`row ${day % rows}`, day)).map((day) => day % rows))
    expect(met.size).toBe(rows)
  }
})
