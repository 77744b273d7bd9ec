import { expect, test } from 'vitest'
import type { Status } from '../../machines/index.ts'
import { untilHealthy, untilStatus } from '../../src/line/waits.ts'
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
