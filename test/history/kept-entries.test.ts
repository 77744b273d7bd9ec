import { expect, test } from 'vitest'
import { entriesOf } from '../../src/history/kept-entries.ts'

const start = { type: 'start', at: 1, mode: 'heal', unclean: false }
const alive = (at: number) => ({ type: 'alive', at })
const stop = { type: 'stop', at: 9 }

test('what the system wrote a moment after the stop of its run is told before it', () => {
  expect(entriesOf([start, stop, alive(8), alive(9), { ...start, at: 20 }, alive(21)])).toEqual([
    start,
    alive(8),
    alive(9),
    stop,
    { ...start, at: 20 },
    alive(21),
  ])
})

test('what comes after a stop stays there, as does a start on a clock that was set back', () => {
  const kept = [start, stop, alive(10), { ...start, at: 5 }, alive(6)]
  expect(entriesOf(kept)).toEqual(kept)
  expect(entriesOf([start, stop, { ...start, at: 5 }])).toEqual([start, stop, { ...start, at: 5 }])
})

test('what is no entry is left out: statechart inputs, and what somebody else wrote', () => {
  expect(entriesOf([start, { type: 'steps', at: 2 }, null, 'text', { at: 3 }, alive(4)])).toEqual([start, alive(4)])
})
