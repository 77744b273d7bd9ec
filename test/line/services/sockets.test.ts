import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createActor, createMachine, setup } from 'xstate'
import { defaultPolicy } from '../../../machines/index.ts'
import { socketLacks } from '../../../src/baileys/socket-parts.ts'
import { AuthStoreError, FencedError } from '../../../src/errors/errors.ts'
import { DiskWatch } from '../../../src/line/services/disk-watch.ts'
import { guardedAuth } from '../../../src/line/services/guarded-auth.ts'
import { healAddress } from '../../../src/line/services/heal-address.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { unlinkDevice } from '../../../src/line/services/pairing.ts'
import { probe } from '../../../src/line/services/probe.ts'
import { bindResources, resourcesOf } from '../../../src/line/services/resources.ts'
import { auth, outcome, resourcesOn, socketLike } from './bench.ts'

/** A host with a socket of generation 1. */
function connected(socket: ReturnType<typeof socketLike>, store = {}, parts = {}, own = auth()) {
  const { resources, told } = resourcesOn(store, parts)
  const live = new LiveSocket(1, own, resources)
  live.adopt(socket)
  resources.live = live
  // What it lacks is said; see the test of it.
  told.length = 0
  return { resources, told, live }
}
const hurried = { policy: { ...defaultPolicy, reconnect: { ...defaultPolicy.reconnect, closeTimeoutMs: 5 } } }

test('a device is logged out over its own connection: with another, with none or without an answer it is not', async () => {
  const asked: unknown[] = []
  const { resources } = connected(socketLike({ query: async (node: unknown) => asked.push(node) }))
  await outcome(unlinkDevice, { generation: 1 }, resources)
  expect(asked).toEqual([
    expect.objectContaining({
      content: [expect.objectContaining({ attrs: expect.objectContaining({ jid: '4917:1@s.whatsapp.net' }) })],
    }),
  ])
  const none = /no connection to log the device out over/
  await expect(outcome(unlinkDevice, { generation: 2 }, resources)).rejects.toThrow(none)
  await expect(outcome(unlinkDevice, { generation: 1 }, resourcesOn({}).resources)).rejects.toThrow(none)
  const silent = connected(socketLike({ query: () => new Promise(() => undefined) }), {}, hurried)
  await expect(outcome(unlinkDevice, { generation: 1 }, silent.resources)).rejects.toThrow(/not answered in time/)
})

test('a device that is logged out before the answer comes is logged out; any other failure is one', async () => {
  const failing = (error: unknown) => connected(socketLike({ query: () => Promise.reject(error) })).resources
  const unlinked = {
    message: 'Connection Failure',
    output: { statusCode: 401 },
    data: { reason: '401', location: 'x' },
  }
  await outcome(unlinkDevice, { generation: 1 }, failing(unlinked))
  await expect(outcome(unlinkDevice, { generation: 1 }, failing(new Error('no')))).rejects.toThrow(/^no$/)
})

test('no new session is asked for over a socket that was replaced, nor by one that cannot, and keys without transactions are written at once', async () => {
  const store = { copyAside: async () => undefined }
  const set = vi.fn(async () => undefined)
  const { resources, told } = connected(socketLike({ authState: { keys: { set } } }), store)
  await outcome(healAddress, { addresses: ['4917.0'], unheard: [], generation: 2 }, resources)
  await outcome(healAddress, { addresses: [], unheard: [], generation: 1 }, resources)
  expect([set.mock.calls, told]).toEqual([[], []])
  await outcome(healAddress, { addresses: ['4917.0'], unheard: [], generation: 1 }, resources)
  expect(set.mock.calls).toEqual([[{ session: { '4917.0': null } }]])
  expect(told.map(([what]) => what)).toEqual(['act'])
})

