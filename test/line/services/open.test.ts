import { getEventListeners } from 'node:events'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createActor, setup } from 'xstate'
import { newestVersion } from '../../../src/baileys/newest-version.ts'
import { AuthStoreError } from '../../../src/errors/errors.ts'
import { shutSocket } from '../../../src/line/services/close-socket.ts'
import { LiveSocket } from '../../../src/line/services/live-socket.ts'
import { openSocket } from '../../../src/line/services/open-socket.ts'
import { bindResources, type Resources } from '../../../src/line/services/resources.ts'
import type { AuthStore } from '../../../src/stores/store.ts'
import { gate } from '../../gate.ts'
import { auth, resourcesOn, socketLike } from './bench.ts'

type Socket = ReturnType<typeof socketLike>
const settled = () => new Promise(setImmediate)

/** A machine that opens a socket on this host, and what it is told. */
function opened(resources: Resources, input: object = {}) {
  const told: Record<string, unknown>[] = []
  const machine = setup({ actors: { openSocket } }).createMachine({
    invoke: { src: 'openSocket', input: { generation: 1, auth: 'account', ...input } as never },
    on: { '*': { actions: ({ event }) => void told.push(event) } },
  })
  const actor = createActor(machine)
  bindResources(actor.system, resources)
  actor.start()
  onTestFinished(() => void actor.stop())
  return { told, leave: () => void actor.stop() }
}

interface Opening {
  readonly input?: object
  readonly store?: Partial<AuthStore>
  readonly parts?: Parameters<typeof resourcesOn>[1]
}

/** What the opening of one socket tells the machine that runs it. */
async function opening(socket: Socket, me?: object, { input, store, parts }: Opening = {}) {
  const own = auth({ state: { creds: { me }, keys: { get: async () => ({}), set: async () => undefined } } })
  const { resources, told: said } = resourcesOn(
    { open: async () => own, ...store },
    { connect: async () => socket, ...parts },
  )
  const { told, leave } = opened(resources, input)
  await vi.waitFor(() => expect(told.length > 0 || socket.ev.listenerCount('connection.update') > 1).toBe(true))
  return { told, said, resources, leave }
}

test('who has linked is told as the server said it, else as the socket knows it, else not at all', async () => {
  const selfOf = async (me: object | undefined, user: object | undefined) => {
    const socket = socketLike({ user })
    const { told } = await opening(socket, me)
    socket.ev.emit('connection.update', { connection: 'open' })
    return told.at(-1)
  }
  const open = { type: 'socket.open', generation: 1 }
  expect(await selfOf({ id: 'a', name: 'Ada', lid: 'x' }, { id: 'b' })).toEqual({
    ...open,
    self: { id: 'a', name: 'Ada' },
  })
  expect(await selfOf(undefined, { id: 'b' })).toEqual({ ...open, self: { id: 'b' } })
  expect(await selfOf(undefined, undefined)).toEqual(open)
})

test('where a socket dials is known, so that it can be looked whether somebody is there', async () => {
  const socket = socketLike()
  Object.assign(socket.ws, { url: 'wss://web.example.org:8443/ws' })
  const { resources } = await opening(socket)
  expect(resources.server).toEqual({ host: 'web.example.org', port: 8_443 })
})

test('without a staging area no pairing opens, and never the account in its place', async () => {
  const { told, resources } = await opening(socketLike(), undefined, { input: { auth: 'staging' } })
  const message = 'the staging area is not open'
  expect(told).toEqual([{ type: 'socket.close', generation: 1, cause: { kind: 'connect-failed', message } }])
  expect(resources.live).toBeUndefined()
})

test.each([
  ['as Baileys has it', 60_000, 20_000],
  ['as the owner set it', 5_000, 5_000],
])('a code is good for as long as it will be shown, %s', async (_, firstMs, laterMs) => {
  const socket = socketLike()
  const { told } = await opening(socket)
  const [clock, wall] = [vi.spyOn(performance, 'now'), vi.spyOn(Date, 'now')]
  onTestFinished(() => {
    clock.mockRestore()
    wall.mockRestore()
  })
  // The wall clock is set back meanwhile.
  const shows = (at: number) => {
    clock.mockReturnValue(1_000 + at)
    wall.mockReturnValue(1e12 - 2 * at)
    socket.ev.emit('connection.update', { qr: `code ${at}` })
    return Number(told.at(-1)?.expiresAt) - Date.now()
  }
  expect([shows(0), shows(firstMs), shows(firstMs + laterMs)]).toEqual([60_000, laterMs, laterMs])
})

