import { expect, test } from 'vitest'
import { exitCodeOf } from '../../src/cli/failure.ts'
import { given } from '../../src/cli/given.ts'

test('an option that was not given is none, and one that says no stays', () => {
  expect(Object.entries(given({ a: 1, b: undefined, c: false, d: null, e: '', f: 0 }))).toEqual([
    ['a', 1],
    ['c', false],
    ['d', null],
    ['e', ''],
    ['f', 0],
  ])
})

test('the exit code is 0 where all is well, and 1 where it is not', () => {
  expect([exitCodeOf(true), exitCodeOf(false)]).toEqual([0, 1])
})
