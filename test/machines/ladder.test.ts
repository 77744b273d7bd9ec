import { expect, test } from 'vitest'
import {
  type Assessment,
  type Budget,
  defaultPolicy,
  emptyBudget,
  nextRung,
  nothingTried,
  type Rung,
  spend,
  type Tried,
} from '../../machines/index.ts'

const policy = defaultPolicy.prune
const now = 1_700_000_000_000
const evidence: Assessment = {
  level: 'failing',
  suspected: true,
  addresses: ['a.0', 'b.0', 'group.0'],
  curable: ['a.0', 'b.0'],
  messages: 9,
}
const spentOn = (scope: 'failing' | 'all', addresses: string[] = []): Budget =>
  spend(emptyBudget, scope, addresses, policy, now - 60_000)
const both = { addresses: spentOn('failing', ['a.0', 'b.0']).addresses, all: spentOn('all').all }
const exhausted = (why: RegExp): Rung => ({ rung: 'exhausted', why: expect.stringMatching(why) as string })

test.for<[string, Partial<Assessment>, Partial<Tried>, Budget, Rung]>([
  [
    'first only the sessions that fail and can be cured',
    {},
    {},
    emptyBudget,
    { rung: 'failing', addresses: ['a.0', 'b.0'] },
  ],
  [
    'only those of them that the budget allows',
    {},
    {},
    spentOn('failing', ['a.0']),
    { rung: 'failing', addresses: ['b.0'] },
  ],
  ['all sessions, once the failing ones were tried', {}, { failing: true }, emptyBudget, { rung: 'all' }],
  ['all sessions, when no failing one is in the budget', {}, {}, spentOn('failing', ['a.0', 'b.0']), { rung: 'all' }],
  ['a person, once both were tried', {}, { failing: true, all: true }, emptyBudget, exhausted(/did not help/)],
  [
    'a person, once all were tried and the day is not over',
    {},
    { failing: true },
    spentOn('all'),
    exhausted(/did not help/),
  ],
  ['a person, when the budget is used up', {}, {}, both, exhausted(/budget/)],
  ['a person, when pruning cures none of it', { curable: [] }, {}, emptyBudget, exhausted(/cannot cure/)],
  [
    'the failing ones again, after the live cure alone',
    {},
    { live: true },
    emptyBudget,
    { rung: 'failing', addresses: ['a.0', 'b.0'] },
  ],
])('the next rung is %s', ([, seen, tried, budget, expected]) => {
  expect(nextRung({ ...evidence, ...seen }, { ...nothingTried, ...tried }, budget, policy, now)).toEqual(expected)
})

test('at first nothing was tried', () => {
  expect(nothingTried).toEqual({ live: false, failing: false, all: false })
})
