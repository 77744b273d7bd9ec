import { describe, expect, test } from 'vitest'
import {
  type Assessment,
  allFine,
  type CauseKind,
  type CloseHistory,
  causeKinds,
  defaultPolicy,
  type Policy,
  type Verdict,
  verdict,
} from '../../machines/index.ts'

const now = 1_000_000_000
const nothingBefore: CloseHistory = {
  restartRun: 0,
  restarts: 0,
  refusedRun: 0,
  conflicts: [],
  conflictProbe: false,
  evidence: allFine,
  canPrune: { failing: true, all: true },
}
const damaged: Assessment = { level: 'failing', suspected: true, addresses: ['a.0'], curable: ['a.0'], messages: 3 }
const suspected: Assessment = { ...damaged, level: 'fine' }
const uncurable: Assessment = { ...damaged, curable: [] }

/** The outcome without its sentence. */
const decide = (
  kind: CauseKind,
  history: Partial<CloseHistory> = {},
  policy: Policy = defaultPolicy,
  expiresInMs?: number,
) => {
  const cause = { kind, message: 'm', ...(expiresInMs === undefined ? {} : { expiresInMs }) }
  const { why, ...rest } = verdict(cause, { ...nothingBefore, ...history }, policy, now)
  expect(why).toMatch(/^\S.{5,}[^.]$/)
  return rest
}
const backoff = { next: 'reconnect', pace: 'backoff' }
const atOnce = { next: 'reconnect', pace: 'immediate' }
const confirm = { next: 'reconnect', pace: 'confirm' }
const afterPause = { next: 'reconnect', pace: 'conflict' }
const pruneAll = { next: 'prune', scope: 'all' }
const pruneFailing = { next: 'prune', scope: 'failing' }
const conflicted = { next: 'conflicted' }
const onConflict = (value: Policy['prune']['onConflict']): Policy => ({
  ...defaultPolicy,
  prune: { ...defaultPolicy.prune, onConflict: value },
})

describe('a first close, with nothing known before, leads to', () => {
  const first: Readonly<Record<CauseKind, Omit<Verdict, 'why'>>> = {
    network: backoff,
    portal: backoff,
    'link-lost': backoff,
    'timed-out': backoff,
    closed: backoff,
    server: backoff,
    clock: backoff,
    protocol: backoff,
    'restart-required': atOnce,
    replaced: afterPause,
    'logged-out': confirm,
    refused: confirm,
    'temporary-ban': { next: 'block', reason: 'temporary-ban', holdMs: 3_600_000 } as Omit<Verdict, 'why'>,
    locked: { next: 'block', reason: 'locked' } as Omit<Verdict, 'why'>,
    banned: { next: 'block', reason: 'banned' } as Omit<Verdict, 'why'>,
    outdated: { next: 'block', reason: 'outdated' } as Omit<Verdict, 'why'>,
    configuration: { next: 'block', reason: 'configuration' } as Omit<Verdict, 'why'>,
    'qr-window-over': backoff,
    'pairing-failed': backoff,
    intentional: { next: 'stop' },
    'connect-failed': backoff,
    'connect-timeout': backoff,
    stuck: backoff,
    'store-silent': backoff,
    quiet: backoff,
    unanswered: backoff,
    deaf: backoff,
    slept: atOnce,
    asked: atOnce,
    unknown: backoff,
  } as Readonly<Record<CauseKind, Omit<Verdict, 'why'>>>
  test.for(causeKinds)('%s', (kind) => {
    expect(decide(kind)).toEqual(first[kind])
  })
})

const remembering = ['restart-required', 'replaced', 'refused', 'logged-out', 'temporary-ban']
test.for(causeKinds.filter((kind) => !remembering.includes(kind)))(
  'what went before changes nothing for %s',
  (kind) => {
    const worst = {
      restartRun: 99,
      restarts: 99,
      refusedRun: 9,
      conflicts: [now],
      conflictProbe: true,
      evidence: damaged,
    }
    expect(decide(kind, worst)).toEqual(decide(kind))
  },
)

describe('515', () => {
  const none = { failing: true, all: false }
  test.for<[string, Partial<CloseHistory>, object]>([
    ['is free the first time', { restartRun: 0 }, atOnce],
    ['is free the second time', { restartRun: 1, restarts: 1 }, atOnce],
    ['sets all sessions aside the third time in a row', { restartRun: 2, restarts: 2 }, pruneAll],
    [
      'slows down the third time when that is not in the budget',
      { restartRun: 2, restarts: 2, canPrune: none },
      backoff,
    ],
    ['slows down after that', { restartRun: 3, restarts: 3 }, backoff],
    ['slows down the fifth time', { restartRun: 4, restarts: 4 }, backoff],
    ['offers a code the sixth time', { restartRun: 5, restarts: 5 }, { next: 'pair', reason: 'restart-loop' }],
    ['offers a code from then on', { restartRun: 50 }, { next: 'pair', reason: 'restart-loop' }],
    ['slows down when it comes often, though never in a row', { restartRun: 0, restarts: 3 }, backoff],
  ])('%s', ([, history, expected]) => {
    expect(decide('restart-required', history)).toEqual(expected)
  })
})

describe('440', () => {
  const noBudget = { failing: false, all: false }
  const recent = [now - defaultPolicy.conflict.windowMs + 1]
  const old = [now - defaultPolicy.conflict.windowMs]
  test.for<[string, Partial<CloseHistory>, Policy, object]>([
    ['alone is tried once more', {}, defaultPolicy, afterPause],
    ['a second time within the window is a conflict', { conflicts: recent }, defaultPolicy, conflicted],
    ['is a first one again after the window', { conflicts: old }, defaultPolicy, afterPause],
    ['on a look after a conflict is a conflict', { conflictProbe: true }, defaultPolicy, conflicted],
    ['with unread messages sets the failing sessions aside', { evidence: damaged }, defaultPolicy, pruneFailing],
    ['does not wait for the grace, which it cut short', { evidence: suspected }, defaultPolicy, pruneFailing],
    ['with messages that pruning cannot cure prunes nothing', { evidence: uncurable }, defaultPolicy, afterPause],
    ['without budget prunes nothing', { evidence: damaged, canPrune: noBudget }, defaultPolicy, afterPause],
    ['prunes all when the policy always does', {}, onConflict('always'), pruneAll],
    ['prunes the failing when the policy always does', { evidence: damaged }, onConflict('always'), pruneFailing],
    ['prunes nothing without budget, whatever the policy', { canPrune: noBudget }, onConflict('always'), afterPause],
    ['prunes nothing when the policy never does', { evidence: damaged }, onConflict('never'), afterPause],
  ])('%s', ([, history, policy, expected]) => {
    expect(decide('replaced', history, policy)).toEqual(expected)
  })
})

test.for(['refused', 'logged-out'] as const)('%s is tried once more, then a code is needed', (kind) => {
  expect(decide(kind)).toEqual(confirm)
  expect(decide(kind, { refusedRun: 1 })).toEqual({ next: 'pair', reason: kind })
})

test.for<[number | undefined, number]>([
  [undefined, 3_600_000],
  [7_200_000, 7_200_000],
  [1_000, 30_000],
  [0, 3_600_000],
  [-1, 3_600_000],
  [Number.NaN, 3_600_000],
  [Number.POSITIVE_INFINITY, 3_600_000],
])('402 that expires in %s ms is held for %d ms', ([expiresInMs, holdMs]) => {
  expect(decide('temporary-ban', {}, defaultPolicy, expiresInMs)).toEqual({
    next: 'block',
    reason: 'temporary-ban',
    holdMs,
  })
})
