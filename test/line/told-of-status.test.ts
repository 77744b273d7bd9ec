import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { createActor, createMachine, type InspectionEvent } from 'xstate'
import type { HistoryEntry, Status } from '../../src/index.ts'
import { deafInARow } from '../../src/line/deaf-links.ts'
import { ownerDeclared } from '../../src/line/declared-owner.ts'
import { idle } from '../../src/line/idle-status.ts'
import { withoutCodes } from '../../src/line/inspection.ts'
import { Listeners } from '../../src/line/listeners.ts'
import { LentUrls } from '../../src/line/relink-urls.ts'
import { type StateStep, stateSteps } from '../../src/line/state-steps.ts'
import type { AuthStore } from '../../src/stores/store.ts'
import { ScriptedAccount } from './scripted-account.ts'

test('before its first start a line is stopped, since now, and says how to start it', () => {
  const before = Date.now()
  const { since, ...rest } = idle('sales')
  expect(rest).toEqual({
    ...{ account: 'sales', state: 'stopped', message: 'Supervision is stopped.', remediation: 'Call start().' },
    ...{ remedies: ['start'], userAction: 'none', attempt: 0, generation: 0 },
  })
  expect(since).toBeGreaterThanOrEqual(before)
  expect(since).toBeLessThanOrEqual(Date.now())
})

describe('after a conflict, where no lock tells the own processes apart,', () => {
  const lastClose = { at: 1, cause: { kind: 'replaced', message: '' } } as const
  const hint =
    /^Nothing tells your own processes apart on the rows: see that only one .* or give rowAuthStore a lock\.$/
  const of = (state: Status['state'], more: Partial<Status> = {}): Status => ({
    ...new ScriptedAccount('a', state).status,
    ...more,
  })
  const declared = { declared: true, location: 'the rows' } as AuthStore
  const told = (status: Status, store = declared) => ownerDeclared(status, store).remediation

  test('the status says so, after what it says anyhow', () => {
    expect(told(of('conflicted', { lastClose }))).toMatch(hint)
    expect(told(of('reconnecting', { lastClose, remediation: 'Wait.' }))).toMatch(/^Wait\. Nothing tells/)
  })

  test.each<[string, Status, AuthStore?]>([
    ['while all is well', of('healthy', { lastClose })],
    ['while nothing is supervised', of('stopped', { lastClose })],
    ['before the first close', of('conflicted')],
    ['after another close', of('conflicted', { lastClose: { at: 1, cause: { kind: 'network', message: '' } } })],
    ['where there is a lock', of('conflicted', { lastClose }), { location: 'a folder' } as AuthStore],
  ])('and not %s', (_, status, store) => {
    expect(ownerDeclared(status, store ?? declared)).toBe(status)
  })
})

describe('an inspector', () => {
  /** What it is shown of a machine with this context that takes in this event. */
  function shown(context: object, event: { readonly type: string; readonly code?: string }) {
    const seen: InspectionEvent[] = []
    const machine = createMachine({ context })
    const actor = createActor(machine, { inspect: (one) => seen.push(withoutCodes(one)) }).start()
    actor.send(event)
    return seen
  }
  const qr = { number: 2, expiresAt: 3, code: 'secret' }

  test.each<[object, object]>([
    [{ qr }, { qr: { ...qr, code: '[redacted]' } }],
    [{ pairingCode: 'secret' }, { pairingCode: '[redacted]' }],
    [
      { qr, pairingCode: 'secret', scanned: true },
      { qr: { ...qr, code: '[redacted]' }, pairingCode: '[redacted]', scanned: true },
    ],
    [{ scanned: true }, { scanned: true }],
  ])('of the context %j sees %j, and the rest as it is', (pair, seen) => {
    const snapshots = shown({ account: 'a', pair }, { type: 'x' }).flatMap((one) =>
      'snapshot' in one && 'context' in one.snapshot ? [one.snapshot.context] : [],
    )
    expect(snapshots.length).toBeGreaterThan(1)
    for (const context of snapshots) expect(context).toEqual({ account: 'a', pair: seen })
  })

  test.each(['socket.qr', 'socket.pairingCode'])('sees that %s came, and not the code', (type) => {
    const told = shown({}, { type, code: 'secret' })
    expect(JSON.stringify(told.map((one) => ('event' in one ? one.event : undefined)))).not.toContain('secret')
    expect(told).toContainEqual(expect.objectContaining({ event: { type, code: '[redacted]' } }))
  })

  test('sees every other event, and machines that pair nothing, as they are', () => {
    const told = shown({ other: 1 }, { type: 'x', code: 'no secret' })
    expect(told).toContainEqual(expect.objectContaining({ event: { type: 'x', code: 'no secret' } }))
    const nothing = { type: '@xstate.event', event: { type: 'x' } } as InspectionEvent
    expect(withoutCodes(nothing)).toBe(nothing)
    const empty = { type: '@xstate.snapshot', event: { type: 'x' }, snapshot: { context: null } }
    expect(withoutCodes(empty as unknown as InspectionEvent)).toEqual(empty)
  })
})