test('the last message of each address is asked for again, with keys, but not over a socket that was left; one that cannot be is no failure', async () => {
  const store = { copyAside: async () => undefined }
  const asked: unknown[] = []
  const sendRetryRequest = async (...question: unknown[]) => {
    asked.push(question)
    if (asked.length === 1) throw new Error('Connection Closed')
  }
  const keys = { set: async () => undefined }
  const socket = socketLike({ authState: { keys }, sendRetryRequest })
  const { resources, live } = connected(socket, store)
  const message = (address: string) => ({ tag: 'message', attrs: { id: `last of ${address}` } })
  live.unread = (address) => (address === '493.0' ? undefined : message(address))
  await outcome(healAddress, { addresses: ['491.0', '492.0', '493.0'], unheard: [], generation: 1 }, resources)
  expect(asked).toEqual([
    [message('491.0'), true],
    [message('492.0'), true],
  ])
  socket.sendRetryRequest = async (...question) => {
    asked.push(question)
    live.detach()
  }
  const assertSessions = vi.fn(async () => true)
  Object.assign(socket, { assertSessions })
  await outcome(healAddress, { addresses: ['491.0', '492.0'], unheard: [], generation: 1 }, resources)
  expect(asked).toHaveLength(3)
  expect(assertSessions).not.toHaveBeenCalled()
})

describe('devices that cannot read what was sent', () => {
  const heal = (parts: object, sessions: Record<string, unknown> = {}, options: { failing?: string } = {}) => {
    const done: unknown[] = []
    const store = { copyAside: async (selection: unknown) => void done.push(['aside', selection]) }
    const keys = {
      get: async (_: string, ids: string[]) => Object.fromEntries(ids.map((id) => [id, sessions[id]])),
      set: async (data: unknown) => void done.push(['set', data]),
      ...parts,
    }
    const assertSessions = async ([jid]: string[]) => {
      done.push(['assert', jid])
      if (jid === options.failing) throw new Error('item-not-found')
      return true
    }
    const { resources, live, told } = connected(socketLike({ authState: { keys }, assertSessions }), store)
    live.resender = { again: async (...args: unknown[]) => void done.push(['again', ...args]) } as never
    resources.outbound.asked({ address: '4917.2', jid: '4917:2@s.whatsapp.net', id: 'M1', own: false })
    resources.outbound.asked({ address: '4917.2', jid: '4917:2@s.whatsapp.net', id: 'M2', own: false })
    return {
      done,
      resources,
      acts: () => told.filter(([what]) => what !== 'report'),
      reports: () => told.filter(([what]) => what === 'report').map((one) => one.at(-1)),
    }
  }

  test('get new sessions beside the old ones, and what they asked for, the newest first; only what cannot be loaded is forgotten', async () => {
    const sound = { _sessions: {}, version: 'v1' }
    const torn = { _sessions: { x: {} }, version: 'v1' }
    const { done, resources, acts } = heal({}, { '4917.2': sound, '4918.0': torn })
    await outcome(healAddress, { addresses: [], unheard: ['4917.2', '4918.0', '4919.0'], generation: 1 }, resources)
    expect(done.slice(0, 2)).toEqual([
      ['aside', { kind: 'sessions', addresses: ['4917.2', '4918.0', '4919.0'] }],
      ['set', { session: { '4918.0': null } }],
    ])
    expect(done).toContainEqual(['again', '4917:2@s.whatsapp.net', ['M2', 'M1']])
    expect(done).toContainEqual(['again', '4918@s.whatsapp.net', []])
    expect(acts()).toEqual([['act', 'sessions-renewed', 3, 'they could not read what was sent']])
  })

  test('whose store does not tell their sessions have them forgotten', async () => {
    const { done, resources } = heal({ get: () => Promise.reject(new Error('EIO')) })
    await outcome(healAddress, { addresses: [], unheard: ['4917.2'], generation: 1 }, resources)
    expect(done[1]).toEqual(['set', { session: { '4917.2': null } }])
  })

  test('one for which there are no keys is reported, gets nothing, and keeps no other from it', async () => {
    const { done, resources, reports } = heal({}, {}, { failing: '4917:2@s.whatsapp.net' })
    await outcome(healAddress, { addresses: [], unheard: ['4917.2', '4918.0'], generation: 1 }, resources)
    expect(done.filter((one) => Array.isArray(one) && one[0] === 'again')).toEqual([
      ['again', '4918@s.whatsapp.net', []],
    ])
    expect(reports()).toContain('making a new session for a contact that cannot read')
  })

  test('and whose messages cannot be read either are cured as those whose messages cannot, and get what they asked for', async () => {
    const { done, resources, acts } = heal({})
    await outcome(healAddress, { addresses: ['4917.2'], unheard: ['4917.2'], generation: 1 }, resources)
    expect(done).toEqual([
      ['aside', { kind: 'sessions', addresses: ['4917.2'] }],
      ['set', { session: { '4917.2': null } }],
      ['assert', '4917:2@s.whatsapp.net'],
      ['again', '4917:2@s.whatsapp.net', ['M2', 'M1']],
    ])
    expect(acts()).toEqual([['act', 'sessions-renewed', 1, 'their messages could not be read']])
  })

  test('while observing would have been cured, and are not', async () => {
    const { done, resources, acts } = heal({})
    Object.assign(resources, { mode: 'observe' })
    await outcome(healAddress, { addresses: ['4916.0'], unheard: ['4917.2', '4918.0'], generation: 1 }, resources)
    expect(done).toEqual([])
    expect(acts()).toEqual([
      ['would', 'sessions-renewed', 1, 'their messages cannot be read'],
      ['would', 'sessions-renewed', 2, 'they cannot read what was sent'],
    ])
  })
})

