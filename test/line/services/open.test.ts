import { expect, onTestFinished, test, vi } from 'vitest'
import { createActor, setup } from 'xstate'
import { openSocket } from '../../../src/line/services/open-socket.ts'
import { bindResources } from '../../../src/line/services/resources.ts'
import type { OpenAuth } from '../../../src/stores/store.ts'
import { resourcesOn, socketLike } from './bench.ts'

type Socket = ReturnType<typeof socketLike>

/** What the opening of one socket tells the machine that runs it. */
async function opening(socket: Socket, me?: object, which: 'account' | 'staging' = 'account') {
  const told: Record<string, unknown>[] = []
  const auth = {
    state: { creds: { me }, keys: { get: async () => ({}), set: async () => undefined } },
    ...{ saveCreds: async () => undefined, fence: async () => undefined, close: async () => undefined },
  } as unknown as OpenAuth
  const { resources } = resourcesOn({ open: async () => auth }, { connect: async () => socket })
  const machine = setup({ actors: { openSocket } }).createMachine({
    invoke: { src: 'openSocket', input: { generation: 1, auth: which } as never },
    on: { '*': { actions: ({ event }) => void told.push(event) } },
  })
  const actor = createActor(machine)
  bindResources(actor.system, resources)
  actor.start()
  onTestFinished(() => void actor.stop())
  await vi.waitFor(() => expect(told.length > 0 || socket.ev.listenerCount('connection.update') > 1).toBe(true))
  return { told, resources }
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
  const { told, resources } = await opening(socketLike(), undefined, 'staging')
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
  const shows = (at: number) => {
    clock.mockReturnValue(1_000 + at)
    wall.mockReturnValue(at)
    socket.ev.emit('connection.update', { qr: `code ${at}` })
    return Number(told.at(-1)?.expiresAt) - at
  }
  expect([shows(0), shows(firstMs), shows(firstMs + laterMs)]).toEqual([60_000, laterMs, laterMs])
})
