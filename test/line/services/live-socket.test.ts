import { createRequire } from 'node:module'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { entryOfBaileys } from '../../../src/baileys/installed.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { auth, resourcesOn, socketLike } from './bench.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A socket on its way out, and what is done to it, in order. */
function ending(parts: object = {}, own: object = {}) {
  const done: unknown[] = []
  const { resources, told } = resourcesOn({})
  const did =
    (what: string) =>
    async (...args: unknown[]) =>
      void done.push([what, ...args])
  const live = new LiveSocket(1, auth({ fence: did('fence'), close: did('close'), ...own }), resources)
  const terminate = () => void done.push(['cut'])
  const socket = socketLike(parts)
  Object.assign(socket.ws, { socket: { terminate } })
  const { end } = socket
  socket.end = (error) => {
    done.push(['end', error])
    return end(error)
  }
  live.adopt(socket)
  told.length = 0
  const names = () => done.map((one) => (one as unknown[])[0])
  return { live, socket, done, names, told }
}

test('a socket is ended, cut, fenced and closed, in this order, and once', async () => {
  const { live, done } = ending()
  const closing = live.close(5_000)
  expect(live.close(5_000)).toBe(closing)
  await closing
  await live.close(5_000)
  expect(done).toEqual([['end', undefined], ['cut'], ['fence'], ['close', 5_000]])
  expect(vi.getTimerCount()).toBe(0)
})

test('one that does not close is cut at its deadline, and at the shorter one where it is hurried', async () => {
  const { live, names } = ending({ end: () => new Promise(() => undefined) })
  const closing = live.close(5_000)
  await vi.advanceTimersByTimeAsync(4_999)
  expect(names()).toEqual(['end'])
  await vi.advanceTimersByTimeAsync(1)
  await closing
  expect(names()).toEqual(['end', 'cut', 'fence', 'close'])
  const other = ending({ end: () => undefined })
  void other.live.close(5_000)
  await vi.advanceTimersByTimeAsync(1_000)
  const hurried = other.live.close(10)
  await vi.advanceTimersByTimeAsync(10)
  await hurried
  expect(other.names()).toEqual(['end', 'cut', 'fence', 'close'])
  expect(vi.getTimerCount()).toBe(0)
})

test.each<[string, (socket: ReturnType<typeof socketLike>) => void]>([
  ['its transport says so', ({ ws }) => void ws.emit('close')],
  ['Baileys says so', ({ ev }) => void ev.emit('connection.update', { connection: 'close' })],
])('one is closed once %s', async (_, says) => {
  const { live, names, socket } = ending({ end: () => undefined })
  const closing = live.close(5_000)
  await vi.advanceTimersByTimeAsync(1)
  for (const nothing of [undefined, null, 7, {}, { connection: 'open' }, { qr: 'x' }])
    socket.ev.emit('connection.update', nothing)
  socket.ws.emit('error', new Error('late'))
  await vi.advanceTimersByTimeAsync(1)
  expect(names()).toEqual(['end'])
  says(socket)
  await vi.advanceTimersByTimeAsync(1)
  await closing
  expect(names()).toEqual(['end', 'cut', 'fence', 'close'])
})

test('one that throws at its end, or cannot be cut, is fenced all the same', async () => {
  const { live, names, socket } = ending({
    end: () => {
      socket.ws.emit('close')
      throw new Error('gone already')
    },
  })
  Object.assign(socket.ws, {
    socket: {
      terminate: () => {
        throw new Error('no')
      },
    },
  })
  await live.close(5_000)
  expect(names()).toEqual(['end', 'fence', 'close'])
  for (const raw of [{}, { terminate: 7 }, undefined]) {
    const other = ending()
    Object.assign(other.socket.ws, { socket: raw })
    await other.live.close(5_000)
    expect(other.names()).toEqual(['end', 'fence', 'close'])
  }
})

