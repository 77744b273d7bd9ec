import { expect, test } from 'vitest'
import { stateNames } from '../../machines/index.ts'
import { createStableEmitter } from '../../src/baileys/emitter.ts'
import { accountView, downSince, guestView } from '../../src/dashboard/account-view.ts'
import { labelOf } from '../../src/dashboard/labels.ts'
import { midnights } from '../../src/dashboard/midnights.ts'
import { timelineOf } from '../../src/dashboard/timeline.ts'
import { Traffic } from '../../src/dashboard/traffic.ts'
import type { HistoryEntry, Status } from '../../src/index.ts'
import { type StateStep, stateSteps } from '../../src/line/state-steps.ts'
import { hour, minute, Story, second } from '../history/story.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'

const status = (state: Status['state'], more: Partial<Status> = {}): Status => ({
  ...new ScriptedAccount('a', state).status,
  ...more,
})
const qr = { code: '2@code', number: 1, expiresAt: 1 }

test.each<[Status['state'], Partial<Status>, string]>([
  ['degraded', { userAction: 'none' }, 'Connected, healing'],
  ['degraded', { userAction: 'ask-whatsapp' }, 'Connected, messages unreadable'],
  ['awaitingQr', { userAction: 'none' }, 'Linking'],
  ['awaitingQr', { userAction: 'scan-code', qr }, 'Scan the code'],
  ['awaitingQr', { userAction: 'scan-code' }, 'Needs to be linked'],
  [
    'blocked',
    { userAction: 'wait', lastClose: { at: 0, cause: { kind: 'temporary-ban', message: '' } } },
    'Banned for a time',
  ],
  ['blocked', { userAction: 'wait' }, 'Waiting for another process'],
  ['healthy', { userAction: 'check-disk' }, 'Connected, but the disk is in trouble'],
  ['blocked', { userAction: 'check-disk' }, 'Disk in trouble'],
  ['blocked', { userAction: 'none' }, 'Not let in'],
])('the state %s with %j is labelled "%s"', (state, more, label) => {
  expect(labelOf(status(state, more))).toBe(label)
})

test('every state has a label of its own', () => {
  const labels = stateNames.map((state) => labelOf(status(state)))
  expect(new Set(labels).size).toBe(stateNames.length)
  expect(labels).not.toContain('')
})

test('an incident that is not over has no end in the timeline', () => {
  const move = (at: number, from: Status['state'], to: Status['state'], why?: string): HistoryEntry => ({
    ...{ type: 'transition', at, from, to, event: 'e', generation: 1 },
    ...(why === undefined ? {} : { why, cause: { kind: 'network', message: '' } }),
  })
  const history = [
    move(0, 'connecting', 'healthy'),
    move(60_000, 'healthy', 'reconnecting', 'the link was lost'),
    move(300_000, 'connecting', 'healthy'),
    move(36_000_000, 'healthy', 'reconnecting', 'the link was lost'),
  ]
  const { incidents, since } = timelineOf(history, 36_060_000, 'UTC')
  expect(incidents.map((one) => 'endedAt' in one)).toEqual([true, false])
  expect(incidents.map(({ downMs, outcome, cause }) => ({ downMs, outcome, cause }))).toEqual([
    { downMs: 240_000, outcome: 'healed', cause: 'no network, or the server out of reach' },
    { downMs: 60_000, outcome: 'open', cause: 'no network, or the server out of reach' },
  ])
  expect(since).toBe(0)
})

test('drops that healed within three minutes and left nothing behind are no incidents, but told by their side', () => {
  const story = new Story().start().to('healthy')
  for (const kind of ['server', 'network', 'server'] as const)
    story
      .after(hour)
      .to('reconnecting', kind)
      .after(20 * second)
      .to('connecting')
      .to('healthy')
  story
    .after(hour)
    .to('reconnecting', 'server')
    .after(2 * minute)
    .to('awaitingQr')
    .after(second)
    .to('healthy')
  story
    .after(hour)
    .to('reconnecting', 'server')
    .after(2 * minute)
    .to('connecting')
    .to('healthy')
  story.add({ type: 'arrived', late: 4, unread: 1, reread: 0 })
  const { drops, incidents } = timelineOf(story.entries, story.at, 'UTC')
  expect(drops.map(({ side, ms }) => [side, ms])).toEqual([
    ['whatsapp', 20_000],
    ['network', 20_000],
    ['whatsapp', 20_000],
  ])
  expect(incidents.map(({ facts, messages }) => [facts, messages])).toEqual([
    [['A code was needed.', 'Credentials untouched.'], { late: 0, unread: 0, reread: 0 }],
    [['4 messages arrived late; 1 could not be read: asked for again.'], { late: 4, unread: 1, reread: 0 }],
  ])
})

