import { describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../machines/index.ts'
import { createLifeline, fileAuthStore, OptionsError } from '../../src/index.ts'
import { checkOptions } from '../../src/line/options.ts'
import { phoneDigits } from '../../src/line/phone-digits.ts'
import { silent } from '../baileys/lines.ts'

const good = { auth: '/nowhere/at-all', connect: () => Promise.reject(new Error('never called')) }

describe('options', () => {
  test.each<[string, unknown]>([
    ['options', undefined],
    ['options', 7],
    ['options', null],
    ['auth', { ...good, auth: undefined }],
    ['auth', { ...good, auth: '' }],
    ['auth', { ...good, auth: 'a\0b' }],
    ['auth', { ...good, auth: { open: () => undefined } }],
    ['connect', { ...good, connect: undefined }],
    ['connect', { ...good, connect: {} }],
    ['account', { ...good, account: '' }],
    ['account', { ...good, account: 7 }],
    ['logger', { ...good, logger: { info: () => undefined } }],
    ['notify[1]', { ...good, notify: [() => undefined, 'mail@example.org'] }],
    ['notify', { ...good, notify: 'mail@example.org' }],
    ['mode', { ...good, mode: 'watch' }],
    ['inspect', { ...good, inspect: true }],
    ['expectedNumber', { ...good, expectedNumber: 'mine' }],
    ['expectedNumber', { ...good, expectedNumber: 491700000001 }],
    ['waitForLock', { ...good, waitForLock: 'no' }],
    ['language', { ...good, language: 'xx' }],
    ['auth', { ...good, auth: null }],
    ['logger', { ...good, logger: null }],
    ['notify', { ...good, notify: { name: 'mail' } }],
    ['notify', { ...good, notify: { name: 7, open: () => undefined } }],
    ['notify[0]', { ...good, notify: [null] }],
    ['colour', { ...good, colour: 'blue' }],
    ['notify', { ...good, notify: { open: () => undefined } }],
    ['policy', { ...good, policy: 7 }],
    ['policy.reconect', { ...good, policy: { reconect: {} } }],
    ['policy.reconnect.initialMs', { ...good, policy: { reconnect: { initialMs: -1 } } }],
    ['policy.reconnect.initialMs', { ...good, policy: { reconnect: { initialMs: Number.NaN } } }],
    ['policy.reconnect.initialMs', { ...good, policy: { reconnect: { initialMs: 60_000 } } }],
    ['policy.prune.onConflict', { ...good, policy: { prune: { onConflict: 'sometimes' } } }],
    ['policy.liveness.silenceMs', { ...good, policy: { liveness: { silenceMs: 2 ** 31 } } }],
  ])('a wrong %s is refused with its path, what came and what is allowed', (path, options) => {
    const make = () => createLifeline(options as typeof good & { connect: () => never })
    expect(make).toThrow(OptionsError)
    expect(make).toThrow(
      expect.objectContaining({ path, code: 'OPTIONS_INVALID', remediation: expect.stringMatching(/./) }),
    )
  })

  test('a state that Baileys is given is no store, which is said with what it lacks', () => {
    const keys = { get: () => undefined, set: () => undefined }
    for (const auth of [{ creds: {}, keys }, { state: { creds: {}, keys } }])
      expect(() => createLifeline({ ...good, auth: auth as never })).toThrow(/cannot list what it keeps/)
  })

  test('a wrong threshold is named with what came, of a long text its begin alone', () => {
    const policy = { prune: { onConflict: 'x'.repeat(50) } }
    expect(() => createLifeline({ ...good, policy } as never)).toThrow(
      new RegExp(`policy\\.prune\\.onConflict is '${'x'.repeat(40)}'; allowed is [^;:]*\\.$`),
    )
    expect(() => createLifeline({ ...good, policy: 7 } as never)).toThrow(/The option policy is 7; allowed is /)
  })
})

test('of several wrong thresholds the first is told whole, and the others by name', () => {
  const policy = { reconnect: { initialMs: -1, maxMs: 'long' }, notices: { quietMs: true } }
  expect(() => createLifeline({ ...good, policy } as never)).toThrow(
    /policy\.reconnect\.initialMs is -1; .* 2 more: policy\.reconnect\.maxMs, policy\.notices\.quietMs\./,
  )
})

test('a line that was not started does nothing and says what to do first', async () => {
  const line = createLifeline(good)
  const steps = [
    ...[() => line.reconnect(), () => line.relink(), () => line.prune('all'), () => line.restore('x')],
    ...[() => line.whenHealthy(), () => line.requestPairingCode('491700000001')],
  ]
  for (const step of steps)
    await expect(step(), String(step)).rejects.toMatchObject({ code: 'STOPPED', remediation: 'Call start().' })
  await expect(line.prune('some' as never)).rejects.toMatchObject({ code: 'SCOPE_INVALID' })
  await expect(line.requestPairingCode('mine')).rejects.toMatchObject({ code: 'PHONE_INVALID' })
  const observing = createLifeline({ ...good, mode: 'observe' })
  await expect(observing.restore('x')).rejects.toMatchObject({ code: 'REFUSED' })
  await line.stop()
})

test('what is left out has its default, and what is given is taken as it is', () => {
  const { logger, store, ...rest } = checkOptions({ ...good })
  expect(rest).toEqual({
    ...{ account: 'default', connect: good.connect, policy: defaultPolicy, notifiers: [], language: 'en' },
    ...{ mode: 'heal', expectedNumber: undefined, waitForLock: true, inspect: undefined },
  })
  expect(store.location).toBe(good.auth)
  for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) expect(logger[level]('x')).toBeUndefined()
  const channel = { name: 'mail', open: () => ({ tell: () => undefined }) }
  const given = {
    ...{ account: 'sales', auth: fileAuthStore('/nowhere/at-all'), logger: silent, notify: channel },
    ...({ language: 'de', mode: 'observe', expectedNumber: '+49 170 1234567', waitForLock: false } as const),
    inspect: () => undefined,
  }
  const taken = checkOptions({ ...good, ...given })
  const { auth, notify: _, ...same } = given
  expect(taken).toMatchObject({ ...same, expectedNumber: '491701234567' })
  expect(taken.store).toBe(auth)
  expect(taken.notifiers).toEqual([channel])
  expect(checkOptions({ ...good, notify: [channel, good.connect] }).notifiers).toEqual([channel, good.connect])
})

