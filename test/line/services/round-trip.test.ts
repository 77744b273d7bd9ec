import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createActor, setup } from 'xstate'
import type { SocketEvent } from '../../../machines/index.ts'
import { defaultPolicy } from '../../../machines/index.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { probe } from '../../../src/line/services/probe.ts'
import { bindResources, type Resources } from '../../../src/line/services/resources.ts'
import { auth, resourcesOn, socketLike } from './bench.ts'

const minute = 60_000
const timeoutMs = 20_000
const liveness = {
  ...defaultPolicy.liveness,
  ...{ silenceMs: 20_000 * minute, sleepJumpMs: 1_000 * minute, roundTripMs: minute, roundTripTimeoutMs: timeoutMs },
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
})
afterEach(() => void vi.useRealTimers())

/** An account, and the links that it has one after the other. */
function account(mode: Resources['mode'] = 'heal') {
  const { resources, told } = resourcesOn({ owned: async () => true }, { mode, policy: { ...defaultPolicy, liveness } })
  const written: unknown[][] = []
  let write = async (): Promise<string> => `line ${written.length}`
  let generation = 0
  /** A link on which nothing is delivered but what the test says. */
  const link = (own = auth(), parts: object = {}) => {
    generation += 1
    const lost: string[] = []
    const relayMessage = (...args: unknown[]) => {
      written.push(args)
      return write()
    }
    const socket = socketLike({ relayMessage, ...parts })
    const live = new LiveSocket(generation, own, resources)
    live.adopt(socket)
    const held = () => [
      socket.ws.eventNames().map((event) => [event, socket.ws.listenerCount(event)]),
      getEventListeners(resources.abort.signal, 'abort').length,
    ]
    const before = held()
    resources.live = live
    const machine = setup({ actors: { probe }, types: { events: {} as SocketEvent } }).createMachine({
      invoke: { src: 'probe', input: { generation } },
      on: {
        'liveness.lost': { actions: ({ event }) => void lost.push(event.cause.kind) },
      },
    })
    const actor = createActor(machine)
    bindResources(actor.system, resources)
    actor.start()
    const says = (event: string, attrs: object) => socket.ws.emit(event, { attrs })
    return { lost, says, held, before, end: () => actor.stop(), abort: () => resources.abort.abort() }
  }
  const notices = () => told.filter(([what]) => what === 'notice').map(([, kind, details]) => [kind, details])
  const reports = () =>
    told.flatMap(([what, error, doing]) =>
      what === 'report' && String(doing).includes("account's own chat") ? [String(error)] : [],
    )
  return {
    ...{ link, written, notices, reports },
    writes: (how: typeof write) => {
      write = how
    },
  }
}

test('the first line without an answer is written again, and the link is given up for the second one alone', async () => {
  const { link, written, notices } = account()
  const { lost, end } = link()
  await vi.advanceTimersByTimeAsync(minute - 1)
  expect(written).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(written.map(([to]) => to)).toEqual(['4917@s.whatsapp.net'])
  await vi.advanceTimersByTimeAsync(timeoutMs)
  expect([written.length, lost]).toEqual([2, []])
  await vi.advanceTimersByTimeAsync(timeoutMs - 1)
  expect(lost).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect([lost, notices()]).toEqual([['unanswered'], []])
  end()
})

test('nothing comes back on the next link either: a person is told once, however long it goes on, and no link is given up any more', async () => {
  const { link, written, notices } = account()
  const first = link()
  await vi.advanceTimersByTimeAsync(minute + 2 * timeoutMs)
  first.end()
  const second = link()
  await vi.advanceTimersByTimeAsync(minute + 2 * timeoutMs)
  expect(notices()).toEqual([['unanswered', {}]])
  await vi.advanceTimersByTimeAsync(60 * minute)
  expect(written.length).toBeGreaterThan(40)
  second.end()
  const third = link()
  await vi.advanceTimersByTimeAsync(60 * minute)
  expect([first.lost, second.lost, third.lost, notices()]).toEqual([['unanswered'], [], [], [['unanswered', {}]]])
  third.says('CB:receipt', { id: 'x' })
  expect(notices()).toEqual([
    ['unanswered', {}],
    ['unanswered', { over: true }],
  ])
  // From here on it is as if nothing had been.
  await vi.advanceTimersByTimeAsync(minute + 2 * timeoutMs)
  expect([third.lost, notices().length]).toEqual([['unanswered'], 2])
  third.end()
})

test.each(['CB:message', 'CB:receipt', 'CB:notification'])(
  'whatever the server delivers is an answer, %s too; what had waited for the login is none',
  async (event) => {
    const { link, written, notices } = account()
    const { lost, says, end } = link()
    await vi.advanceTimersByTimeAsync(minute + timeoutMs)
    expect(written).toHaveLength(2)
    says(event, { id: 'x' })
    await vi.advanceTimersByTimeAsync(minute - 1)
    expect([written.length, lost]).toEqual([2, []])
    await vi.advanceTimersByTimeAsync(1 + timeoutMs)
    says(event, { id: 'x', offline: '0' })
    await vi.advanceTimersByTimeAsync(timeoutMs)
    expect([lost, notices()]).toEqual([['unanswered'], []])
    end()
  },
)

test.each<[what: string, write: () => Promise<string>, told: string]>([
  ['cannot be written', () => Promise.reject(new Error('no session')), 'no session'],
  ['is not written in time', () => new Promise(() => undefined), 'it was not written in time'],
  ['the server does not take', async () => 'refused', 'the server did not take it (479)'],
])('a line that %s says nothing of the link, and that is told', async (_, write, told) => {
  const { link, written, reports, writes } = account()
  const { lost, says, end } = link()
  writes(write)
  for (let round = 0; round < 20; round += 1) {
    await vi.advanceTimersByTimeAsync(minute)
    says('CB:ack,class:message', { id: 'refused', error: '479' })
  }
  expect(written.length).toBeGreaterThan(10)
  expect([lost, [...new Set(reports())]]).toEqual([[], [`Error: ${told}`]])
  end()
})

test('who only observes writes to nobody, however long nothing is delivered', async () => {
  const { link, written, notices } = account('observe')
  const { lost, end } = link()
  await vi.advanceTimersByTimeAsync(24 * 60 * minute)
  expect([written, lost, notices()]).toEqual([[], [], []])
  end()
})

test.each(['end', 'abort'] as const)(
  'a link that was left by its %s leaves no timer and no listener behind',
  async (how) => {
    const { link } = account()
    const timers = vi.getTimerCount()
    const one = link()
    expect(one.held()).not.toEqual(one.before)
    await vi.advanceTimersByTimeAsync(minute)
    one[how]()
    expect(vi.getTimerCount()).toBe(timers)
    expect(one.held()[0]).toEqual(one.before[0])
    one.end()
    expect(one.held()).toEqual(one.before)
  },
)

test.each([
  ['as its credentials have it', { me: { id: '4917:1@s.whatsapp.net' } }, '4917@s.whatsapp.net'],
  ['else as its socket knows it', {}, '4918@s.whatsapp.net'],
])('an account writes to its own number, %s', async (_, creds, to) => {
  const { link, written } = account()
  const own = auth({ state: { creds, keys: { get: async () => ({}), set: async () => undefined } } })
  const { end } = link(own, { user: { id: '4918:2@s.whatsapp.net' } })
  await vi.advanceTimersByTimeAsync(minute)
  expect(written.map(([chat]) => chat)).toEqual([to])
  end()
})
