import { expect, test, vi } from 'vitest'
import { ConnectionGone, gateMessages, isQueue } from '../../src/baileys/message-gate.ts'

type Socket = Parameters<typeof gateMessages>[0]

/** A queue as Baileys has it: one after the other. */
const queue = () => {
  let last: Promise<unknown> = Promise.resolve()
  return {
    mutex<T>(work: () => Promise<T> | T): Promise<T> {
      const done = last.then(work)
      last = done.catch(() => undefined)
      return done
    },
  }
}
const turns = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
}

/** What is waited for until `pass` is called. */
function held() {
  let pass: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    pass = resolve
  })
  return { over: () => over, pass: () => pass() }
}

function gated(more: object = {}) {
  const ws = { isOpen: true, isClosed: false, isClosing: false }
  const messageMutex = queue()
  const taken: string[] = []
  const told = () => taken.push('told')
  const messages = gateMessages({ ws, messageMutex, ...more } as unknown as Socket, told)
  return { ws, messageMutex, taken, messages }
}

test('messages are counted until they are taken in, and each is told of when it was, though it failed', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const { messageMutex, messages, taken } = gated()
    const slow = held()
    const first = messageMutex.mutex(async () => {
      await slow.over()
      return 1
    })
    const second = messageMutex.mutex(() => Promise.reject(new Error('unreadable')))
    second.catch(() => undefined)
    expect([messages.waiting, messages.busyMs]).toEqual([2, 0])
    await turns()
    vi.advanceTimersByTime(70)
    expect([messages.waiting, messages.busyMs, taken]).toEqual([2, 70, []])
    slow.pass()
    expect(await first).toBe(1)
    await expect(second).rejects.toThrow('unreadable')
    await turns()
    expect([messages.waiting, messages.busyMs, taken]).toEqual([0, 0, ['told', 'told']])
  } finally {
    vi.useRealTimers()
  }
})

test('once it is shut the one under way is waited for, and no other is begun; those learn so when the connection is gone', async () => {
  const { messageMutex, messages, taken } = gated()
  const slow = held()
  const done: string[] = []
  const first = messageMutex.mutex(() => slow.over())
  const second = messageMutex
    .mutex(async () => void done.push('begun'))
    .catch((error) => done.push(String(error instanceof ConnectionGone)))
  await turns()
  const shut = messages.shut().then(() => done.push(`shut, ${taken.join()}`))
  await turns()
  expect(done).toEqual([])
  slow.pass()
  await Promise.all([first, shut])
  await turns()
  expect([done, messages.waiting]).toEqual([['shut, told'], 1])
  messages.release()
  await second
  expect([done, messages.waiting]).toEqual([['shut, told', 'true'], 0])
})

test('nothing is begun on a connection that is closed, and what has no queue is left as it is', async () => {
  const { ws, messageMutex, taken } = gated()
  Object.assign(ws, { isOpen: false, isClosed: true })
  const late = messageMutex.mutex(async () => taken.push('begun'))
  await expect(late).rejects.toMatchObject({ name: 'ConnectionGone', message: 'Connection Closed' })
  expect(taken).toEqual([])
  const bare = gated({ messageMutex: undefined })
  await bare.messages.shut()
  expect([bare.messages.waiting, bare.messages.busyMs]).toEqual([0, 0])
  // Baileys 6 has one queue for all that comes in.
  const processingMutex = queue()
  const old = gated({ messageMutex: undefined, processingMutex })
  const work = processingMutex.mutex(async () => old.messages.waiting)
  expect(await work).toBe(1)
  expect([null, 'x', {}, { mutex: 1 }, queue()].map(isQueue)).toEqual([false, false, false, false, true])
})
