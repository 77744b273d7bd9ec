import { expect, test, vi } from 'vitest'
import { lookOn, setAsideDamaged } from '../../../src/line/services/damaged-sessions.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { gate } from '../../gate.ts'
import { auth, resourcesOn, socketLike } from './bench.ts'

const named = (count: number) => Array.from({ length: count }, (_, at) => `session-${at}.0.json`)

/** A host that is connected, with sessions that nobody has looked at yet, some of which nothing can load. */
function looking(left: readonly string[], damaged: readonly string[], mode: 'heal' | 'observe' = 'heal') {
  const bad = new Set(damaged)
  const looks: (readonly string[])[] = []
  const at: number[] = []
  let meets: (names: readonly string[]) => unknown = () => undefined
  const forgotten: unknown[] = []
  const copyAside = vi.fn(async ({ names }: { names: readonly string[] }) => ({
    id: 'entry',
    files: names.map((name) => ({ name, sha256: name.includes('-9.') ? '' : 'sum' })),
  }))
  const store = {
    lookAtSessions: async ({ names }: { names: readonly string[] }) => {
      looks.push(names)
      at.push(performance.now())
      await meets(names)
      return {
        findings: [
          ...names.filter((name) => bad.has(name)).map((file) => ({ code: 'session-poison', file })),
          { code: 'session-bloated', file: names[0] },
          { code: 'file-unreadable', file: 'pre-key-1.json' },
          { code: 'file-unreadable' },
        ],
      }
    },
    copyAside,
  }
  const { resources, told } = resourcesOn(store as never, { mode })
  resources.sessionsLeft = [...left]
  const keys = { get: async () => ({}), set: async (data: object) => void forgotten.push(data) }
  const live = new LiveSocket(1, auth(), resources)
  live.socket = socketLike({ authState: { keys } })
  return {
    ...{ resources, told, live, looks, at, copyAside, forgotten, bad },
    meets: (step: typeof meets) => {
      meets = step
    },
    over: () => vi.waitFor(() => expect(resources.sessionsLeft).toEqual([])),
  }
}
const turns = async () => {
  for (let turn = 0; turn < 9; turn += 1) await new Promise(setImmediate)
}
const gone = (address: string) => ({ session: { [address]: null } })

test('so many sessions are looked at at a time, with a rest between, and no more once all were', async () => {
  const { resources, live, looks, at, over, told } = looking(named(130), [])
  lookOn(resources, live)
  await over()
  expect(looks.map(({ length }) => length)).toEqual([64, 64, 2])
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(40)
  expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThan(40)
  await vi.waitFor(() => expect(performance.now() - (at[2] ?? 0)).toBeGreaterThan(80))
  expect([looks.length, told]).toEqual([3, []])
})

test('those that nothing can load are forgotten one by one, but for what has no copy, and told together', async () => {
  const damaged = ['session-1.0.json', 'session-9.0.json', 'session-3.0.json']
  const { resources, live, told, forgotten, over, copyAside } = looking(named(10), damaged)
  lookOn(resources, live)
  await over()
  const why = 'session files that nothing can load'
  expect(copyAside.mock.calls).toEqual([[{ kind: 'files', names: [...damaged].sort() }, why]])
  expect(forgotten).toEqual([gone('1.0'), gone('3.0')])
  const details = { scope: 'unloadable', addresses: ['1.0', '3.0'], quarantine: 'entry' }
  expect(told).toEqual([['notice', 'sessions-pruned', details]])
})

test.each([
  ['nothing of what could be loaded', [], []],
  ['of what could not how many they are', ['session-1.0.json'], [['would', 'sessions-set-aside', 1]]],
])('who only observes says %s', async (_, damaged, said) => {
  const { resources, live, told, over, copyAside } = looking(named(3), damaged, 'observe')
  lookOn(resources, live)
  await over()
  expect(told).toEqual(said.map((one) => [...one, 'nothing can load their files']))
  expect(copyAside).not.toHaveBeenCalled()
})

test('one that is written anew meanwhile stays, and nothing is told where none is left', async () => {
  const { resources, live, told, forgotten, over, copyAside, bad } = looking(named(3), ['session-1.0.json'])
  const copy = copyAside.getMockImplementation()
  copyAside.mockImplementation(async (which) => {
    bad.clear()
    return copy?.(which) as never
  })
  lookOn(resources, live)
  await over()
  expect([forgotten, told]).toEqual([[], []])
})

test('over a socket that is left nothing is looked at, copied or forgotten, and the next one begins where it was', async () => {
  const damaged = ['session-1.0.json', 'session-2.0.json']
  const before = looking(named(3), damaged)
  before.live.detach()
  lookOn(before.resources, before.live)
  await turns()
  expect(before.looks).toEqual([])
  const during = looking(named(3), damaged)
  during.meets(() => during.live.detach())
  lookOn(during.resources, during.live)
  await turns()
  expect([during.looks.length, during.copyAside.mock.calls.length]).toEqual([1, 0])
  const copying = looking(named(3), damaged)
  copying.copyAside.mockImplementation(async ({ names }) => {
    copying.live.detach()
    return { id: 'entry', files: names.map((name) => ({ name, sha256: 'sum' })) }
  })
  lookOn(copying.resources, copying.live)
  await turns()
  expect([copying.looks.length, copying.forgotten, copying.told]).toEqual([1, [], []])
  for (const { resources } of [before, during, copying]) expect(resources.sessionsLeft).toEqual(named(3))
})

test('trouble with the look is reported while its socket stands', async () => {
  for (const isLeft of [false, true]) {
    const { resources, live, told, meets } = looking(named(3), [])
    const held = gate()
    const error = new Error('EIO')
    meets(async () => {
      await held.wait()
      throw error
    })
    lookOn(resources, live)
    await held.reached
    if (isLeft) live.detach()
    held.pass()
    await turns()
    expect(told).toEqual(isLeft ? [] : [['report', error, 'looking at the other sessions']])
  }
})

test('before a start all are looked at where a store has no shorter look, and what it has no time for is left', async () => {
  const findings = [{ code: 'file-unreadable', file: 'session-1.0.json' }]
  const quarantine = vi.fn(async () => ({ id: 'entry', files: [{ name: 'session-1.0.json' }] }))
  const whole = resourcesOn({ inspect: async () => ({ findings }), quarantine } as never)
  whole.resources.sessionsLeft = ['of before']
  await setAsideDamaged(whole.resources)
  expect(whole.resources.sessionsLeft).toEqual([])
  const details = { scope: 'unloadable', addresses: ['1.0'], quarantine: 'entry' }
  expect(whole.told).toEqual([['notice', 'sessions-pruned', details]])
  const inspect = vi.fn()
  const lookAtSessions = vi.fn(async () => ({ findings: [], left: ['session-2.0.json'] }))
  const short = resourcesOn({ inspect, lookAtSessions, quarantine } as never, { clock: () => 5 })
  await setAsideDamaged(short.resources)
  expect([short.resources.sessionsLeft, inspect.mock.calls, quarantine.mock.calls.length]).toEqual([
    ['session-2.0.json'],
    [],
    1,
  ])
  const { policy, clock } = short.resources
  expect(lookAtSessions.mock.calls).toEqual([[{ withinMs: policy.prune.lookMs, now: clock }]])
})
