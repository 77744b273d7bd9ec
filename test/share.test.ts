import { expect, test } from 'vitest'
import { inTurn, turnOf } from './share.ts'

const days = Array.from({ length: 1_400 }, (_, at) => 20_006 + at)
const names = Array.from({ length: 300 }, (_, at) => `cli/run the command says what it does, row ${at}`)

test('a slow test has its turn once in two weeks, and each day has some of them', () => {
  for (const name of names) {
    const turns = days.filter((day) => turnOf(name, 0, day)).map((day) => Math.floor(day / 14))
    expect(turns).toEqual([...new Set(days.map((day) => Math.floor(day / 14)))])
  }
  for (const day of days) {
    const today = names.filter((name) => turnOf(name, 0, day)).length
    expect(today).toBeGreaterThan(0)
    expect(today).toBeLessThan(names.length / 5)
  }
})

test('the slow tests of a file are spread evenly over the days of two weeks', () => {
  const places = Array.from({ length: 17 }, (_, at) => at)
  for (const day of days) {
    const today = places.filter((place) => turnOf('cli/run', place, day)).length
    expect([1, 2]).toContain(today)
  }
  for (const place of places) {
    const turns = days.filter((day) => turnOf('cli/run', place, day)).map((day) => Math.floor(day / 14))
    expect(turns).toEqual([...new Set(days.map((day) => Math.floor(day / 14)))])
  }
})

test('what is taken in turn by counting days meets all of its rows on days of its own, whatever their number', () => {
  for (const rows of [2, 3, 4, 5, 7, 14]) {
    const met = new Set(days.filter((day) => turnOf(`row ${day % rows}`, 0, day)).map((day) => day % rows))
    expect(met.size).toBe(rows)
  }
})

test('what takes turns by file is the same however and whenever that file was loaded', () => {
  const two = ['v6', 'v7']
  for (const name of ['line/life', 'line/races', 'fleet/folder', 'cli/run']) {
    const endings = ['.test.ts', '.test.js', '.test.js?vitest=1796061', '.test.js?vitest=1796062']
    const turns = endings.map((ending) => `/a/test/${name}${ending}`)
    const [first, ...others] = turns.map((file) => inTurn(two, `file://${file}`))
    expect(others).toEqual([first, first, first])
  }
})