test('a fence that fails is tried once more, and the socket is not taken for shut before', async () => {
  let broken = true
  const off = vi.fn()
  const fence = async () => {
    if (broken) throw new Error('EIO')
  }
  const { live, names } = ending({}, { fence })
  live.keepToTheEnd(off)
  await expect(live.close(5_000)).rejects.toThrow('EIO')
  expect(off).not.toHaveBeenCalled()
  broken = false
  await live.close(5_000)
  expect(off).toHaveBeenCalledTimes(1)
  expect(names().filter((what) => what === 'close')).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('what is held back is told before the end and once more after it, and trouble with that is reported', async () => {
  const flushed: unknown[] = []
  const { live, socket, done, told } = ending()
  Object.assign(socket.ev, { flush: (force: boolean) => flushed.push([force, done.length]) })
  await live.close(5_000)
  expect(flushed).toEqual([
    [true, 0],
    [true, 4],
  ])
  expect([live.busyMs, live.waiting]).toEqual([0, 0])
  const other = ending()
  Object.assign(other.socket.ev, {
    flush: () => {
      throw new Error('no')
    },
  })
  await other.live.close(5_000)
  expect(other.told).toEqual([
    ['report', new Error('no'), 'telling what was held back'],
    ['report', new Error('no'), 'telling what was held back'],
  ])
  expect(told).toEqual([])
})

test('sessions are forgotten by a plain write, or in a transaction where there are any, once that may be', async () => {
  const forget = async (keys: object, addresses: readonly string[], may = true) => {
    const done: unknown[] = []
    const { live } = ending({
      authState: { keys: { get: async () => ({}), set: async (data: unknown) => void done.push(data), ...keys } },
    })
    const forgotten = await live.forgetSessions(addresses, async () => {
      done.push('may it be')
      return may
    })
    return [forgotten, done]
  }
  const gone = { session: { '491.0': null, '492.0': null } }
  expect(await forget({}, ['491.0', '492.0'])).toEqual([true, ['may it be', gone]])
  expect(await forget({}, ['491.0', '492.0'], false)).toEqual([false, ['may it be']])
  expect(await forget({}, [])).toEqual([true, ['may it be']])
  const keyed: string[] = []
  const transaction = async (work: () => Promise<void>, key: string) => {
    keyed.push(key)
    await work()
  }
  expect(await forget({ transaction }, ['491.0', '492.0'])).toEqual([true, ['may it be', gone]])
  expect(keyed).toEqual(['491.0,492.0'])
  const { resources } = resourcesOn({})
  const unborn = new LiveSocket(1, auth(), resources)
  expect(await unborn.forgetSessions(['491.0'], async () => true)).toBe(false)
  expect(await unborn.settleAddresses()).toBe(0)
})

test('while a socket is open, the agreements of its libsignal are the quick ones', async () => {
  const curve = createRequire(entryOfBaileys() ?? '')('libsignal/src/curve.js') as { calculateAgreement: unknown }
  // Another line of this process may have made them so already, and keeps them.
  const before = curve.calculateAgreement
  const { live } = ending()
  expect(String(curve.calculateAgreement)).toContain('agreed(')
  await live.close(5_000)
  expect(curve.calculateAgreement).toBe(before)
})

test('one that takes a message in is waited for until half of its time is over, and says for how long it has', async () => {
  const mutex = async (work: () => Promise<unknown>) => work()
  const queue = { mutex }
  const { live, names } = ending({ messageMutex: queue })
  let finish: () => void = () => undefined
  const taken = queue.mutex(
    () =>
      new Promise<void>((resolve) => {
        finish = resolve
      }),
  )
  await vi.advanceTimersByTimeAsync(100)
  expect([live.busyMs, live.waiting]).toEqual([100, 1])
  const closing = live.close(5_000)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(names()).toEqual([])
  finish()
  await vi.advanceTimersByTimeAsync(0)
  await Promise.all([taken, closing])
  expect(names()).toEqual(['end', 'cut', 'fence', 'close'])
  const stuck = ending({ messageMutex: { mutex } })
  const { messageMutex } = stuck.socket as unknown as { messageMutex: typeof queue }
  void messageMutex.mutex(() => new Promise(() => undefined))
  const hurried = stuck.live.close(5_000)
  await vi.advanceTimersByTimeAsync(2_499)
  expect(stuck.names()).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  await hurried
  expect(stuck.names()).toEqual(['end', 'cut', 'fence', 'close'])
})

test('a message that waits for its turn is refused once nothing can be written, and not before', async () => {
  const queue = { mutex: async (work: () => Promise<unknown>) => work() }
  let end: () => void = () => undefined
  const slow = new Promise<void>((resolve) => {
    end = resolve
  })
  const { live } = ending({ messageMutex: queue }, { close: () => slow })
  const closing = live.close(5_000)
  const work = vi.fn()
  let refused: unknown
  queue.mutex(work).catch((error) => {
    refused = error
  })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(refused).toBeUndefined()
  end()
  await closing
  await vi.advanceTimersByTimeAsync(0)
  expect([String(refused), work.mock.calls]).toEqual([expect.stringContaining('Connection Closed'), []])
})

test('an end that fails late is no failure of the close', async () => {
  const { live, names, socket } = ending({
    end: async () => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      socket.ws.emit('close')
      throw new Error('gone already')
    },
  })
  const closing = live.close(5_000)
  await vi.advanceTimersByTimeAsync(10)
  await closing
  expect(names()).toEqual(['end', 'cut', 'fence', 'close'])
})
