import { afterEach, describe, expect, test } from 'vitest'
import { TorturedGateway, type TortureGiven } from '../../../src/rehearsal/torture/gateway.ts'
import { ScriptedSocket } from '../../line/scripted-line.ts'
import { linkedAccount } from '../../stores/account.ts'

const clientOptions = { waWebSocketUrl: 'ws://127.0.0.1:4000/ws' }
const turn = () => new Promise(setImmediate)

describe('a supervised account under torture', () => {
  const gateways: TorturedGateway[] = []
  afterEach(async () => {
    await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()))
  })

  async function made(change: (socket: ScriptedSocket) => void = () => undefined) {
    const { folder, store } = await linkedAccount()
    await store.release()
    const sockets: ScriptedSocket[] = []
    const given: TortureGiven[] = []
    const waiting: (() => void)[] = []
    const connect = (one: TortureGiven) => {
      given.push(one)
      const socket = new ScriptedSocket(one)
      change(socket)
      sockets.push(socket)
      for (const go of waiting.splice(0)) go()
      return socket
    }
    const gateway = new TorturedGateway({ auth: folder, number: '491700000001', connect, clientOptions })
    gateways.push(gateway)
    /** The socket of this place, listened to. */
    const dialled = async (at: number): Promise<ScriptedSocket> => {
      while (sockets.length <= at) await new Promise<void>((resolve) => waiting.push(resolve))
      await turn()
      const socket = sockets[at]
      if (!socket) throw new Error('There is no such socket.')
      return socket
    }
    return { gateway, folder, sockets, given, dialled }
  }

  test('is up while its socket is open and it can read, drained with its backlog, and each state is told once', async () => {
    const { gateway, folder, given, dialled } = await made()
    expect([gateway.up, gateway.state, gateway.socket, gateway.resting]).toEqual([false, 'stopped', undefined, false])
    expect([gateway.folder, gateway.number]).toEqual([folder, '491700000001'])
    await gateway.start()
    const socket = await dialled(0)
    expect([gateway.up, gateway.drained, given[0]?.clientOptions]).toEqual([false, false, clientOptions])
    socket.update({ connection: 'open' })
    expect(await gateway.until(() => gateway.up, 1_000)).toBe(true)
    expect(gateway.drained).toBe(false)
    socket.update({ receivedPendingNotifications: true })
    expect(await gateway.until(() => gateway.drained, 1_000)).toBe(true)
    socket.update({ isOnline: true })
    expect([gateway.drained, gateway.socket, gateway.message]).toEqual([true, socket, gateway.line.status.message])
    socket.ws.isOpen = false
    expect(gateway.up).toBe(false)
    socket.ws.isOpen = true
    socket.close(515, 'Stream Errored (restart required)')
    await dialled(1)
    expect([gateway.drained, gateway.up]).toEqual([false, false])
    await gateway.reconnect().catch(() => undefined)
    await gateway.stop()
    expect(gateway.path.filter((state) => state === 'healthy')).toHaveLength(1)
    expect(gateway.path.every((state, at, all) => state !== all[at - 1])).toBe(true)
    expect([gateway.path.at(-1), gateway.overlaps, gateway.pending, gateway.askedToPair]).toEqual([
      ...['stopped', 0, 0, false],
    ])
    expect(gateway.history.some(({ type }) => type === 'transition')).toBe(true)
  })

  test('hears what it is told, and sends with its socket', async () => {
    const { gateway, dialled } = await made()
    await gateway.start()
    const socket = await dialled(0)
    Object.assign(socket, { sendMessage: async (jid: string) => ({ key: { id: `to ${jid}` } }) })
    socket.open()
    await gateway.until(() => gateway.up, 1_000)
    const key = { id: '1', remoteJid: 'anna@jid', fromMe: false }
    socket.ev.emit('messages.upsert', { type: 'notify', messages: [{ key, message: { conversation: 'hello' } }] })
    expect(await gateway.until(() => gateway.texts.has('hello'), 1_000)).toBe(true)
    expect(await gateway.send('anna@jid', 'hi')).toBe('to anna@jid')
  })

  test('rests where a person is asked, until one says so, for as long as one does', async () => {
    const { gateway, dialled } = await made()
    await gateway.start()
    ;(await dialled(0)).close(402, 'Connection Failure')
    expect(await gateway.until(() => gateway.resting, 2_000)).toBe(true)
    const off = gateway.calm()
    ;(await dialled(1)).close(402, 'Connection Failure')
    // Said again, without being asked.
    const third = await dialled(2)
    off()
    third.close(402, 'Connection Failure')
    expect(await gateway.until(() => gateway.resting, 2_000)).toBe(true)
    await turn()
    expect([gateway.resting, gateway.calls]).toEqual([true, 3])
  })

  test('that shows a code after it was linked has asked to be paired', async () => {
    const { gateway, dialled } = await made()
    await gateway.start()
    ;(await dialled(0)).open()
    await gateway.until(() => gateway.state === 'healthy', 1_000)
    expect(gateway.askedToPair).toBe(false)
    await gateway.prune()
    await gateway.line.relink()
    await gateway.until(() => gateway.state === 'awaitingQr', 5_000)
    expect(gateway.askedToPair).toBe(true)
    expect(gateway.notices).toContain('sessions-pruned')
  })

  test('is known for a call of connect while a socket is open', async () => {
    const { gateway, dialled } = await made((socket) => {
      // It does not end when it is told to.
      socket.ends = false
    })
    await gateway.start()
    ;(await dialled(0)).open()
    await gateway.until(() => gateway.up, 1_000)
    const first = await dialled(0)
    await gateway.reconnect()
    await dialled(1)
    expect([gateway.overlaps, gateway.calls, gateway.sockets.length]).toEqual([1, 2, 2])
    first.close()
  })

  test('takes a socket that goes to the server, and ends one that goes elsewhere', async () => {
    const urls = ['ws://127.0.0.1:4000/other', 'wss://example.org/ws']
    const { gateway, dialled } = await made((socket) => {
      Object.assign(socket.ws, { url: urls.shift() })
    })
    await gateway.start()
    const first = await dialled(0)
    expect([gateway.sockets.length, [...gateway.astray], first.asked]).toEqual([1, [], []])
    first.close(515, 'Stream Errored (restart required)')
    const second = await dialled(1)
    expect([gateway.sockets.length, [...gateway.astray], second.asked]).toEqual([1, ['example.org'], ['end']])
    expect([...gateway.refusals]).toEqual(['the socket went to example.org'])
  })
})