/** What listens to a socket, by event, and what its methods are. */
const heldBy = (socket: Socket) => [
  ...[socket.ws, socket.ev].map((emitter) =>
    Object.fromEntries(emitter.eventNames().map((event) => [event, emitter.listenerCount(event)])),
  ),
  socket.sendMessage,
  socket.relayMessage,
]
const sending = () => {
  const send = async () => undefined
  return socketLike({ sendMessage: send, relayMessage: send, signalRepository: {} })
}

test('a socket that was left is listened to for its end alone, and what it could not read is held against nobody', async () => {
  const bare = sending()
  const { resources: host } = resourcesOn({})
  const unheard = new LiveSocket(1, auth(), host)
  unheard.adopt(bare)
  await unheard.close(50)
  const socket = sending()
  const off = vi.fn()
  const { resources, leave } = await opening(socket, undefined, { store: { onLost: () => off } })
  const heard = heldBy(socket)
  const { live } = resources
  leave()
  expect(off).toHaveBeenCalledTimes(1)
  await live?.close(50)
  expect(heldBy(socket).slice(0, 2)).toEqual(heldBy(bare).slice(0, 2))
  expect(heldBy(socket)).not.toEqual(heard)
  expect(getEventListeners(resources.abort.signal, 'abort')).toEqual([])
})

test('a socket whose upgrade is refused is ended with the answer, and what is known of a group is doubted when it moves', async () => {
  const ended: unknown[] = []
  const end = (error: unknown) => void ended.push(error)
  const groupMetadata = vi.fn(async (id: string) => ({ id, participants: [] }))
  const socket = socketLike({ end, groupMetadata })
  const { resources } = await opening(socket)
  socket.ws.emit('unexpected-response', {}, { statusCode: 302 })
  expect(ended).toEqual([expect.objectContaining({ output: { statusCode: 302 } })])
  const { cachedGroupMetadata } = resources.caches.forSocket
  await cachedGroupMetadata('1203@g.us')
  await cachedGroupMetadata('1203@g.us')
  expect(groupMetadata).toHaveBeenCalledTimes(1)
  socket.ev.emit('groups.update', [{ id: '1203@g.us' }])
  await cachedGroupMetadata('1203@g.us')
  expect(groupMetadata).toHaveBeenCalledTimes(2)
})

test('a socket is left when supervision ends, although no statechart says so', async () => {
  const { resources, told } = await opening(socketLike())
  resources.abort.abort()
  expect(resources.live?.detached).toBe(true)
  await shutSocket(resources, 50)
  expect(told).toEqual([])
})

test('the account is opened once the socket before it is shut off, and not at all if nobody wants it any more', async () => {
  const connect = async () => socketLike()
  const order: string[] = []
  const open = async () => {
    order.push('opened')
    return auth()
  }
  const one = resourcesOn({ open }, { connect }).resources
  const fence = gate()
  const former = () =>
    new LiveSocket(
      0,
      auth({
        fence: async () => {
          await fence.wait()
          order.push('shut off')
        },
      }),
      one,
    )
  one.live = former()
  opened(one)
  await fence.reached
  await settled()
  expect(order).toEqual([])
  fence.pass()
  await vi.waitFor(() => expect(order).toEqual(['shut off', 'opened']))
  const other = resourcesOn({ open }, { connect }).resources
  other.live = former()
  order.length = 0
  opened(other).leave()
  await vi.waitFor(() => expect(order).toEqual(['shut off']))
  await settled()
  expect(order).toEqual(['shut off'])
})

test('trouble with the store is told as such, and reported by nobody else', async () => {
  const error = new AuthStoreError('AUTH_STORE_DISK', 'The disk is full.', 'Make room.')
  const open = () => Promise.reject(error)
  const { told, said } = await opening(socketLike(), undefined, { store: { open } })
  expect(told).toEqual([
    { type: 'auth.failed', generation: 1, problem: { kind: 'disk', message: 'The disk is full.' } },
  ])
  expect(said).toEqual([])
})

test('an account that was lost to another owner is told, through the store or by a write, until its socket is left', async () => {
  let lose: () => void = () => undefined
  const onLost = (listener: () => void) => {
    lose = listener
    return () => undefined
  }
  const { told, leave } = await opening(socketLike(), undefined, { store: { onLost } })
  lose()
  await settled()
  const problem = { kind: 'not-owner', message: 'the account was taken over while it was in use' }
  expect(told).toEqual([{ type: 'auth.failed', generation: 1, problem }])
  leave()
  lose()
  await settled()
  expect(told).toHaveLength(1)
})

