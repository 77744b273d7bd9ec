import { describe, expect, test } from 'vitest'
import {
  allFine,
  blockReasons,
  type CauseKind,
  type CloseHistory,
  defaultPolicy,
  type Policy,
  pairReasons,
  type Verdict,
  verdict,
} from '../../machines/index.ts'
import { cause } from './world.ts'

const now = 1_700_000_000_000
const history: CloseHistory = {
  restartRun: 0,
  restarts: 0,
  refusedRun: 0,
  conflicts: [],
  conflictProbe: false,
  evidence: allFine,
  canPrune: { failing: true, all: true },
}
const failing = { level: 'failing', suspected: true, addresses: ['a.0'], curable: ['a.0'], messages: 3 } as const
const always: Policy = { ...defaultPolicy, prune: { ...defaultPolicy.prune, onConflict: 'always' } }
const judged = (kind: CauseKind, part: Partial<CloseHistory> = {}, policy = defaultPolicy): Verdict =>
  verdict(cause(kind), { ...history, ...part }, policy, now)

test('why an account is held, and why a code is shown, are the reasons that have words', () => {
  expect(blockReasons).toEqual(
    'temporary-ban locked banned outdated configuration disk store folder-gone not-owner'.split(' '),
  )
  expect(pairReasons).toEqual('never-linked logged-out refused restart-loop creds-lost asked'.split(' '))
})

test.for<[CauseKind, Verdict['next'], RegExp]>([
  ['network', 'reconnect', /network or the server cannot be reached/],
  ['portal', 'reconnect', /proxy or portal/],
  ['link-lost', 'reconnect', /link went silent/],
  ['timed-out', 'reconnect', /did not answer in time/],
  ['closed', 'reconnect', /connection was closed/],
  ['server', 'reconnect', /trouble on its side/],
  ['clock', 'reconnect', /this host's clock/],
  ['protocol', 'reconnect', /stream broke/],
  ['logged-out', 'reconnect', /said once that this device is unlinked: one more login/],
  ['refused', 'reconnect', /refused once: one more login/],
  ['temporary-ban', 'block', /banned the account for a time/],
  ['locked', 'block', /locked the account/],
  ['banned', 'block', /^WhatsApp banned the account$/],
  ['outdated', 'block', /client version/],
  ['configuration', 'block', /as it is configured/],
  ['qr-window-over', 'reconnect', /pairing window ran out/],
  ['pairing-failed', 'reconnect', /could not be verified/],
  ['intentional', 'stop', /by this program/],
  ['connect-failed', 'reconnect', /connect function/],
  ['connect-timeout', 'reconnect', /did not open in time/],
  ['stuck', 'reconnect', /none gets through/],
  ['store-silent', 'reconnect', /store of the credentials does not answer/],
  ['quiet', 'reconnect', /longer than expected/],
  ['unanswered', 'reconnect', /nothing came back/],
  ['deaf', 'reconnect', /ping is not answered/],
  ['slept', 'reconnect', /host slept/],
  ['asked', 'reconnect', /asked to/],
  ['unknown', 'reconnect', /no table knows/],
])('%s leads to %s, and says why', ([kind, next, why]) => {
  expect(judged(kind)).toMatchObject({ next, why: expect.stringMatching(why) })
})

describe('at its limits', () => {
  test('a run of 515 is pruned for once, at the limit, and not beside it', () => {
    const { restartRequiredRun: limit } = defaultPolicy.prune
    const run = (before: number, part: Partial<CloseHistory> = {}) =>
      judged('restart-required', { restartRun: before, ...part })
    expect(run(limit - 2)).toMatchObject({ next: 'reconnect', pace: 'immediate' })
    expect(run(limit - 1)).toMatchObject({ next: 'prune', scope: 'all' })
    expect(run(limit - 1, { canPrune: { failing: true, all: false } })).toMatchObject({ pace: 'backoff' })
    expect(run(limit)).toMatchObject({ next: 'reconnect', pace: 'backoff' })
    expect(run(2 * limit - 2)).toMatchObject({ next: 'reconnect' })
    expect(run(2 * limit - 1)).toMatchObject({ next: 'pair', reason: 'restart-loop' })
    expect(run(0, { restarts: limit - 1 })).toMatchObject({ pace: 'immediate' })
    expect(run(0, { restarts: limit })).toMatchObject({ pace: 'backoff' })
  })

  test('a second 440 counts within the window, and no longer at its end', () => {
    const { windowMs } = defaultPolicy.conflict
    expect(judged('replaced', { conflicts: [now - windowMs + 1] })).toMatchObject({ next: 'conflicted' })
    expect(judged('replaced', { conflicts: [now - windowMs] })).toMatchObject({ next: 'reconnect', pace: 'conflict' })
  })

  test('a policy that prunes on every 440 prunes what fails if something does, and all if nothing does', () => {
    expect(judged('replaced', {}, always)).toMatchObject({ next: 'prune', scope: 'all' })
    expect(judged('replaced', { evidence: failing }, always)).toMatchObject({ next: 'prune', scope: 'failing' })
    const spent = { failing: false, all: true }
    expect(judged('replaced', { evidence: failing, canPrune: spent }, always).next).toBe('reconnect')
    expect(judged('replaced', { canPrune: { failing: true, all: false } }, always).next).toBe('reconnect')
  })

  test.each(['refused', 'logged-out'] as const)('one %s is confirmed by a login, the next needs a code', (kind) => {
    expect(judged(kind)).toMatchObject({ next: 'reconnect', pace: 'confirm' })
    expect(judged(kind, { refusedRun: 1 })).toMatchObject({ next: 'pair', reason: kind })
  })

  test('a ban is held for as long as the server says, and never shorter than the fast ladder', () => {
    const held = (expiresInMs: number | undefined) =>
      verdict(cause('temporary-ban', expiresInMs === undefined ? {} : { expiresInMs }), history, defaultPolicy, now)
    expect(held(7_200_000)).toMatchObject({ holdMs: 7_200_000 })
    expect(held(1)).toMatchObject({ holdMs: defaultPolicy.reconnect.maxMs })
    for (const wrong of [undefined, 0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(held(wrong)).toMatchObject({ holdMs: defaultPolicy.conflict.probeMs })
  })
})