test('accounts whose policies say the same share one, also after another came between', () => {
  const policyOf = (initialMs?: number) =>
    checkOptions({ ...good, policy: initialMs === undefined ? {} : { reconnect: { initialMs } } }).policy
  const first = policyOf(1_000)
  expect(policyOf(1_000)).toBe(first)
  expect(policyOf(1_001).reconnect.initialMs).toBe(1_001)
  expect(policyOf()).toBe(policyOf())
})

test.each<[string, string | undefined]>([
  ['4917012345678', '4917012345678'],
  ['+49 (170) 123-45.67/8', '4917012345678'],
  ['+49 (0)170 12345678', '4917012345678'],
  ['004917012345678', '4917012345678'],
  ['\u202a+49\u00a0170\u201112345678\u202c', '4917012345678'],
  ['\u0664\u0669\u0661\u0667\u0660\u0661\u0662\u0663', '49170123'],
  ['\u06f4\u06f9\u06f1\u06f7\u06f0\u06f1\u06f2\u06f3', '49170123'],
  ['\u096a\u096f\u0967\u096d\u0966\u0967\u0968\u0969', '49170123'],
  ['\uff14\uff19\uff11\uff17\uff10\uff11\uff12\uff13', '49170123'],
  // Bengali: nobody is asked to type them here, so they are no digits.
  ['\u09ea\u09ef\u09e7\u09ed\u09e6\u09e7\u09e8\u09e9', undefined],
  ['12345', undefined],
  ['123456', '123456'],
  ['123456789012345', '123456789012345'],
  ['1234567890123456', undefined],
  ['0170 1234567', undefined],
  ['+49 170 12a4567', undefined],
  ['', undefined],
])('the phone number %j is read as %s', (typed, digits) => {
  expect(phoneDigits(typed)).toBe(digits)
})