test.each([
  ['Europe/Berlin', '2026-03-30T10:00:00Z', ['2026-03-28T23:00Z', '2026-03-29T22:00Z']],
  ['Europe/Berlin', '2026-10-26T10:00:00Z', ['2026-10-24T22:00Z', '2026-10-25T23:00Z']],
  ['Asia/Kolkata', '2026-01-01T18:31:00Z', ['2025-12-31T18:30Z', '2026-01-01T18:30Z']],
  ['America/Sao_Paulo', '2026-01-01T02:59:59Z', ['2025-12-30T03:00Z', '2025-12-31T03:00Z']],
  ['no zone of this world', '2026-01-01T00:00:00Z', ['2025-12-31T00:00Z', '2026-01-01T00:00Z']],
])('the days of a viewer in %s at %s begin at the midnights there', (zone, now, expected) => {
  expect(midnights(Date.parse(now), zone, 2).map((at) => new Date(at).toISOString())).toEqual(
    expected.map((at) => new Date(at).toISOString()),
  )
})

test('an account that one of several hosts runs is shown with its host, and any other without', () => {
  const account = new ScriptedAccount()
  expect(accountView(account, 0, 0)).not.toHaveProperty('host')
  expect(accountView(Object.assign(account, { host: 'b' }), 0, 0)).toMatchObject({ account: 'a', host: 'b' })
})

test('a close from before the account was last connected, or was started, is no cause of what it is in now', () => {
  const account = new ScriptedAccount('a', 'connecting')
  const steps = (...all: [at: number, from: Status['state'], to: Status['state']][]): void => {
    account.history = () =>
      all.map(([at, from, to]) => ({ type: 'transition', at, event: 'e', generation: 1, from, to }) as const)
  }
  const closedAt = (at: number) => {
    account.status = { ...account.status, lastClose: { at, cause: { kind: 'restart-required', message: '' } } }
    return accountView(account, 0, 9_000).trouble
  }
  // The restart that ends a pairing, and a stop a moment later.
  steps([1_000, 'connecting', 'healthy'], [1_100, 'healthy', 'stopped'], [9_000, 'stopped', 'connecting'])
  expect(closedAt(900)).toBeUndefined()
  expect(closedAt(9_001)).toBe('WhatsApp asked for a restart.')
  // It was down when it was stopped, days ago.
  steps([1_000, 'connecting', 'healthy'], [2_000, 'healthy', 'reconnecting'], [9_000, 'stopped', 'connecting'])
  expect(closedAt(2_000)).toBeUndefined()
  steps([1_000, 'connecting', 'healthy'], [2_000, 'healthy', 'reconnecting'], [3_000, 'reconnecting', 'connecting'])
  expect(closedAt(1_999)).toBe('WhatsApp asked for a restart.')
})

test('a change of state is told once, with the reason that the history has for it, if it has one', () => {
  const account = new ScriptedAccount()
  const steps: StateStep[] = []
  stateSteps(account, (step) => steps.push(step))
  account.become('reconnecting')
  account.become('reconnecting', { message: 'Still.' })
  account.history = () => [
    {
      ...{ type: 'transition', at: 1, event: 'e', generation: 1 },
      from: 'reconnecting',
      to: 'healthy',
      why: 'it opened',
    },
  ]
  account.become('healthy')
  expect(steps.map(({ state, why }) => [state, why])).toEqual([
    ['reconnecting', undefined],
    ['healthy', 'it opened'],
  ])
  expect(steps[0]).not.toHaveProperty('why')
})

test('the last message in and out are what the supervision knows, where it has watched for longer than the dashboard', () => {
  const now = 1_800_000_000_000
  const ev = createStableEmitter(() => undefined).ev
  const line: { ev: typeof ev; status: Status } = { ev, status: status('healthy') }
  const traffic = new Traffic(line, () => now)
  expect(traffic.view(0)).not.toHaveProperty('receivedAt')
  line.status = { ...line.status, lastInboundAt: now - 60_000, lastOutboundAt: now - 30_000 }
  expect(traffic.view(0)).toMatchObject({ receivedAt: now - 60_000, sentAt: now - 30_000, received: 0, sent: 0 })
  expect(traffic.view(0)).not.toHaveProperty('waiting')
  line.status = { ...line.status, messagesWaiting: 2 }
  expect(traffic.view(0).waiting).toBe(2)
  traffic.end()
})

/** A statechart that takes these events and no others. */
const machine = (takes: readonly string[], reason = 'asked', state = 'active') =>
  ({
    getSnapshot: () => ({
      ...{ status: state, value: 'healthy', context: { pair: { reason } } },
      can: ({ type, scope = '' }: { type: string; scope?: string }) => {
        if (takes.includes('throws')) throw new Error('a guard broke')
        return takes.includes(type + scope)
      },
    }),
  }) as never
