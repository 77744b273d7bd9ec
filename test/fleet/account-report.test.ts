import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ownerless, reportOf } from '../../src/fleet/account-report.ts'
import { isBlock } from '../../src/fleet/block.ts'
import { answered, answerValue, commandOf } from '../../src/fleet/command.ts'
import { FolderCoordination } from '../../src/fleet/folder-coordination.ts'
import { hostCardOf } from '../../src/fleet/host-card.ts'
import { FleetView } from '../../src/fleet/view.ts'
import { LifelineError } from '../../src/index.ts'

const long = 'x'.repeat(301)
const status = {
  account: 'anna',
  state: 'healthy',
  since: 1,
  message: 'Connected.',
  attempt: 2,
  generation: 3,
} as const

describe('what comes from a host that may run another version', () => {
  test.each([
    [{ type: 'reconnect', more: 1 }, { type: 'reconnect' }],
    [{ type: 'relink' }, { type: 'relink' }],
    [{ type: 'stop' }, { type: 'stop' }],
    [
      { type: 'prune', scope: 'all' },
      { type: 'prune', scope: 'all' },
    ],
    [
      { type: 'prune', scope: 'everything' },
      { type: 'prune', scope: 'failing' },
    ],
    [
      { type: 'pairing-code', phone: '491' },
      { type: 'pairing-code', phone: '491' },
    ],
    [
      { type: 'restore', id: 'a', force: 'yes' },
      { type: 'restore', id: 'a', force: false },
    ],
    [
      { type: 'restore', id: 'a', force: true },
      { type: 'restore', id: 'a', force: true },
    ],
  ])('is read as a command as far as it is one: %j', (value, command) => {
    expect(commandOf(value)).toEqual(command)
  })

  test.each([undefined, null, 'stop', {}, { type: 'explode' }, { type: 'prune' }, { type: 'restore', id: long }])(
    'is refused where it is no command: %j',
    (value) => {
      expect(() => commandOf(value)).toThrow(expect.objectContaining({ code: 'COMMAND_INVALID' }))
    },
  )

  test('is an answer of what was done, or of why it was not', async () => {
    expect(answerValue(await answered(async () => ['a']))).toEqual(['a'])
    expect(await answered(async () => undefined)).toEqual({ ok: true, value: null })
    const refused = await answered(() => Promise.reject(new LifelineError('BUSY', 'It is busy.', 'Wait.')))
    expect(() => answerValue(refused)).toThrow(
      expect.objectContaining({ code: 'BUSY', message: 'It is busy.', remediation: 'Wait.' }),
    )
    const failed = await answered(() => Promise.reject(new Error('a secret')))
    expect(JSON.stringify(failed)).not.toContain('secret')
    expect(() => answerValue(failed)).toThrow(expect.objectContaining({ code: 'COMMAND_FAILED' }))
  })

  test.each([
    [undefined, 'COMMAND_FAILED'],
    ['ok', 'COMMAND_FAILED'],
    [{}, 'COMMAND_FAILED'],
    [{ ok: false }, 'COMMAND_INVALID'],
    [{ ok: false, code: 'BUSY', message: long, remediation: '' }, 'COMMAND_INVALID'],
  ])('is no answer that says anything: %j', (content, code) => {
    expect(() => answerValue(content)).toThrow(expect.objectContaining({ code }))
  })

  test.each([
    [undefined, {}],
    ['busy', {}],
    [{ most: '3', has: null, online: {}, leaving: 1, offline: 'no' }, {}],
    [
      { most: 3, has: 2, online: 1, leaving: true, offline: true, more: 1 },
      { most: 3, has: 2, online: 1, leaving: true, offline: true },
    ],
  ])('is read as the card of a host as far as it is one: %j', (value, card) => {
    expect(hostCardOf(value)).toEqual(card)
  })

  test.each([
    undefined,
    null,
    'healthy',
    {},
    { status: 'healthy' },
    { status: null },
    { status: {} },
    { status: { state: 'fine' } },
  ])('is no status: %j', (content) => {
    expect(reportOf(content)).toBeUndefined()
  })

  test('is a status, with the mode if it is a known one', () => {
    expect(reportOf({ status, mode: 'observe' })).toEqual({ status, mode: 'observe' })
    expect(reportOf({ status, mode: 'dream' })).toEqual({ status, mode: 'heal' })
    expect(reportOf({ status })).toEqual({ status, mode: 'heal' })
  })

  test('is a hold of which a person has to know, or none', () => {
    expect([null, 'held', {}, { held: true }, { held: null }].map(isBlock)).toEqual([false, false, false, false, false])
    expect(isBlock({ held: { state: 'blocked' } })).toBe(true)
  })
})

describe('an account that no host has', () => {
  test('is stopped, whatever unreadable word there is of it', async () => {
    const coordination = new FolderCoordination(await mkdtemp(join(tmpdir(), 'lifeline-fleet-')))
    await coordination.add(['anna', 'bert'])
    for (const account of ['anna', 'bert'])
      await coordination.tell(account, 1, account === 'anna' ? 'garbage' : { status })
    const view = new FleetView(coordination)
    await view.refresh()
    expect(view.told('anna')).toMatchObject({ status: { account: 'anna', state: 'stopped', since: 0 }, mode: 'heal' })
    expect(view.told('bert').status).toMatchObject({ state: 'stopped', since: 1 })
    expect(view.told('bert').host).toBeUndefined()
  })

  const told = { status: { ...status, userAction: 'none' }, mode: 'heal' } as const

  test('is as a person has to see to it, or stopped, without a code and a time that nobody keeps', () => {
    const waiting = {
      ...told,
      status: { ...told.status, nextAttemptAt: 9, qr: { number: 1, code: 'x', expiresAt: 9 } },
    }
    expect(ownerless('anna', told, true, false)).toBe(told.status)
    expect(ownerless('anna', waiting, false, true)).toEqual({
      ...told.status,
      state: 'stopped',
      message: 'No host runs this account at the moment.',
      remediation: expect.stringContaining('start a host'),
    })
    expect(ownerless('bert', undefined, true, false)).toMatchObject({
      account: 'bert',
      state: 'stopped',
      remediation: "Call add('bert') of the fleet.",
    })
  })
})
