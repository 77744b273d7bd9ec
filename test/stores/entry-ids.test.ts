import { expect, test } from 'vitest'
import { EntryIds } from '../../src/stores/entry-ids.ts'

const now = Date.UTC(2026, 6, 1, 12, 30, 15, 7)

test('an id is the time of its entry, with six random digits behind it', () => {
  expect(new EntryIds().next(now, [])).toMatch(/^20260701T123015007Z-[0-9a-f]{6}$/)
})

test('ids of entries that are made side by side sort in the order in which they were asked for', () => {
  const ids = new EntryIds()
  const made = Array.from({ length: 50 }, () => ids.next(now, []))
  expect(made.toSorted()).toEqual(made)
})

test('an id comes after those that are there, be they of a clock that ran ahead', () => {
  const ahead = '22320101T000000000Z-ffffff'
  expect(new EntryIds().next(now, ['20260101T000000000Z-aaaaaa', ahead])).toMatch(/^22320101T000000001Z-/)
})

test.each(['zzz', '99999999T999999999Z-aaaaaa', '', '.DS_Store'])(
  'a name without a date, as %j, counts for nothing',
  (name) => {
    expect(new EntryIds().next(now, [name])).toMatch(/^20260701T123015007Z-/)
  },
)

test.each([
  [-5, /^19700101T000000000Z-/],
  [8.64e15, /^99991231T235959999Z-/],
])('a clock at %d gives an id of the same form', (at, id) => {
  expect(new EntryIds().next(at, [])).toMatch(id)
})