test('a socket that is over hears nothing more, and what is to end with it ends at once', async () => {
  const socket = socketLike()
  const { live, told } = connected(socket)
  const heard: unknown[] = []
  live.listen('x', (data) => heard.push(data))
  live.listen('x', () => {
    throw new Error('no')
  })
  socket.ev.emit('x', 1)
  const kept = socket.ev.rawListeners('x')
  await live.close(50)
  for (const listener of kept) listener(2)
  expect(heard).toEqual([1])
  expect(told).toEqual([['report', expect.any(Error), 'taking in x']])
  const ended: string[] = []
  live.keep(() => ended.push('kept'))
  live.keepToTheEnd(() => ended.push('kept to the end'))
  expect(ended).toEqual(['kept', 'kept to the end'])
  const { resources } = resourcesOn({})
  const unborn = new LiveSocket(2, auth(), resources)
  unborn.listen('x', () => heard.push('unborn'))
  await unborn.close(50)
  await unborn.close(50)
  expect(unborn.detached).toBe(true)
})

test('each part that a socket of an unknown kind lacks is said once for the account, and its messages go on', () => {
  const { resources, told } = resourcesOn({})
  const socket = socketLike()
  for (const generation of [1, 2]) expect(new LiveSocket(generation, auth(), resources).adopt(socketLike())).toBe(true)
  expect(told).toEqual(
    socketLacks(socket).map(({ part, off }) => [
      'report',
      expect.objectContaining({ message: expect.stringContaining(`has no ${part}, so ${off}. `) }),
      `looking at its ${part}`,
    ]),
  )
  expect(told.length).toBeGreaterThan(1)
})

/** What the probe of generation 1 tells the machine that runs it. */
function probed(resources: ReturnType<typeof resourcesOn>['resources']) {
  const told: { type: string; cause?: { kind: string; message: string } }[] = []
  const machine = setup({ actors: { probe } }).createMachine({
    invoke: { src: 'probe', input: { generation: 1 } },
    on: { '*': { actions: ({ event }) => void told.push(event) } },
  })
  const actor = createActor(machine)
  bindResources(actor.system, resources)
  actor.start()
  return { told, stop: () => actor.stop() }
}
const quick = {
  policy: { ...defaultPolicy, liveness: { ...defaultPolicy.liveness, silenceMs: 2, probeTimeoutMs: 50 } },
}

test('an open link is looked at one look at a time, and one that cannot even be asked is deaf', async () => {
  let looks = 0
  const owned = () => {
    looks += 1
    return new Promise<boolean>(() => undefined)
  }
  const socket = socketLike({
    generateMessageTag: () => {
      throw new Error('no tag')
    },
  })
  const { told, stop } = probed(connected(socket, { owned }, quick).resources)
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(2), { interval: 5 })
  stop()
  expect(told[0]).toMatchObject({
    type: 'liveness.lost',
    cause: { kind: 'deaf', message: 'the ping could not be sent' },
  })
  expect(looks).toBe(1)
})

