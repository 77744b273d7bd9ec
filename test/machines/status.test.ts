import { describe, expect, test } from 'vitest'
import {
  blockReasons,
  type Context,
  causeKinds,
  connectionMachine,
  defaultPolicy,
  noticeKinds,
  pairReasons,
  type StateName,
  stateNameOf,
  stateNames,
  statusOf,
  type UserAction,
} from '../../machines/index.ts'
import { places, rigAt } from './places.ts'
import { Rig } from './rig.ts'

const now = 1_700_000_000_000
const base: Context = new Rig().context
const context = (part: Partial<Context> = {}): Context => ({
  ...base,
  env: { now: () => now, random: () => 0 },
  since: now - 1_000,
  policy: defaultPolicy,
  ...part,
})
const pair = (part: Partial<Context['pair']>): Partial<Context> => ({ pair: { ...base.pair, ...part } })
const qr = (expiresAt: number) => ({ code: 'secret', number: 3, expiresAt })

test.for<[StateName, Partial<Context>, UserAction, RegExp]>([
  ['stopped', {}, 'none', /stopped/],
  ['preparing', {}, 'none', /credentials are being checked/],
  ['connecting', {}, 'none', /Connecting/],
  ['healthy', {}, 'none', /^Connected\.$/],
  ['degraded', {}, 'none', /cannot be read/],
  ['degraded', { exhausted: 'it was tried and did not help' }, 'wait', /It was tried and did not help\.$/],
  ['pruningSessions', {}, 'none', /credentials stay/],
  ['reconnecting', {}, 'none', /connection was lost/],
  ['awaitingQr', pair({ qr: qr(now + 1) }), 'scan-code', /not linked yet/],
  ['awaitingQr', pair({ qr: qr(now) }), 'scan-code', /No code is shown/],
  ['awaitingQr', {}, 'scan-code', /No code is shown/],
  ['awaitingQr', pair({ resume: true }), 'none', /was scanned/],
  ['conflicted', {}, 'check-other-client', /Another client/],
])('%s with %j asks for: %s', ([state, part, userAction, message]) => {
  const status = statusOf(state, context(part))
  expect(status).toMatchObject({ state, userAction, account: 'model', message: expect.stringMatching(message) })
  if (userAction !== 'none') expect(status.remediation).toMatch(/\.$/)
})

describe('blocked', () => {
  const actions: Readonly<Record<(typeof blockReasons)[number], UserAction>> = {
    'temporary-ban': 'wait',
    locked: 'ask-whatsapp',
    banned: 'ask-whatsapp',
    outdated: 'update-client',
    configuration: 'update-client',
    disk: 'check-disk',
    store: 'check-disk',
    'folder-gone': 'check-disk',
    'not-owner': 'check-other-client',
  }
  test.for(blockReasons)('%s names its own cure', (reason) => {
    const status = statusOf('blocked', context({ block: { reason, until: now + 5 } }))
    expect(status).toMatchObject({ userAction: actions[reason], nextAttemptAt: now + 5 })
    expect(status.remediation).toMatch(/\.$/)
  })
})

test('each reason for a code has a sentence of its own', () => {
  const sentences = pairReasons.map(
    (reason) => statusOf('awaitingQr', context(pair({ reason, qr: qr(now + 1) }))).message,
  )
  expect(new Set(sentences).size).toBe(pairReasons.length)
})

test('each close that is followed by another try has words, whatever it was, and they hold no raw error but for an unknown one, and the owner’s own', () => {
  for (const kind of causeKinds) {
    const cause = { kind, message: 'RAW' }
    const { message } = statusOf('reconnecting', context({ closes: [{ at: now, cause }] }))
    expect(message).toMatch(/^[A-Z].*\.$/)
    expect(message.includes('RAW')).toBe(kind === 'unknown' || kind === 'connect-failed')
  }
})

test('the slow cadence is shown as such, with the moment of the next try', () => {
  const delay = { delayMs: 5, cadence: 'slow', at: now + 5 } as const
  expect(statusOf('reconnecting', context({ delay, attempt: 13 }))).toMatchObject({
    message: expect.stringContaining('without end'),
    nextAttemptAt: now + 5,
    attempt: 13,
  })
})

test('a code is shown only while it is valid', () => {
  expect(statusOf('awaitingQr', context(pair({ qr: qr(now + 1) }))).qr).toEqual(qr(now + 1))
  expect(statusOf('awaitingQr', context(pair({ qr: qr(now) })))).not.toHaveProperty('qr')
})

test('disk trouble is added to whatever else is the matter, and takes no other cure away', () => {
  const disk = 'ENOSPC: no space left'
  expect(statusOf('healthy', context({ disk }))).toMatchObject({
    userAction: 'check-disk',
    message: expect.stringMatching(/^Connected\. But .*ENOSPC/),
  })
  const conflicted = statusOf('conflicted', context({ disk }))
  expect(conflicted.userAction).toBe('check-other-client')
  expect(conflicted.remediation).toMatch(/Stop the other program.*Check the free space/)
  expect(statusOf('blocked', context({ disk, block: { reason: 'banned' } })).message).not.toContain('ENOSPC')
})

test.for(places)('at %s the status has true and complete words', async (place) => {
  const rig = await rigAt(place)
  const { status } = rig
  expect(stateNames).toContain(status.state)
  expect(place).toContain(
    status.state === 'degraded' || status.state === 'healthy' ? `open.${status.state}` : status.state,
  )
  expect(status.message).toMatch(/^[A-Z\d].*\.$/)
  expect(status.message).not.toMatch(/undefined|NaN|\[object/)
  if (status.userAction !== 'none') expect(status.remediation).toMatch(/\.$/)
  const waiting = /waiting$|holding$/.test(place)
  if (waiting) expect(status.nextAttemptAt).toBeGreaterThanOrEqual(rig.clock.wall())
  if (status.userAction === 'none' && place !== 'stopped.idle')
    expect(rig.timers + rig.children.length).toBeGreaterThan(0)
})

test.for<[unknown, StateName]>([
  ['stopped', 'stopped'],
  [{ stopped: 'closing' }, 'stopped'],
  [{ online: 'connecting' }, 'connecting'],
  [{ online: { open: 'healthy' } }, 'healthy'],
  [{ online: { open: { degraded: 'healing' } } }, 'degraded'],
  [{ awaitingQr: { pairing: 'showing' } }, 'awaitingQr'],
  [{}, 'stopped'],
])('the owner sees %j as %s', ([value, name]) => {
  expect(stateNameOf(value)).toBe(name)
})

test('the words for states and notices are those of the contract', () => {
  expect(stateNames).toHaveLength(10)
  expect(noticeKinds).toHaveLength(11)
  expect(Object.keys(connectionMachine.states).toSorted()).toEqual(
    [
      'stopped',
      'preparing',
      'online',
      'pruningSessions',
      'reconnecting',
      'awaitingQr',
      'conflicted',
      'blocked',
    ].toSorted(),
  )
})