test('a store that does not answer is told, and the link with it lost', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { policy } = resourcesOn({}).resources
  const own = auth({
    state: { creds: {}, keys: { get: () => new Promise(() => undefined), set: async () => undefined } },
  })
  const { resources, told: said } = resourcesOn({ open: async () => own }, { connect: async () => socketLike() })
  const { told } = opened(resources)
  await settled()
  void Promise.resolve(resources.live?.auth.state.keys.get('session', ['a'])).catch(() => undefined)
  vi.advanceTimersByTime((policy.liveness.stuckMs * 2) / 3)
  const error = expect.objectContaining({ code: 'AUTH_STORE_SILENT' })
  expect(said.filter(([, , doing]) => doing === 'waiting for the store')).toEqual([
    ['report', error, 'waiting for the store'],
  ])
  const cause = { kind: 'store-silent', message: expect.stringMatching(/^The store has not answered a read of keys/) }
  expect(told).toEqual([{ type: 'liveness.lost', generation: 1, cause }])
})

test('of messages that pass, the last of either direction is known, and nothing of the messages of a pairing', async () => {
  const passes = (socket: Socket) => {
    socket.ws.emit('CB:message', { tag: 'message', attrs: {} })
    socket.ws.emit('CB:ack,class:message', {})
  }
  const socket = socketLike()
  const { resources } = await opening(socket)
  passes(socket)
  expect(resources.traffic).toEqual({ lastInboundAt: expect.any(Number), lastOutboundAt: expect.any(Number) })
  expect(resources.live?.resender).toBeDefined()
  const other = socketLike()
  const pairing = resourcesOn({}, { connect: async () => other }).resources
  pairing.staging = auth()
  opened(pairing, { auth: 'staging' })
  await vi.waitFor(() => expect(other.ev.listenerCount('connection.update')).toBeGreaterThan(1))
  passes(other)
  expect([pairing.traffic, pairing.live?.resender]).toEqual([{}, undefined])
})

describe('a message that could not be read', () => {
  const sender = '4915:2@s.whatsapp.net'
  const arrives = (socket: Socket, id: string, read: boolean) => {
    const attrs = { id, from: sender, sender_lid: '99:2@lid', t: '1', type: 'text' }
    socket.ws.emit('CB:message', { tag: 'message', attrs, content: [{ tag: 'enc', attrs: { type: 'msg', v: '2' } }] })
    const stub = { messageStubType: 2, messageStubParameters: ['No session found to decrypt message'] }
    const key = { id, remoteJid: '4915@s.whatsapp.net' }
    socket.ev.emit('messages.upsert', { messages: [{ key, ...(read ? {} : stub) }], type: 'notify' })
  }

  test('is held against its sender, can be asked for again, and is forgiven once one of its messages is read', async () => {
    const socket = socketLike()
    const { resources } = await opening(socket)
    const { evidence, live } = resources
    expect(evidence.awaitsSuccess).toBe(false)
    arrives(socket, 'A', false)
    expect(evidence.awaitsSuccess).toBe(true)
    expect(live?.unread('4915.2')?.attrs.id).toBe('A')
    arrives(socket, 'B', true)
    expect(evidence.awaitsSuccess).toBe(false)
    evidence.stop()
  })

  test('names its sender under the other kind of jid, too, while it is to be read', async () => {
    const socket = socketLike()
    const { resources } = await opening(socket)
    const attrs = { id: 'A', from: sender, sender_lid: '99:2@lid', t: '1', type: 'text' }
    socket.ws.emit('CB:message', { tag: 'message', attrs, content: [{ tag: 'enc', attrs: { type: 'msg', v: '2' } }] })
    expect(resources.live?.alt(sender)).toBe('99:2@lid')
  })
})

describe('sessions under another address', () => {
  const settling = (how: () => Promise<number>) => {
    const settle = vi.spyOn(LiveSocket.prototype, 'settleAddresses').mockImplementation(how)
    onTestFinished(() => settle.mockRestore())
    return settle
  }
  /** So many sockets, one after the other, over one host. */
  const sockets = async (count: number, mode: 'heal' | 'observe' = 'heal') => {
    const { resources, told } = resourcesOn({ open: async () => auth() }, { connect: async () => socketLike(), mode })
    for (let generation = 1; generation <= count; generation += 1) {
      const { leave } = opened(resources, { generation })
      await vi.waitFor(() => expect(resources.live?.generation).toBe(generation))
      await settled()
      leave()
    }
    return told.filter(([what, , doing]) => what === 'act' || String(doing).startsWith('bringing sessions'))
  }

  test('are settled once for a run, and told if there were any', async () => {
    const settle = settling(async () => 3)
    const why = 'Baileys 7 keeps them under the LID of their contact'
    expect(await sockets(3)).toEqual([['act', 'sessions-moved', 3, why]])
    expect(settle).toHaveBeenCalledTimes(1)
    settle.mockImplementation(async () => 0)
    expect(await sockets(1)).toEqual([])
    expect(await sockets(1, 'observe')).toEqual([])
    expect(settle).toHaveBeenCalledTimes(2)
  })

  test('that could not be settled are reported, and with the next socket tried again', async () => {
    const error = new Error('EIO')
    const settle = settling(() => Promise.reject(error))
    const doing = 'bringing sessions under the addresses where Baileys looks'
    expect(await sockets(2)).toEqual([
      ['report', error, doing],
      ['report', error, doing],
    ])
    expect(settle).toHaveBeenCalledTimes(2)
  })
})

