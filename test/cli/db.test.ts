import { expect, test } from 'vitest'
import { reencryptedLines } from '../../src/cli/db.ts'

test('what was encrypted anew is told, and of the rows that were not, why and whether to run it again', () => {
  expect(reencryptedLines('db', 'new', { rows: 1, skipped: 0, damaged: 0 })).toEqual([
    '1 row of db now encrypted with the key new.',
  ])
  expect(reencryptedLines('db', 'new', { rows: 5, skipped: 2, damaged: 1 }).slice(1)).toEqual([
    '2 rows changed meanwhile and left to their owners: run it again.',
    '1 row open with no key: damaged. Left as they are.',
  ])
})
