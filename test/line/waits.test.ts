import { getEventListeners } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Status } from '../../machines/index.ts'
import { needsPerson, untilHealthy, untilStatus } from '../../src/line/waits.ts'
import { ScriptedAccount } from './scripted-account.ts'

const open = () => true

test('an account that is healthy is not waited for, one that becomes so is, and no listener is left', async () => {
  const account = new ScriptedAccount()
  await untilHealthy(account, open)
  account.become('reconnecting')
  let isOpen = false
  let isOver = false
  const waiting = untilHealthy(account, () => isOpen).then(() => {
    isOver = true
  })
  account.become('healthy')
  await new Promise((resolve) => setImmediate(resolve))
  // Healthy, but its socket is not there yet.
  expect(isOver).toBe(false)
  isOpen = true
  account.become('healthy')
  await waiting
  expect(account.listeners).toBe(0)
})

test.each<[Status['state'], Partial<Status>, object]>([
  ['stopped', {}, { code: 'STOPPED' }],
  [
    'awaitingQr',
    { userAction: 'scan-code', message: 'Scan.', remediation: 'Do it.' },
    { code: 'PERSON_NEEDED', message: 'Scan.', remediation: 'Do it.' },
  ],
  ['blocked', { userAction: 'check-disk' }, { code: 'PERSON_NEEDED', remediation: 'See status.userAction.' }],
])('the wait for a %s account ends with the reason: %j', async (state, more, reason) => {
  const account = new ScriptedAccount('a', 'reconnecting')
  const waiting = expect(untilHealthy(account, open)).rejects.toMatchObject(reason)
  // Time alone helps: no person is asked.
  account.become('blocked', { userAction: 'wait' })
  account.become(state, more)
  await waiting
  expect(account.listeners).toBe(0)
})

test('whoever gives up waiting is told his own reason, before or meanwhile', async () => {
  const account = new ScriptedAccount('a', 'reconnecting')
  await expect(untilHealthy(account, open, AbortSignal.abort(new Error('early')))).rejects.toThrow('early')
  const giving = new AbortController()
  const waiting = untilHealthy(account, open, giving.signal)
  giving.abort(new Error('late'))
  await expect(waiting).rejects.toThrow('late')
  expect(account.listeners).toBe(0)
})

test('whoever waits many times under one signal leaves no listener on it', async () => {
  const account = new ScriptedAccount('a', 'healthy')
  const { signal } = new AbortController()
  for (let time = 0; time < 3; time += 1) await untilHealthy(account, open, signal)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test.each<[string, Partial<Status>, boolean]>([
  ['asks for nothing', { userAction: 'none' }, false],
  ['only asks to wait', { userAction: 'wait' }, false],
  ['is connected all the same', { userAction: 'check-disk', state: 'healthy' }, false],
  ['is not connected until somebody acts', { userAction: 'check-disk', state: 'degraded' }, true],
])('a person is needed, or not, where the account %s', (_, more, needed) => {
  expect(needsPerson({ ...new ScriptedAccount('a', 'blocked').status, ...more })).toBe(needed)
})

test('a status is waited for as long as it is worth, and then it is what it is', async () => {
  const account = new ScriptedAccount('a', 'reconnecting')
  const isHealthy = ({ state }: Status) => state === 'healthy'
  expect((await untilStatus(account, isHealthy, 1)).state).toBe('reconnecting')
  const waiting = untilStatus(account, isHealthy, 60_000)
  account.become('healthy')
  expect((await waiting).state).toBe('healthy')
  expect((await untilStatus(account, isHealthy)).state).toBe('healthy')
  expect(account.listeners).toBe(0)
})

test('a status that came leaves no timer, and none ends a wait that has no end', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const account = new ScriptedAccount('a', 'healthy')
  await untilStatus(account, () => true, 60_000)
  const waiting = untilStatus(account, ({ state }) => state === 'stopped')
  expect(vi.getTimerCount()).toBe(0)
  account.become('stopped')
  await waiting
})