describe('a pairing code', () => {
  const given = 'CB:iq,,link_code_companion_reg'
  const asking = async (input: object, ask?: () => Promise<string>) => {
    const asked: unknown[] = []
    const requestPairingCode = (...args: unknown[]) => {
      asked.push(args)
      return ask?.() ?? Promise.resolve('ABCD1234')
    }
    const socket = socketLike({ requestPairingCode })
    const { told, said, resources } = await opening(socket, undefined, { input })
    resources.pairingCode = 'OWNCODE1'
    const shows = async () => {
      socket.ev.emit('connection.update', { qr: 'a code' })
      await settled()
    }
    return { socket, told, said, asked, shows, types: () => told.map(({ type }) => type) }
  }

  test('is asked for once, for the phone and with the code of the owner, and told when the server has it', async () => {
    const { socket, told, asked, shows, types } = await asking({ phone: '4917' })
    await shows()
    await shows()
    expect([asked, types()]).toEqual([[['4917', 'OWNCODE1']], ['socket.qr', 'socket.qr']])
    socket.ws.emit(given, {})
    await settled()
    expect(told.at(-1)).toEqual({ type: 'socket.pairingCode', generation: 1, code: 'ABCD1234' })
  })

  test('is not asked for without a phone, and trouble with it is reported', async () => {
    const none = await asking({})
    await none.shows()
    expect([none.asked, none.types()]).toEqual([[], ['socket.qr']])
    const error = new Error('Connection Closed')
    const failing = await asking({ phone: '4917' }, () => Promise.reject(error))
    await failing.shows()
    expect(failing.said.at(-1)).toEqual(['report', error, 'asking for a pairing code'])
  })

  test('that is refused is told to whoever asked for it', async () => {
    const refusal = { tag: 'iq', attrs: {}, content: [{ tag: 'error', attrs: { code: '429', backoff: '9' } }] }
    for (const [input, expected] of [
      [{ phone: '4917' }, [{ type: 'socket.codeRefused', generation: 1, code: 429, waitMs: 9_000 }]],
      [{}, []],
    ] as const) {
      const { socket, told } = await asking(input)
      socket.ws.emit('CB:iq,type:error', refusal)
      expect(told).toEqual(expected)
    }
  })
})

test('what a socket says of a linking and of its backlog is passed on', async () => {
  const socket = socketLike()
  const { told, resources } = await opening(socket, undefined, { input: { afterUnclean: true } })
  const drained = vi.spyOn(resources.evidence, 'drained')
  for (const nothing of [{ isNewLogin: false }, { receivedPendingNotifications: false }, { qr: undefined }, undefined])
    socket.ev.emit('connection.update', nothing)
  expect([told, drained.mock.calls]).toEqual([[], []])
  socket.ev.emit('connection.update', { isNewLogin: true })
  socket.ev.emit('connection.update', { receivedPendingNotifications: true })
  socket.ws.emit('CB:notification,type:companion_reg_refresh', { tag: 'notification', attrs: {}, content: [] })
  expect(told).toEqual([
    { type: 'socket.paired', generation: 1 },
    { type: 'socket.scanned', generation: 1 },
  ])
  expect(drained.mock.calls).toEqual([[true]])
})

test('a version that is refused is told beside the newest that is known', async () => {
  const detailOf = async (config: object, statusCode = 405) => {
    const error = Object.assign(new Error('Connection Failure'), { output: { statusCode }, data: {} })
    const socket = socketLike()
    Object.assign(socket.ws, { config })
    const { told } = await opening(socket)
    socket.ev.emit('connection.update', { connection: 'close', lastDisconnect: { error } })
    await settled()
    return told.at(-1)?.cause
  }
  // Whatever other lines of this process have reported; Baileys' own at least.
  expect(newestVersion()).toMatch(/^2\.3\d{3}\.\d+$/)
  expect(await detailOf({ version: [2, 3_000, 1] })).toMatchObject({
    kind: 'outdated',
    detail: `2.3000.1, newest known ${newestVersion()}`,
  })
  for (const config of [{}, { version: '2.3' }, { version: [2, 3_000] }, { version: [2, 3_000, 1.5] }])
    expect(await detailOf(config)).not.toHaveProperty('detail')
  expect(await detailOf({ version: [2, 3_000, 1] }, 428)).not.toHaveProperty('detail')
})
