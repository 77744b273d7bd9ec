import fs from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endWithParent } from '../../../src/drop-in/register/parent.ts'
import { parentVariable } from '../../../src/drop-in/register/settings.ts'

const kills: (string | number | undefined)[] = []

beforeEach(() => {
  kills.length = 0
  const { kill } = process
  vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    if (pid !== process.pid) return kill.call(process, pid, signal)
    kills.push(signal)
    return true
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

/** More than any system counts to. */
const nobody = 2 ** 30

test('who is gone is said as it ends, and that nobody reads it any more is no trouble', () => {
  const said = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw new Error('EPIPE')
  })
  const rest = 'is gone. This program ends too, as for SIGTERM.\n'
  vi.stubEnv(parentVariable, `${process.ppid}/${process.pid}/${nobody}`)
  endWithParent()
  vi.advanceTimersByTime(1_000)
  vi.stubEnv(parentVariable, `${process.ppid + 1}/${process.pid}`)
  endWithParent()
  vi.advanceTimersByTime(1_000)
  expect(said.mock.calls).toEqual([
    [2, `lifeline: npm ${rest}`],
    [2, `lifeline: its parent ${rest}`],
  ])
  expect(kills).toEqual(['SIGTERM', 'SIGTERM'])
})

test('a program in place of its command ends as for SIGTERM where npm is gone, and at last all the same', () => {
  vi.stubEnv(parentVariable, `${process.ppid}/${process.pid}/${nobody}`)
  endWithParent()
  vi.advanceTimersByTime(999)
  expect(kills).toEqual([])
  vi.advanceTimersByTime(1)
  expect(kills).toEqual(['SIGTERM'])
  vi.advanceTimersByTime(9_999)
  expect(kills).toEqual(['SIGTERM'])
  vi.advanceTimersByTime(1)
  expect(kills).toEqual(['SIGTERM', 'SIGKILL'])
  vi.advanceTimersByTime(60_000)
  expect(kills).toEqual(['SIGTERM', 'SIGKILL'])
})

test('it stays while its shell is its parent and npm runs', () => {
  for (const told of [`${process.ppid}/${process.pid}/${process.ppid}`, `${process.ppid}/${process.pid}`]) {
    vi.stubEnv(parentVariable, told)
    endWithParent()
  }
  vi.advanceTimersByTime(60_000)
  expect([vi.getTimerCount(), kills]).toEqual([2, []])
})

test('a program beside its command stays while that is its parent; one whose shell is gone ends', () => {
  vi.stubEnv(parentVariable, String(process.ppid))
  endWithParent()
  vi.advanceTimersByTime(60_000)
  expect([vi.getTimerCount(), kills]).toEqual([1, []])
  // In place of the command, and its shell is not the parent any more.
  vi.stubEnv(parentVariable, `${process.ppid + 1}/${process.pid}`)
  endWithParent()
  vi.advanceTimersByTime(1_000)
  expect(kills).toEqual(['SIGTERM'])
})

test.each([
  ['of which nothing was said', undefined],
  ['that another process was told to end with', `${process.ppid + 1}`],
  ['that came down from a program in place of the command', `${process.ppid + 1}/${process.ppid}/1`],
])('a program %s waits for nobody', (_, told) => {
  vi.stubEnv(parentVariable, told)
  vi.stubEnv('npm_lifecycle_script', undefined)
  endWithParent()
  expect(vi.getTimerCount()).toBe(0)
})
