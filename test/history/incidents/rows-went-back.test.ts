import { expect, test } from 'vitest'
import type { HistoryEntry, WrittenThen } from '../../../src/history/entry.ts'
import { rowsWentBack } from '../../../src/history/incidents/index.ts'

/** Starts and stops in turn, a minute apart, with what was counted at each. */
const historyOf = (counted: readonly (WrittenThen | undefined)[]): readonly HistoryEntry[] =>
  counted.map((written, at) => {
    const given = { at, ...(written ? { written } : {}) }
    return at % 2 === 0 ? { type: 'start', mode: 'heal', unclean: false, ...given } : { type: 'stop', ...given }
  })

const rows: Readonly<Record<string, readonly [counted: readonly (WrittenThen | undefined)[], found: unknown]>> = {
  'a count that grows': [[{ count: 1 }, { count: 9 }, { count: 11 }], []],
  'stores that count nothing': [[undefined, undefined], []],
  'the same rows': [
    [
      { count: 4, digest: 'k:a' },
      { count: 4, digest: 'k:a' },
    ],
    [],
  ],
  'rows under another key': [
    [
      { count: 4, digest: 'k:a' },
      { count: 4, digest: 'l:b' },
    ],
    [],
  ],
  'other rows of a count that grew': [
    [
      { count: 4, digest: 'k:a' },
      { count: 7, digest: 'k:b' },
    ],
    [],
  ],
  'rows without a digest once': [[{ count: 4, digest: 'k:a' }, { count: 4 }, { count: 4, digest: 'k:b' }], []],
  'a count that went back': [[{ count: 5 }, { count: 9 }, { count: 6 }], [{ at: 2, since: 1, writes: 3 }]],
  'a count that went back, once': [[{ count: 9 }, { count: 6 }, { count: 8 }], [{ at: 1, since: 0, writes: 3 }]],
  'fewer than their owner knows of': [[{ count: 5 }, { count: 5, seen: 20 }], [{ at: 1, since: 0, writes: 15 }]],
  'other rows of the same count': [
    [
      { count: 4, digest: 'k:a' },
      { count: 4, digest: 'k:b' },
    ],
    [{ at: 1, since: 0, writes: 0 }],
  ],
}

test.each(Object.entries(rows))('a history of %s is judged by its counts', (_, [counted, found]) => {
  expect(rowsWentBack(historyOf(counted))).toEqual(found)
})
