import { expect, test } from 'vitest'
import { eventsOf } from '../../../src/history/incidents/events.ts'

test.each<[string, object, readonly string[]]>([
  ['nothing', {}, []],
  ['what came late', { late: 2 }, ['2 messages arrived late.']],
  ['what was unreadable', { unread: 1 }, ['1 message could not be read, and asked for again.']],
  ['what became readable', { reread: 3 }, ['3 messages could be read after all.']],
])('of messages that arrived %s is told, and nothing else', (_, counts, said) => {
  const told = eventsOf({ type: 'arrived', at: 1, late: 0, unread: 0, reread: 0, ...counts } as never)
  expect(told.map(({ words }) => words)).toEqual(said)
})