test('a link that was left is not looked at, and what a look finds after the end is told to nobody', async () => {
  let found: (owned: boolean) => void = () => undefined
  const owned = vi.fn(
    () =>
      new Promise<boolean>((resolve) => {
        found = resolve
      }),
  )
  const fence = vi.fn(async () => undefined)
  const socket = socketLike({ sendNode: () => new Promise(() => undefined) })
  const { resources } = connected(socket, { owned }, quick, auth({ fence }))
  const { told, stop } = probed(resources)
  await vi.waitFor(() => expect(owned).toHaveBeenCalled(), { interval: 5 })
  stop()
  found(false)
  await new Promise((resolve) => setImmediate(resolve))
  expect([told, fence.mock.calls]).toEqual([[], []])
  const other = probed({ ...resourcesOn({ owned }, quick).resources })
  other.stop()
  expect(owned).toHaveBeenCalledTimes(1)
})

test('of a system without a supervisor there is no host', () => {
  expect(() => resourcesOf(createActor(createMachine({})).system)).toThrow(/belongs to no supervisor/)
})

const full = new AuthStoreError('AUTH_STORE_DISK', 'full', 'free')

/** A disk that is back whenever it is asked, and what was told of it. */
function watchedDisk() {
  const told: unknown[] = []
  const disk = new DiskWatch({
    tell: (event) => told.push(event.type),
    report: () => undefined,
    tryWrite: async () => undefined,
  })
  return { disk, told }
}

test('the auth of a socket tells the disk what failed, tries credentials again until its fence is shut, and tells once of another owner', async () => {
  const { disk, told } = watchedDisk()
  let failing: unknown = full
  const step = vi.fn(async () => {
    if (failing) throw failing
  })
  const set = () => {
    throw full
  }
  const own = auth({ state: { creds: {}, keys: { get: step, set, clear: step } }, saveCreds: step })
  let lost = 0
  const guarded = guardedAuth(own, disk, () => {
    lost += 1
  })
  await expect(guarded.saveCreds()).rejects.toBe(full)
  expect(() => guarded.state.keys.set({})).toThrow(full)
  failing = new FencedError('/a')
  await expect(guarded.state.keys.get('session', [])).rejects.toBe(failing)
  await expect(guarded.state.keys.clear?.()).rejects.toBe(failing)
  expect([told, lost]).toEqual([['disk.trouble', 'disk.trouble'], 2])
  await guarded.fence()
  failing = full
  await expect(guarded.saveCreds()).rejects.toBe(full)
  failing = new FencedError('/a')
  await expect(guarded.state.keys.get('session', [])).rejects.toBe(failing)
  expect(lost).toBe(2)
  expect(told).not.toContain('disk.well')
  // What this one could not write went with it.
  expect(guardedAuth(auth(), disk, () => undefined).state.keys.clear).toBeUndefined()
  expect(told.at(-1)).toBe('disk.well')
  disk.end()
})

test('a disk that takes small writes and refuses larger ones is told, and does not come and go with each write', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const { disk, told } = watchedDisk()
  const eachSecond = async (step: () => void) => {
    for (let second = 0; second < 40; second += 1) {
      step()
      await vi.advanceTimersByTimeAsync(1_100)
    }
  }
  await eachSecond(() => disk.trouble('keys', full))
  await eachSecond(() => {
    disk.trouble('keys', full)
    disk.well('keys')
  })
  expect(told).toEqual(['disk.trouble', 'disk.well', 'disk.trouble'])
  await vi.advanceTimersByTimeAsync(100_000)
  expect(told).toEqual(['disk.trouble', 'disk.well', 'disk.trouble', 'disk.well'])
  disk.end()
})

test('credentials that could not be saved are tried once more for all who asked, not after they were saved, and not once their fence is shut', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { disk, told } = watchedDisk()
  let failing = true
  const save = vi.fn(async () => {
    if (failing) throw full
  })
  const guarded = guardedAuth(auth({ saveCreds: save }), disk, () => undefined)
  const asked = () => Promise.allSettled([guarded.saveCreds(), guarded.saveCreds()])
  await asked()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(save).toHaveBeenCalledTimes(3)
  failing = false
  await guarded.saveCreds()
  expect(told).toEqual(['disk.trouble', 'disk.well'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(save).toHaveBeenCalledTimes(4)
  failing = true
  await asked()
  await guarded.fence()
  expect(told).toEqual(['disk.trouble', 'disk.well', 'disk.trouble', 'disk.well'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(save).toHaveBeenCalledTimes(6)
  disk.end()
})
