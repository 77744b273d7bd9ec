import { describe, expect, test } from 'vitest'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

type Update = Readonly<Record<string, unknown>>

describe.each(today)('the events of a virtual socket with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  test('a late listener, and a late process handler, are told how the connection stands', async () => {
    const gateway = await bots.up()
    const told: unknown[] = []
    await new Promise<void>((resolve) => {
      gateway.sock.ev.on('connection.update', ({ connection }) => {
        told.push(connection)
        resolve()
      })
    })
    await new Promise<void>((resolve) => {
      gateway.sock.ev.process(({ 'connection.update': update }) => {
        told.push(update?.connection)
        resolve()
      })
    })
    await gateway.sock.waitForConnectionUpdate(async ({ connection }) => connection === 'open')
    expect(told).toEqual(['open', 'open'])
    await gateway.sock.end(undefined)
    told.length = 0
    await new Promise<void>((resolve) => {
      gateway.sock.ev.on('connection.update', ({ connection }) => {
        told.push(connection)
        resolve()
      })
    })
    expect(told).toEqual(['close'])
  })

  test('waitForConnectionUpdate waits for what comes, and rejects with the end of the socket', async () => {
    const { world } = bots
    const gateway = await bots.bot().open(await world.linkedFolder())
    await gateway.sock.waitForConnectionUpdate(async ({ receivedPendingNotifications }) => receivedPendingNotifications)
    const never = gateway.sock.waitForConnectionUpdate(async ({ qr }) => qr !== undefined)
    const heard = expect(never).rejects.toThrow('enough')
    await gateway.sock.end(new Error('enough'))
    await heard
  })

  test('on, off, removeAllListeners and process are those of Baileys, chained as there', async () => {
    const { world } = bots
    const gateway = await bots.up()
    const { ev } = gateway.sock
    const told: string[] = []
    const off = () => told.push('off')
    const stop = ev.process((events) => {
      if (events['messages.upsert']) told.push('process')
    })
    const removed = () => told.push('removed')
    ev.on('messages.upsert', off)
    ev.on('messages.upsert', () => told.push('on'))
    ev.on('chats.update', removed)
    ev.off('messages.upsert', off)
    ev.removeAllListeners('chats.update')
    const anna = world.server.contact(`anna of ${name}`)
    await anna.send(world.number, 'one')
    await gateway.reads('one')
    stop()
    await anna.send(world.number, 'two')
    await gateway.reads('two')
    expect(told.filter((one) => one === 'off' || one === 'removed')).toEqual([])
    expect(told.filter((one) => one === 'on').length).toBe(2)
    expect(told.filter((one) => one === 'process').length).toBe(1)
  })

  test('buffer and flush hold back what this socket is told, and nobody else', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const bot = bots.bot()
    const first = await bot.up(folder)
    const second = await bot.up(folder)
    const anna = world.server.contact(`anna of ${name}`)
    first.sock.ev.buffer()
    expect(Reflect.apply(Reflect.get(first.sock.ev, 'isBuffering'), first.sock.ev, [])).toBe(true)
    for (const text of ['one', 'two']) {
      await anna.send(world.number, text)
      await second.reads(text)
    }
    expect(first.texts).toEqual([])
    const batches: number[] = []
    first.sock.ev.process(({ 'messages.upsert': upsert }) => {
      if (upsert) batches.push(upsert.messages.length)
    })
    expect(first.sock.ev.flush()).toBe(true)
    expect(first.texts).toEqual(['one', 'two'])
    expect(batches).toEqual([2])

    const work = first.sock.ev.createBufferedFunction(async (text: string) => {
      await anna.send(world.number, text)
      await second.reads(text)
      return first.texts.includes(text)
    })
    expect(await work('three')).toBe(false)
    first.sock.ev.flush()
    await first.reads('three')
  })

  test('an event that the gateway tells by itself reaches Baileys, and comes back to everybody', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const bot = bots.bot()
    const first = await bot.up(folder)
    const second = await bot.up(folder)
    first.sock.ev.emit('creds.update', { lastAccountSyncTimestamp: 4711 })
    expect(first.state.creds.lastAccountSyncTimestamp).toBe(4711)
    const message = { key: { remoteJid: 'x', id: '1', fromMe: false }, message: { conversation: 'injected' } }
    first.sock.ev.emit('messages.upsert', { messages: [message as never], type: 'notify' })
    await Promise.all([first.reads('injected'), second.reads('injected')])
    // Its own word of the connection is not the connection's.
    first.sock.ev.emit('connection.update', { connection: 'close' })
    expect(first.connections.at(-1)).toMatch(/^close/)
    expect(second.connections.at(-1)).toBe('open')
    expect(first.line.status.state).toBe('healthy')
  })

  test('a listener that throws keeps neither the others nor Baileys from going on, and meets the process as it would have', async () => {
    const { world } = bots
    const gateway = await bots.up()
    const unhandled: unknown[] = []
    const handler = (reason: unknown) => unhandled.push(reason)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', handler)
    try {
      const after: string[] = []
      gateway.sock.ev.on('messages.upsert', () => {
        throw new Error('sync')
      })
      gateway.sock.ev.on('messages.upsert', () => void after.push('after'))
      gateway.sock.ev.on('messages.upsert', async () => {
        throw new Error('async')
      })
      const anna = world.server.contact(`anna of ${name}`)
      await (await anna.send(world.number, 'one')).delivered()
      await (await anna.send(world.number, 'two')).delivered()
      await gateway.reads('two')
      expect(after.length).toBe(2)
      const said = unhandled.map((reason) => (reason instanceof Error ? reason.message : reason)).sort()
      expect(said).toEqual(['async', 'async', 'sync', 'sync'])
    } finally {
      process.off('unhandledRejection', handler)
      for (const other of others) process.on('unhandledRejection', other)
    }
  })

  test('after the end nothing is told any more', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const bot = bots.bot()
    const first = await bot.up(folder)
    const second = await bot.up(folder)
    await first.sock.end(undefined)
    const updates = first.updates.length
    world.server.now(faults.unavailable)
    await second.until(() => second.opens === 2)
    expect(first.updates.length).toBe(updates)
    expect((first.updates.at(-1) as Update).connection).toBe('close')
  })
})
