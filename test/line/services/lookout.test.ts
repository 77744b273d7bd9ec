import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createActor, setup } from 'xstate'
import { defaultPolicy, type WatchEvent } from '../../../machines/index.ts'
import { watchForServer } from '../../../src/line/services/lookout.ts'
import { bindResources } from '../../../src/line/services/resources.ts'
import { watchNetwork } from '../../../src/line/services/watch-network.ts'
import { resourcesOn } from './bench.ts'

const everyMs = 5_000

/** A server that comes and goes, on a port of its own, and how often somebody has looked at it. */
async function server() {
  let looks = 0
  let current: Server | undefined
  const up = async (port = 0) => {
    current = createServer((socket) => {
      looks += 1
      socket.on('error', () => undefined)
      socket.resume()
    }).listen(port, '127.0.0.1')
    await once(current, 'listening')
    return (current.address() as AddressInfo).port
  }
  const down = async () => {
    const closing = current
    current = undefined
    await new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()))
  }
  const port = await up()
  onTestFinished(down)
  return { address: { host: '127.0.0.1', port }, down, up: () => up(port), looks: () => looks }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** The next look is due, and is over once the one after it is waited for. */
async function looked(ms = everyMs): Promise<void> {
  vi.advanceTimersByTime(ms)
  do await new Promise(setImmediate)
  while (vi.getTimerCount() === 0)
}
/** All that are to be told have been. */
const apart = () => vi.advanceTimersByTime(1_000)

test('of a server that was away is told once that it is back, and of one that never was nothing', async () => {
  const { address, down, up, looks } = await server()
  await down()
  const told: string[] = []
  const watch = (name: string, isAway: boolean) =>
    watchForServer(address, { isAway, everyMs, tell: () => told.push(name) })
  // Nobody has told the second one that it is away; the next look does.
  const leaves = [watch('was away', true), watch('found away', false)]
  await looked()
  expect(told).toEqual([])
  await up()
  leaves.push(watch('never away', false))
  await looked()
  await looked(20)
  await looked(20)
  expect(told).toEqual(['was away', 'found away'])
  const before = looks()
  await looked()
  expect([told.length, looks()]).toEqual([2, before + 1])
  for (const leave of leaves) leave()
  apart()
  expect([vi.getTimerCount(), looks()]).toEqual([0, before + 1])
})

test('hundreds of accounts are one look at a time, and are told one after the other, not those that have left', async () => {
  const { address, looks } = await server()
  const told: number[] = []
  const leaves = Array.from({ length: 5 }, (_, at) =>
    watchForServer(address, {
      ...{ isAway: true, everyMs: 10_000 },
      tell: () => {
        told.push(at)
        if (at === 0) leaves[1]?.()
      },
    }),
  )
  await looked(10_000)
  expect([looks(), told]).toEqual([1, [0]])
  vi.advanceTimersByTime(19)
  expect(told).toEqual([0])
  vi.advanceTimersByTime(1)
  expect(told).toEqual([0, 2])
  vi.advanceTimersByTime(40)
  expect(told).toEqual([0, 2, 3, 4])
  for (const leave of leaves) leave()
  apart()
  expect(vi.getTimerCount()).toBe(0)
})

test('who is still to be told when the server is looked at once more is told once, and in turn', async () => {
  const { address } = await server()
  const told: [number, number][] = []
  let now = 0
  const leaves = Array.from({ length: 6 }, (_, at) =>
    watchForServer(address, { isAway: true, everyMs: 30, tell: () => told.push([at, now]) }),
  )
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1) {
      now += 1
      vi.advanceTimersByTime(1)
    }
  }
  // A look is over once the next one is waited for, beside the one who is told next.
  const over = async () => {
    while (vi.getTimerCount() < 2) await new Promise(setImmediate)
  }
  pass(30)
  // Who comes while somebody looks waits for that look.
  leaves.push(watchForServer(address, { isAway: false, everyMs: 30, tell: () => told.push([6, now]) }))
  expect(vi.getTimerCount()).toBe(0)
  await over()
  pass(30)
  await over()
  pass(100)
  expect(told).toEqual([30, 50, 70, 90, 110, 130].map((time, at) => [at, time]))
  for (const leave of leaves) leave()
})

test('the shortest of the paces that are asked for is that of all from the next look on', async () => {
  const { address, looks } = await server()
  const leaves = [10_000, everyMs, 20_000].map((each) =>
    watchForServer(address, { isAway: false, everyMs: each, tell: () => undefined }),
  )
  vi.advanceTimersByTime(9_999)
  expect(looks()).toBe(0)
  await looked(1)
  await looked()
  expect(looks()).toBe(2)
  for (const leave of leaves) leave()
})

/** What a wait of a statechart is told. */
function waiting(reach: string, more: object = {}, networkLookMs = everyMs) {
  const told: WatchEvent['type'][] = []
  const policy = { ...defaultPolicy, reconnect: { ...defaultPolicy.reconnect, networkLookMs } }
  const { resources } = resourcesOn({}, { policy })
  Object.assign(resources, more)
  const machine = setup({ actors: { watchNetwork } }).createMachine({
    invoke: { src: 'watchNetwork', input: { reach } as never },
    on: { '*': { actions: ({ event }) => void told.push(event.type as WatchEvent['type']) } },
  })
  const actor = createActor(machine)
  bindResources(actor.system, resources)
  actor.start()
  onTestFinished(() => void actor.stop())
  return { told, resources, stop: () => actor.stop() }
}

test('a wait is told that the server is back, if it was out of reach, and not once it is over', async () => {
  const { address, looks } = await server()
  const away = waiting('out-of-reach', { server: address })
  const there = waiting('unknown', { server: address })
  const crashed = waiting('out-of-reach', { server: address })
  crashed.resources.abort.abort()
  await looked()
  await looked()
  apart()
  expect([away.told, there.told, crashed.told]).toEqual([['network.back'], [], []])
  away.stop()
  there.stop()
  const after = looks()
  apart()
  expect([vi.getTimerCount(), looks()]).toEqual([0, after])
})

test.each<[string, string, boolean, number]>([
  ['it does not matter', 'no-matter', true, everyMs],
  ['nobody knows where it dialled', 'out-of-reach', false, everyMs],
  ['the owner wants none', 'out-of-reach', true, 0],
])('nobody looks at the server where %s', async (_, reach, known, everyLookMs) => {
  const { address } = await server()
  waiting(reach, known ? { server: address } : {}, everyLookMs)
  expect(vi.getTimerCount()).toBe(0)
})