describe('listeners', () => {
  const withReports = () => {
    const reports: unknown[] = []
    const listeners = new Listeners<{ a: number; b: string }>((error, doing) =>
      reports.push([error instanceof Error && error.message, doing]),
    )
    return { listeners, reports }
  }

  test('hear what they listen to, each for itself though it is the same function, until they do not any more', () => {
    const { listeners } = withReports()
    const heard: unknown[] = []
    const hear = (one: unknown) => heard.push(one)
    const offs = [listeners.on('a', hear), listeners.on('a', hear), listeners.on('b', hear)]
    listeners.emit('a', 1)
    offs[0]?.()
    offs[0]?.()
    listeners.emit('a', 2)
    listeners.emit('b', 'x')
    for (const off of offs) off()
    listeners.emit('a', 3)
    expect(heard).toEqual([1, 1, 2, 'x'])
  })

  test('that throw or reject are reported with what they listened to, and keep nobody from hearing', async () => {
    const { listeners, reports } = withReports()
    const heard: unknown[] = []
    listeners.on('a', () => {
      throw new Error('thrown')
    })
    listeners.on('a', async () => {
      await Promise.reject(new Error('rejected'))
    })
    // One that comes while it is told hears the next.
    listeners.on('a', () => void listeners.on('a', (one) => heard.push(['late', one])))
    listeners.on('a', (one) => heard.push(one))
    listeners.emit('a', 1)
    expect(heard).toEqual([1])
    await new Promise(setImmediate)
    expect(reports).toEqual([
      ['thrown', 'calling a listener of a'],
      ['rejected', 'calling a listener of a'],
    ])
  })
})

test('links are those of the dashboard that came last, which takes away its own alone', () => {
  const urls = new LentUrls('sales')
  const missing = { code: 'DASHBOARD_MISSING', message: expect.stringContaining('the account sales,') }
  expect(() => urls.url(1)).toThrow(expect.objectContaining(missing))
  const lent = (name: string) => urls.lend({ relinkUrl: (account, ms) => `${name} ${account} ${ms}` })
  const first = lent('first')
  expect(urls.url(undefined)).toBe('first sales undefined')
  const second = lent('second')
  first()
  expect(urls.url(5)).toBe('second sales 5')
  second()
  expect(() => urls.url(1)).toThrow(expect.objectContaining(missing))
})

describe('the steps of an account', () => {
  test('are told once for each state, with the reason that the history has for entering it', () => {
    const at = Date.now()
    const went = (from: Status['state'], to: Status['state'], why?: string): HistoryEntry => ({
      ...{ type: 'transition', at, from, to, event: 'x', generation: 1 },
      ...(why === undefined ? {} : { why }),
    })
    const history: HistoryEntry[] = []
    const account = Object.assign(new ScriptedAccount('a', 'stopped'), { history: () => history })
    const steps: StateStep[] = []
    const off = stateSteps(account, (step) => steps.push(step))
    history.push(went('connecting', 'healthy', 'long ago'), went('healthy', 'reconnecting', 'it was lost'))
    // A reason within the state is none for entering it.
    history.push(went('reconnecting', 'reconnecting', 'it is tried again'), { type: 'stop', at })
    account.become('reconnecting', { message: 'Gone.' })
    account.become('reconnecting', { attempt: 2 })
    account.become('healthy', { message: 'Back.' })
    account.become('degraded')
    off()
    account.become('stopped')
    expect(steps.map(({ state, message, why }) => [state, message, why])).toEqual([
      ['reconnecting', 'Gone.', 'it was lost'],
      ['healthy', 'Back.', 'long ago'],
      ['degraded', 'Back.', undefined],
    ])
    expect(steps.map((step) => 'why' in step)).toEqual([true, true, false])
    expect(steps[0]?.status).toMatchObject({ state: 'reconnecting', attempt: 0 })
  })
})

describe('connections that go deaf one after the other', () => {
  const close = (at: number, kind: 'deaf' | 'network'): Partial<Status> => ({
    lastClose: { at, cause: { kind, message: '' } },
  })
  /** Whether it is said, after these. */
  async function said(meet: (account: ScriptedAccount, message: () => void) => void): Promise<boolean> {
    const account = new ScriptedAccount()
    const ev = new EventEmitter()
    Object.assign(account, { ev })
    let isSaid = false
    const telling = deafInARow(account, 2).then(() => {
      isSaid = true
    })
    meet(account, () => void ev.emit('messages.upsert', {}))
    await Promise.race([telling, new Promise(setImmediate)])
    return isSaid
  }

  test('are said once there were so many', async () => {
    expect(await said((account) => account.become('reconnecting', close(1, 'deaf')))).toBe(false)
    const both = async (account: ScriptedAccount) => {
      account.become('reconnecting', close(1, 'deaf'))
      account.become('healthy')
      account.become('reconnecting', close(2, 'deaf'))
    }
    expect(await said(both)).toBe(true)
  })

  test.each<[string, (account: ScriptedAccount, message: () => void) => void]>([
    ['one close that is told twice', (account) => account.become('connecting')],
    ['another close between them', (account) => account.become('reconnecting', close(2, 'network'))],
    ['a message between them', (_, message) => message()],
  ])('are not with %s', async (what, between) => {
    const meet = (account: ScriptedAccount, message: () => void) => {
      account.become('healthy')
      account.become('reconnecting', close(1, 'deaf'))
      between(account, message)
      if (!what.startsWith('one close')) account.become('reconnecting', close(3, 'deaf'))
    }
    expect(await said(meet)).toBe(false)
  })
})
