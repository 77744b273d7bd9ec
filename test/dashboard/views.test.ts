import { expect, test } from 'vitest'
import { stateNames } from '../../machines/index.ts'
import { accountView } from '../../src/dashboard/account-view.ts'
import { labelOf } from '../../src/dashboard/labels.ts'
import { timelineOf } from '../../src/dashboard/timeline.ts'
import type { HistoryEntry, Status } from '../../src/index.ts'
import { type StateStep, stateSteps } from '../../src/line/state-steps.ts'
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
    move(180_000, 'connecting', 'healthy'),
    move(36_000_000, 'healthy', 'reconnecting', 'the link was lost'),
  ]
  const { incidents } = timelineOf(history, 36_060_000)
  expect(incidents.map((one) => 'endedAt' in one)).toEqual([true, false])
})

test('an account that one of several hosts runs is shown with its host, and any other without', () => {
  const account = new ScriptedAccount()
  expect(accountView(account, 0, 0)).not.toHaveProperty('host')
  expect(accountView(Object.assign(account, { host: 'b' }), 0, 0)).toMatchObject({ account: 'a', host: 'b' })
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
