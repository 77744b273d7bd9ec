import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { statusOf } from '../../machines/status.ts'
import { isStray } from '../../src/baileys/stray.ts'
import { CallsInFlight } from '../../src/drop-in/calls.ts'
import { callLost, connectionClosed, isConnectionGone, loggedOut } from '../../src/drop-in/closes.ts'
import { LiveWaits } from '../../src/drop-in/live-waits.ts'
import { Rig } from '../machines/rig.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const closed = { isBoom: true, message: 'Connection Closed', output: { statusCode: 428 } }
const settled = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

describe('calls that a socket has taken', () => {
  test('give what they give, and are counted until then', async () => {
    const calls = new CallsInFlight()
    const [done, failed] = [calls.take(Promise.resolve('done')), calls.take(Promise.reject(new Error('no')))]
    expect(calls.count).toBe(2)
    expect(await done).toBe('done')
    await expect(failed).rejects.toThrow('no')
    expect(calls.count).toBe(0)
    calls.endIn(10)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('are rejected some time after their connection has ended, if they give nothing; of several ends the first counts', async () => {
    const calls = new CallsInFlight()
    const never = calls.take(new Promise(() => undefined))
    const rejected = vi.fn()
    never.catch(rejected)
    calls.endIn(100)
    vi.advanceTimersByTime(60)
    calls.endIn(100)
    expect([calls.count, vi.getTimerCount()]).toEqual([1, 1])
    vi.advanceTimersByTime(40)
    await settled()
    expect(rejected.mock.calls).toMatchObject([[closed]])
    expect([calls.count, vi.getTimerCount()]).toEqual([0, 0])
  })

  test('are rejected at once when the socket is let go, and leave no timer', async () => {
    const calls = new CallsInFlight()
    const never = calls.take(new Promise(() => undefined))
    calls.endIn(100)
    calls.end()
    await expect(never).rejects.toMatchObject(closed)
    expect([calls.count, vi.getTimerCount()]).toEqual([0, 0])
  })

  test('that fail because the connection is gone harm nobody who did not catch them, and others are left to their caller', async () => {
    const fails = async (error: object, gone = false) => {
      const calls = new CallsInFlight()
      if (gone) calls.endIn(1)
      await calls.take(Promise.reject(error)).catch(() => undefined)
      return isStray(error)
    }
    expect(await fails(connectionClosed())).toBe(true)
    expect(await fails(Object.assign(new Error(), { output: { statusCode: 408 } }))).toBe(true)
    expect(await fails(loggedOut())).toBe(false)
    expect(await fails(new Error('bad request'))).toBe(false)
    expect(await fails(new Error('bad request'), true)).toBe(true)
  })
})

describe('calls that wait for a connection', () => {
  test('get the socket that opens, all of them, and leave no timer', async () => {
    const waits = new LiveWaits(100)
    const all = [waits.wait(), waits.wait()]
    const socket = { name: 'socket' } as never
    const cleared = vi.spyOn(globalThis, 'clearTimeout')
    waits.resolve(socket)
    expect(await Promise.all(all)).toEqual([socket, socket])
    expect(vi.getTimerCount()).toBe(0)
    // They are forgotten.
    waits.resolve(socket)
    waits.reject(new Error('ended'))
    expect(cleared).toHaveBeenCalledTimes(2)
    cleared.mockRestore()
  })

  test('are rejected when none opens in time, each in its own, or with what is given', async () => {
    const waits = new LiveWaits(100)
    const first = waits.wait()
    const said = vi.fn()
    first.catch(said)
    vi.advanceTimersByTime(50)
    const second = waits.wait()
    vi.advanceTimersByTime(50)
    await settled()
    expect(said.mock.calls).toMatchObject([[closed]])
    waits.reject(new Error('ended'))
    await expect(second).rejects.toThrow('ended')
    expect(vi.getTimerCount()).toBe(0)
    // Whoever comes later waits anew.
    waits.resolve({} as never)
    const third = waits.wait()
    waits.resolve({ name: 'third' } as never)
    expect(await third).toEqual({ name: 'third' })
  })
})

test('a close has Baileys own words and code, and the status without the code to scan', async () => {
  expect([isConnectionGone(connectionClosed()), isConnectionGone(loggedOut()), isConnectionGone(undefined)]).toEqual([
    ...[true, false, false],
  ])
  expect(loggedOut()).toMatchObject({ message: 'Intentional Logout', output: { statusCode: 401 } })
  expect(loggedOut('bye')).toMatchObject({ message: 'bye' })
  vi.useRealTimers()
  const rig = await new Rig().healthy()
  const status = { ...statusOf('awaitingQr', rig.context), qr: { code: 'secret', number: 1, expiresAt: 1 } }
  for (const error of [connectionClosed(status as never), callLost(status as never)]) {
    expect(error).toMatchObject({ ...closed, data: { state: 'awaitingQr' } })
    expect(JSON.stringify(error.data)).not.toContain('secret')
  }
  expect('data' in connectionClosed() && connectionClosed().data !== null).toBe(false)
})
