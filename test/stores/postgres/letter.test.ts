import { expect, test } from 'vitest'
import { isOfItsTime, letterIn, letterOf } from '../../../src/stores/postgres/letter.ts'

test('a letter is read as it was written, and its time may differ by a minute', () => {
  const letter = letterOf('a', 100_000, { x: 1 })
  expect(letterIn(JSON.parse(JSON.stringify(letter)))).toEqual(letter)
  expect([39_999, 40_000, 160_000, 160_001].map((at) => isOfItsTime(letter, at))).toEqual([false, true, true, false])
})

test.each([
  null,
  'a',
  {},
  { from: 'a' },
  { at: 1 },
  { from: 7, at: 1 },
  { from: 'a', at: '1' },
  { from: 'a', at: Number.NaN },
  { from: 'a', at: Number.POSITIVE_INFINITY },
])('what is no letter is none: %j', (value) => {
  expect(letterIn(value)).toBeUndefined()
})