const all = ['reconnect', 'prunefailing', 'pruneall', 'relink', 'pairing.request']
const none = {
  reconnect: false,
  pruneFailing: false,
  pruneAll: false,
  relink: false,
  pairingCode: false,
  keepLink: false,
}
const can = (state: Status['state'], actor: unknown, mode = 'heal') =>
  accountView(Object.assign(new ScriptedAccount('a', state), { actor, mode }), 0, 0).can

test('what may be asked of an account is what its statechart would take', () => {
  expect(can('healthy', machine([]))).toEqual({ ...none, restore: true, link: true })
  expect(can('healthy', machine(all))).toEqual({
    ...{ reconnect: true, pruneFailing: true, pruneAll: true, relink: true, restore: true, link: true },
    ...{ pairingCode: false, keepLink: false },
  })
  expect(can('awaitingQr', machine(all))).toMatchObject({ pairingCode: true, keepLink: true })
  expect(can('awaitingQr', machine(all, 'logged-out'))).toMatchObject({ pairingCode: true, keepLink: false })
  expect(can('awaitingQr', machine(['pairing.request']))).toMatchObject({ pairingCode: true, keepLink: false })
  expect(can('awaitingQr', machine(['reconnect']))).toMatchObject({ pairingCode: false, keepLink: true })
  expect(can('awaitingQr', machine(['throws']))).toEqual({ ...none, restore: true, link: true })
  expect(can('stopped', machine(all))).toEqual({ ...none, restore: false, link: false })
  expect(can('healthy', machine(all), 'observe').restore).toBe(false)
})

test('without a statechart in this process it is judged by its state', () => {
  const guess = { ...none, reconnect: true, relink: true, restore: true, link: true }
  for (const actor of [undefined, machine(all, 'asked', 'stopped')]) {
    expect(can('reconnecting', actor)).toEqual(guess)
    expect(can('healthy', actor)).toEqual({ ...guess, pruneAll: true })
    expect(can('degraded', actor)).toEqual({ ...guess, pruneAll: true, pruneFailing: true })
    expect(can('awaitingQr', actor)).toEqual({ ...guess, pairingCode: true })
    expect(can('degraded', actor, 'observe')).toEqual({ ...guess, restore: false })
  }
})

test('a guest sees the code, what to do and nothing else, and no later code', () => {
  const account = new ScriptedAccount()
  account.history = () => [{ type: 'transition', at: 1, event: 'e', generation: 1, from: 'healthy', to: 'awaitingQr' }]
  account.showCode('2@code', 1, 100)
  const remedies = ['show-code'] as const
  account.status = { ...account.status, attempt: 7, generation: 8, remediation: 'Scan.', remedies, lastInboundAt: 1 }
  const whole = accountView(account, 50, 60)
  const { state, since, message } = account.status
  const seen = {
    ...{ account: 'a', mode: 'heal', label: 'Scan the code', place: [], trail: [] },
    qr: { code: '2@code', number: 1, expiresAt: 100, shownAt: 50 },
    status: {
      ...{ account: 'a', state, since, message, remediation: 'Scan.', remedies, userAction: 'scan-code' },
      ...{ attempt: 0, generation: 0 },
    },
    can: { ...none, pairingCode: true, restore: false, link: false },
  }
  expect(guestView(whole, false)).toEqual(seen)
  const { qr: _, ...spent } = seen
  expect(guestView(whole, true)).toEqual({ ...spent, can: { ...seen.can, pairingCode: false } })
  const { remediation: __, remedies: ___, ...bare } = account.status
  account.status = bare
  const { status: told } = guestView(accountView(account, 50, 100), false)
  expect(Object.keys(told)).toEqual(['account', 'state', 'since', 'message', 'userAction', 'attempt', 'generation'])
  expect(guestView(accountView(account, 50, 100), false)).not.toHaveProperty('qr')
})

test('an account is down since it left its last connection, where one is on record', () => {
  const move = (at: number, from: Status['state'], to: Status['state']): HistoryEntry => ({
    ...{ type: 'transition', at, from, to, event: 'e', generation: 1 },
  })
  const down = status('reconnecting')
  const history = [
    ...[move(1, 'connecting', 'healthy'), move(2, 'healthy', 'reconnecting'), move(3, 'reconnecting', 'connecting')],
    { type: 'alive', at: 4 } as HistoryEntry,
  ]
  expect(downSince({ status: down, history })).toBe(2)
  expect(downSince({ status: status('healthy'), history })).toBeUndefined()
  expect(downSince({ status: down, history: history.slice(1) })).toBeUndefined()
  expect(downSince({ status: down, history: [move(1, 'connecting', 'healthy')] })).toBeUndefined()
  expect(downSince({ status: down, history: [] })).toBeUndefined()
})
