import { describe, expect, test } from 'vitest'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

const closed = { isBoom: true, message: 'Connection Closed', output: { statusCode: 428 } }

describe.each(today)('calls of a virtual socket with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  test('made right after makeWASocket, or while the link is down, wait for the connection and are done', async () => {
    const { world } = bots
    const bot = bots.bot()
    const anna = world.server.contact(`anna of ${name}`)
    const gateway = await bot.open(await world.linkedFolder())
    const first = anna.nextReceived()
    await gateway.sock.sendMessage(anna.jid, { text: 'early' })
    expect(await first).toBe('early')

    await world.server.unplug()
    await gateway.until(() => gateway.line.status.state === 'reconnecting')
    const second = anna.nextReceived()
    const sent = gateway.sock.sendMessage(anna.jid, { text: 'in between' })
    await world.server.plug()
    await sent
    expect(await second).toBe('in between')
    expect(anna.received.filter((text) => text === 'in between').length).toBe(1)
  })

  test('without us the first of them is rejected', async () => {
    const { world } = bots
    const gateway = await bots.bot('plain').open(await world.linkedFolder())
    const sent = gateway.sock.sendMessage('4915100000001@s.whatsapp.net', { text: 'early' })
    await expect(sent).rejects.toMatchObject({ message: 'Connection Closed' })
  })

  test('are rejected as Baileys rejects them when no connection comes in time', async () => {
    const { world } = bots
    await world.server.unplug()
    const gateway = await bots.bot({ waitMs: 50 }).open(await world.linkedFolder())
    await expect(gateway.sock.sendMessage('1@s.whatsapp.net', { text: 'never' })).rejects.toMatchObject(closed)
    await expect(gateway.sock.waitForSocketOpen()).rejects.toMatchObject(closed)
  })

  test('are rejected at once while a person is needed, with the status and without the code', async () => {
    const gateway = await bots.bot().open(bots.world.folder())
    await gateway.until(() => gateway.codes.length > 0)
    const error = await gateway.sock.groupFetchAllParticipating().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ ...closed, data: { state: 'awaitingQr', userAction: 'scan-code' } })
    expect(JSON.stringify(error)).not.toContain(gateway.codes[0]?.slice(-40) ?? 'no code')
  })

  test('that wait when a person comes to be needed are rejected then', async () => {
    const { world } = bots
    world.server.onNextLogin(faults.outdated, { account: world.number })
    const gateway = await bots.bot().open(await world.linkedFolder())
    await expect(gateway.sock.fetchBlocklist()).rejects.toMatchObject({
      ...closed,
      data: { userAction: 'update-client' },
    })
  })

  test('are rejected after the end, those that wait for a connection with it', async () => {
    const { world } = bots
    await world.server.unplug()
    const gateway = await bots.bot().open(await world.linkedFolder())
    const waiting = gateway.sock.fetchBlocklist()
    const heard = expect(waiting).rejects.toMatchObject(closed)
    await gateway.sock.end(undefined)
    await heard
    await expect(gateway.sock.fetchBlocklist()).rejects.toMatchObject(closed)
    await expect(gateway.sock.requestPairingCode(world.number)).rejects.toMatchObject(closed)
    await expect(gateway.sock.waitForSocketOpen()).rejects.toMatchObject(closed)
  })

  test('that are never answered settle when their connection ends, and are not made again', async () => {
    const { world } = bots
    const gateway = await bots.bot().up(await world.linkedFolder(), { defaultQueryTimeoutMs: undefined })
    const answer = gateway.sock.waitForMessage('never')
    const heard = expect(answer).rejects.toMatchObject(closed)
    world.server.now(faults.serviceUnavailable)
    await heard
    await gateway.until(() => gateway.opens === 2)
  })

  test('that are never answered settle soon after their connection has ended, however late the next one comes', async () => {
    const { world } = bots
    const hour = 3_600_000
    // The fast ladder draws from nothing upwards.
    const late = { fastAttempts: 0, slowMinMs: hour, slowMaxMs: hour }
    const gateway = await bots.bot({ policy: { reconnect: late } }).up(await world.linkedFolder())
    const answer = gateway.sock.waitForMessage('never', hour)
    const heard = expect(answer).rejects.toMatchObject(closed)
    world.server.now(faults.serviceUnavailable)
    await heard
    expect(gateway.line.status.state).toBe('reconnecting')
  })

  test('that the gateway does not catch end no process when their connection goes, and its handlers hear nothing', async () => {
    const { world } = bots
    const gateway = await bots.bot().up(await world.linkedFolder(), { defaultQueryTimeoutMs: undefined })
    const heard: unknown[] = []
    const hear = (reason: unknown) => heard.push(reason)
    process.on('unhandledRejection', hear)
    try {
      let failed = false
      const answer = async () => {
        await gateway.sock.waitForMessage('never').finally(() => {
          failed = true
        })
      }
      void answer()
      world.server.now(faults.serviceUnavailable)
      await gateway.until(() => gateway.opens === 2)
      expect(failed).toBe(true)
      // Node tells of what nobody has caught before the next turn of its loop.
      await new Promise((resolve) => setImmediate(resolve))
      expect(heard).toEqual([])
    } finally {
      process.off('unhandledRejection', hear)
    }
  })

  test('without us such a call is never settled', async () => {
    const { world } = bots
    const bot = bots.bot('plain')
    const gateway = await bot.up(await world.linkedFolder(), { defaultQueryTimeoutMs: undefined })
    let settled = false
    const settle = () => {
      settled = true
    }
    gateway.sock.waitForMessage('never').then(settle, settle)
    world.server.now(faults.serviceUnavailable)
    await bot.until(
      () => gateway.connections.at(-1) === 'close 503',
      () => gateway.connections.join(),
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled).toBe(false)
  })
})
