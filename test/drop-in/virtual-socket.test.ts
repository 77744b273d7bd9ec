import * as v7 from '@whiskeysockets/baileys'
import { expect, test, vi } from 'vitest'
import { baileysIn } from '../../src/drop-in/namespace.ts'
import { Presence } from '../../src/drop-in/presence.ts'
import { type FolderSide, VirtualSocket } from '../../src/drop-in/virtual-socket.ts'
import { freshFolder } from '../stores/account.ts'
import { ScriptedBots, turn } from './scripted-bots.ts'

const bots = new ScriptedBots()
const closed = { isBoom: true, message: 'Connection Closed', output: { statusCode: 428 } }
const question = { tag: 'iq', attrs: {} }
type Sock = Record<string, (...args: unknown[]) => unknown> & Record<string, unknown>
const loose = (sock: unknown) => sock as Sock

test('after its end a socket takes no call, although another holds the connection', async () => {
  const folder = await bots.linkedFolder()
  const bot = bots.bot()
  const first = await bots.up(bot, folder)
  const second = await bot.open(folder)
  const [socket] = bots.sockets
  const asked = vi.fn(async () => 'answer')
  if (socket) socket.answer = asked
  await first.letGo()
  const calls = [
    () => first.sock.query(question),
    () => first.sock.logout(),
    () => first.sock.requestPairingCode('4917012345678'),
    () => first.sock.waitForSocketOpen(),
  ]
  for (const call of calls) await expect(call()).rejects.toMatchObject(closed)
  expect([asked.mock.calls, second.line.status.state]).toEqual([[], 'healthy'])
  expect(await second.sock.query(question)).toBe('answer')
  await second.sock.waitForSocketOpen()
  await turn()
  const heard: string[] = []
  second.sock.ev.on('chats.delete', (ids) => void heard.push(...ids))
  first.sock.ev.emit('chats.delete', ['one'])
  second.sock.ev.emit('chats.delete', ['two'])
  expect(heard).toEqual(['two'])
})

test('a connection that is dialled again and again is told once until it opens, and what else is told with it always', async () => {
  const held = await bots.bot().open(await bots.linkedFolder())
  await turn()
  const first = await bots.dialled(0)
  expect(held.updates).toEqual([{ connection: 'connecting', receivedPendingNotifications: false, qr: undefined }])
  first.close(503)
  const second = await bots.dialled(1)
  expect(held.connections).toEqual(['connecting'])
  const batches: object[] = []
  held.sock.ev.process((events) => void batches.push(Object.keys(events)))
  held.line.ev.emit('connection.update', { connection: 'connecting' })
  expect(batches).toEqual([])
  second.open()
  await held.until(() => held.drained)
  second.close(515)
  await bots.opened(2)
  await held.until(() => held.opens === 2)
  expect(held.connections).toEqual(['connecting', 'open', 'connecting', 'open'])
})

test('whoever comes late is told how things stand, in the turn after, and nobody who has gone by then', async () => {
  const folder = await bots.linkedFolder()
  const bot = bots.bot()
  const first = await bots.up(bot, folder)
  const told: unknown[] = []
  const hear = (update: { readonly connection?: string }) => void told.push(update.connection)
  first.sock.ev.on('connection.update', hear)
  const leave = first.sock.ev.process(({ 'connection.update': update }) => void (update && hear(update)))
  const left = first.sock.ev.process(() => void told.push('left'))
  left()
  first.sock.ev.on('creds.update', () => void told.push('creds'))
  expect(told).toEqual([])
  await turn()
  expect(told).toEqual(['open', 'open'])
  first.sock.ev.off('connection.update', hear)
  leave()
  // A second socket is told what is open already, with its backlog.
  const second = await bot.open(folder)
  await turn()
  expect(second.updates).toEqual([
    { connection: 'connecting', receivedPendingNotifications: false, qr: undefined },
    { connection: 'open', receivedPendingNotifications: true },
  ])
  await first.letGo()
  told.length = 0
  first.sock.ev.on('connection.update', hear)
  await turn()
  expect(told).toEqual(['close'])
})

