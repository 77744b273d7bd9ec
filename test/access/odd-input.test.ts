import { expect, test } from 'vitest'
import { day, numberOf } from '../share.ts'
import { inputClasses, type Tried, tryOut } from './odd-input.ts'

test.each(inputClasses)('of odd %s, with no key and no token, none is taken', async (kind) => {
  const found: Tried = { tried: 0, refused: 0, taken: [] }
  await tryOut(kind, day, numberOf(20_000, 150), found)
  expect(found.taken).toEqual([])
  expect(found.tried).toBeGreaterThanOrEqual(150)
  expect(found.refused).toBeGreaterThan(found.tried / 3)
})
