import type { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('sock.ws with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  test('tells frames and stanzas of every connection, and its close only at the end of the virtual socket', async () => {
    const { world } = bots
    const gateway = await bots.bot().open(await world.linkedFolder())
    const { ws } = gateway.sock
    const told = { frame: 0, success: 0, once: 0, close: 0, off: 0 }
    const off = () => {
      told.off += 1
    }
    ws.on('frame', () => {
      told.frame += 1
    })
    ws.on('CB:success', () => {
      told.success += 1
    })
    ws.once('CB:success', () => {
      told.once += 1
    })
    ws.on('close', () => {
      told.close += 1
    })
    ws.on('CB:success', off)
    ws.off('CB:success', off)
    await gateway.until(() => gateway.drained)
    const frames = told.frame
    expect(frames).toBeGreaterThan(2)
    await world.server.unplug()
    await world.server.plug()
    await gateway.until(() => gateway.opens === 2 && gateway.drained)
    expect(told.frame).toBeGreaterThan(frames)
    expect(told).toMatchObject({ success: 2, once: 1, close: 0, off: 0 })
    await gateway.sock.end(undefined)
    expect(told.close).toBe(1)
    expect(ws.listenerCount('frame')).toBe(0)
  })

  test('says that it is open while a connection is, connecting in between, and closed only after the end', async () => {
    const { world } = bots
    const gateway = await bots.up()
    const { ws } = gateway.sock
    const how = () => [ws.isOpen, ws.isConnecting, ws.isClosing, ws.isClosed, Reflect.get(ws, 'readyState')]
    expect(how()).toEqual([true, false, false, false, 1])
    expect(String(ws.url)).toContain('127.0.0.1')
    await world.server.unplug()
    await gateway.until(() => gateway.line.status.state === 'reconnecting')
    expect(how()).toEqual([false, true, false, false, 0])
    await gateway.sock.end(undefined)
    expect(how()).toEqual([false, false, false, true, 3])
  })

  test('an error of a transport does no harm where nobody listens, and is told where somebody does', async () => {
    const { world } = bots
    const gateway = await bots.up()
    const errors: unknown[] = []
    gateway.sock.ws.on('error', (error: unknown) => errors.push(error))
    await world.server.unplug()
    await gateway.until(() => gateway.line.status.attempt > 1)
    await world.server.plug()
    await gateway.until(() => gateway.opens === 2)
    expect(errors.length).toBeGreaterThan(0)
  })

  test('removeAllListeners of an event takes it from Baileys on every connection to come, while nobody else needs it', async () => {
    const { world } = bots
    const folder = await world.linkedFolder()
    const bot = bots.bot()
    const deaf = await bot.open(folder)
    // As a gateway that only wants to look something up, and to take no message from the account.
    deaf.sock.ws.removeAllListeners('CB:message')
    const heard = () => (deaf.line.socket?.ws as EventEmitter | undefined)?.listenerCount('CB:message') ?? 0
    await deaf.until(() => deaf.drained)
    const withoutBaileys = heard()
    const anna = world.server.contact(`anna of ${name}`)
    const delivery = await anna.send(world.number, 'not for us')
    world.server.now(faults.unavailable)
    await deaf.until(() => deaf.opens === 2 && deaf.drained)
    await deaf.sock.fetchBlocklist()
    expect(deaf.texts).toEqual([])
    expect(heard()).toBe(withoutBaileys)

    const hearing = await bot.up(folder)
    expect(heard()).toBe(withoutBaileys + 1)
    world.server.now(faults.unavailable)
    await hearing.until(() => hearing.opens === 2)
    await delivery.delivered()
    await hearing.reads('not for us')
    await hearing.sock.end(undefined)
    expect(heard()).toBe(withoutBaileys)
  })

  test('what the gateway emits on it reaches Baileys', async () => {
    const gateway = await bots.up()
    gateway.sock.ws.emit('CB:xmlstreamend')
    await gateway.until(() => gateway.opens === 2)
    expect(gateway.connections.filter((one) => one.startsWith('close'))).toEqual([])
  })
})