test('a code that is on show is told to whoever comes late, and one that is over is not', async () => {
  const folder = await freshFolder()
  const bot = bots.bot()
  const first = await bot.open(folder)
  const socket = await bots.dialled(0)
  socket.update({ qr: 'a,b,c,d' })
  await first.until(() => first.codes.length === 1)
  const second = await bot.open(folder)
  await turn()
  expect(second.updates).toEqual([
    { connection: 'connecting', receivedPendingNotifications: false, qr: undefined },
    { qr: 'a,b,c,d' },
  ])
  socket.close(408, 'QR refs attempts ended')
  await bots.dialled(1)
  const third = await bot.open(folder)
  await turn()
  expect(third.codes).toEqual([])
})

test('its end is told once, with the error and the hour, to handlers, listeners and the transport, and is the last word', async () => {
  const held = await bots.up(bots.bot())
  const { sock } = held
  const told: unknown[] = []
  const handlers: unknown[] = []
  sock.registerSocketEndHandler((error) => {
    handlers.push(error)
    throw new Error('to nobody')
  })
  sock.ev.on('connection.update', ({ connection }) => {
    if (connection !== 'close') return
    // As a gateway does that cleans up when it hears of it.
    void sock.end(new Error('again'))
    told.push(connection)
  })
  sock.ws.on('close', () => told.push('transport'))
  sock.ev.on('chats.delete', () => void told.push('too late'))
  const error = new Error('enough')
  const before = Date.now()
  const ended = sock.end(error)
  expect(sock.ws.isClosed).toBe(true)
  await ended
  await turn()
  expect([told, handlers]).toEqual([['close', 'transport'], [error]])
  const { lastDisconnect } = held.updates.at(-1) ?? {}
  expect(lastDisconnect?.error).toBe(error)
  expect(lastDisconnect?.date.getTime()).toBeGreaterThanOrEqual(before)
  expect(lastDisconnect?.date.getTime()).toBeLessThanOrEqual(Date.now())
  sock.ev.emit('chats.delete', ['one'])
  expect([held.connections.length, sock.ws.listenerCount('close'), told.length]).toEqual([3, 0, 2])
})

test('closed by its transport it ends with 428, and ended before it began it says nothing but that', async () => {
  const held = await bots.up(bots.bot())
  await held.sock.ws.close()
  expect(held.updates.at(-1)?.lastDisconnect?.error).toMatchObject({ ...closed, message: 'Connection Terminated' })
  const quick = await bots.bot().open(await bots.linkedFolder())
  const ended = quick.sock.end(undefined)
  await ended
  await turn()
  expect(quick.connections).toEqual(['close without an error'])
})

test('the close is told within end(), or once that has returned where Baileys waits, as a socket showed', async () => {
  const order: string[] = []
  const ends = async (end: (() => Promise<void>) | undefined) => {
    bots.made = (socket) => {
      if (end) Object.assign(socket, { end })
    }
    const at = bots.sockets.length
    const held = await bots.up(bots.bot())
    held.sock.ev.on('connection.update', ({ connection }) => connection === 'close' && order.push('told'))
    const ended = held.sock.end(undefined)
    order.push('returned')
    bots.sockets[at]?.close()
    await ended
  }
  await ends(undefined)
  await ends(async () => undefined)
  expect(order).toEqual(['told', 'returned', 'returned', 'told'])
})

test('one that is ended as soon as it says that it connects says nothing more of it', async () => {
  // Its Baileys tells the close when end() has returned.
  bots.made = (socket) => Object.assign(socket, { end: async () => socket.close() })
  const folder = await bots.linkedFolder()
  const bot = bots.bot()
  await bots.up(bot, folder)
  const quick = await bot.open(folder)
  quick.sock.ev.on('connection.update', () => void quick.sock.end(undefined))
  await turn()
  await turn()
  expect(quick.connections).toEqual(['connecting', 'close without an error'])
})

test('what it tells itself reaches the live socket and everybody, but for a word of the connection, and itself alone in between', async () => {
  const folder = await bots.linkedFolder()
  const bot = bots.bot()
  const first = await bots.up(bot, folder)
  const second = await bot.open(folder)
  await turn()
  const told: unknown[] = []
  for (const [name, { sock }] of Object.entries({ first, second }))
    sock.ev.on('chats.delete', (ids) => void told.push([name, ...ids]))
  const real = vi.fn()
  bots.sockets[0]?.ev.on('chats.delete', real)
  first.sock.ev.emit('chats.delete', ['one'])
  expect([told.splice(0), real.mock.calls.length]).toEqual([
    [
      ['first', 'one'],
      ['second', 'one'],
    ],
    1,
  ])
  await turn()
  first.sock.ev.emit('connection.update', { connection: 'close' })
  expect([first.connections.at(-1), second.connections.at(-1)]).toEqual(['close without an error', 'open'])
  bots.sockets[0]?.close(503)
  await first.until(() => first.line.socket === undefined)
  first.sock.ev.emit('chats.delete', ['two'])
  expect([told, real.mock.calls.length]).toEqual([[['first', 'two']], 1])
})

test('its members are its own first, then those that the gateway put there, then those of the newest real one', async () => {
  const held = await bots.bot().open(await bots.linkedFolder())
  const sock = loose(held.sock)
  const { sendMessage } = sock
  expect([typeof sendMessage, sock.sendMessage === sendMessage, sock.nonsense, sock.then]).toEqual([
    ...['function', true, undefined, undefined],
  ])
  expect(['sendMessage' in sock, 'nonsense' in sock, Object.keys(sock).includes('sendMessage')]).toEqual([
    ...[true, false, true],
  ])
  expect(new Set([sock.generateMessageTag?.(), sock.generateMessageTag?.()]).size).toBe(2)
  expect([sock.onUnexpectedError?.(new Error('x'), 'doing')]).toEqual([undefined])
  const lost = expect(sock.sendMessage?.('anna')).rejects.toThrow('sock.sendMessage is not a function')
  bots.made = (socket) =>
    Object.assign(socket, {
      more: { of: 'it' },
      greet: function (this: object, to: string) {
        return `${this === socket} ${to}`
      },
      onUnexpectedError: (_error: Error, doing: string) => doing,
    })
  const socket = await bots.opened(0)
  await held.until(() => held.drained)
  expect([sock.more, sock.greet?.('anna'), sock.sendMessage, 'sendMessage' in sock]).toEqual([
    ...[Reflect.get(socket, 'more'), 'true anna', undefined, false],
  ])
  await lost
  expect([sock.generateMessageTag?.(), sock.onUnexpectedError?.(new Error('x'), 'doing')]).toEqual(['tag', 'doing'])
  expect(Object.getOwnPropertyDescriptor(sock, 'more')).toMatchObject({ value: { of: 'it' }, enumerable: true })
  expect([
    Object.getOwnPropertyDescriptor(sock, 'nonsense'),
    Object.getOwnPropertyDescriptor(sock, 'type')?.value,
  ]).toEqual([undefined, 'md'])
  expect(Object.keys(sock).filter((name) => name === 'ev' || name === 'greet')).toEqual(['ev', 'greet'])
  Object.assign(sock, { more: 'mine', own: 1 })
  expect([sock.more, sock.own, 'own' in sock, { ...sock }.more, Reflect.get(socket, 'more')]).toEqual([
    ...['mine', 1, true, 'mine', { of: 'it' }],
  ])
  expect([sock.user, held.sock.authState.creds === held.state.creds]).toEqual([held.state.creds.me, true])
})

test('its keys and its repository are those of the newest connection, and wait for one', async () => {
  const held = await bots.bot().open(await bots.linkedFolder())
  const { signalRepository, authState } = held.sock
  const { lidMapping } = signalRepository
  const early = lidMapping.getPNForLID('1@lid')
  const address = signalRepository.jidToSignalProtocolAddress('a') as unknown as Promise<string>
  expect(await authState.keys.get('session', ['nobody'])).toEqual({ nobody: null })
  let made = 0
  bots.made = (socket) => {
    made += 1
    const name = `${made}`
    const keys = { get: async () => ({ of: name }), set: async () => undefined }
    Object.assign(socket, {
      authState: { ...socket.authState, keys },
      signalRepository: {
        jidToSignalProtocolAddress: (jid: string) => `${jid} of ${name}`,
        lidMapping: { getPNForLID: async () => name },
      },
    })
  }
  const socket = await bots.opened(0)
  expect([await early, await address]).toEqual(['1', 'a of 1'])
  socket.close(515)
  await bots.opened(1)
  expect(await authState.keys.get('session', ['x'])).toEqual({ of: '2' })
  expect([signalRepository.jidToSignalProtocolAddress('b'), await lidMapping.getPNForLID('1@lid')]).toEqual([
    ...['b of 2', '2'],
  ])
})

test('its logger is that of its config, else Baileys’ own, else one that says nothing', async () => {
  const own = { level: 'own' }
  const theirs = { level: 'theirs' }
  const folder = await bots.linkedFolder()
  const bot = bots.bot({}, { DEFAULT_CONNECTION_CONFIG: { logger: theirs } })
  const state = await bot.auth(folder)
  const levelOf = (logger: unknown, made = bot) => {
    const held = made.hold(state, { logger } as never)
    bot.held.push(held)
    return Reflect.get(Object(loose(held.sock).logger), 'level')
  }
  expect([levelOf(own), levelOf(undefined)]).toEqual(['own', 'theirs'])
  const bare = bots.bot({}, { DEFAULT_CONNECTION_CONFIG: undefined })
  Object.assign(bare.folders, { of: (auth: never) => bot.folders.of(auth) })
  expect(levelOf(undefined, bare)).toBe('silent')
})

test.each([
  ['7', {}, true],
  ['6', { isPnUser: undefined }, false],
])('a socket of Baileys %s has the mapping of LIDs that it has there: %s', async (_, changes, has) => {
  const held = await bots.bot(undefined, changes).open(await bots.linkedFolder())
  expect('lidMapping' in held.sock.signalRepository).toBe(has)
})

test('what comes before it has said that it connects is not told, and beside a dial that says nothing new all else is', async () => {
  const side = {
    ...{ live: undefined, newest: undefined, presence: new Presence(), creds: {}, keys: {} },
    ...{ letGo: async () => undefined, transportChanged: () => undefined },
  } as Partial<FolderSide> as FolderSide
  const socket = new VirtualSocket(baileysIn(v7), {}, side)
  const told: unknown[] = []
  socket.events.ev.process((events) => void told.push(events))
  const connecting = { connection: 'connecting' }
  socket.deliver({ 'connection.update': { connection: 'open' }, 'chats.update': ['early'] })
  await turn()
  expect(told.splice(0)).toEqual([
    { 'connection.update': { ...connecting, receivedPendingNotifications: false, qr: undefined } },
  ])
  socket.deliver({ 'connection.update': connecting, 'chats.update': ['a'] })
  socket.deliver({ 'connection.update': connecting })
  socket.deliver({ 'chats.update': ['b'] })
  expect(told.splice(0)).toEqual([{ 'chats.update': ['a'] }, { 'chats.update': ['b'] }])
  socket.deliver({ 'connection.update': { isOnline: true } })
  socket.deliver({ 'connection.update': connecting, 'chats.update': ['c'] })
  expect(told.splice(0)).toEqual([
    { 'connection.update': { isOnline: true } },
    { 'connection.update': connecting, 'chats.update': ['c'] },
  ])
  await socket.end()
  expect(told).toEqual([{ 'connection.update': expect.objectContaining({ connection: 'close' }) }])
  socket.deliver({ 'chats.update': ['late'] })
  expect(told).toHaveLength(1)
})
