import { describe, expect, test } from 'vitest'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('a gateway that calls Baileys itself, with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  test('holds one socket across drops: connecting and open each time, never a close', async () => {
    const { world } = bots
    const gateway = await bots.up()
    for (let drop = 1; drop <= 3; drop += 1) {
      world.server.now(faults.unavailable)
      await gateway.until(() => gateway.opens === drop + 1 && gateway.drained)
    }
    expect(gateway.connections).toEqual(['connecting', 'open', ...Array(3).fill(['connecting', 'open']).flat()])
    const anna = world.server.contact(`anna of ${name}`)
    await anna.send(world.number, 'are you there?')
    await gateway.reads('are you there?')
    const answer = anna.nextReceived()
    await gateway.sock.sendMessage(anna.jid, { text: 'yes' })
    expect(await answer).toBe('yes')
    expect(world.server.peak(world.number)).toBe(1)
  })

  test('without us the same gateway is told the first drop as a close, and its socket is dead', async () => {
    const { world } = bots
    const bot = bots.bot('plain')
    const gateway = await bot.up(await world.linkedFolder())
    world.server.now(faults.unavailable)
    await bot.until(
      () => gateway.connections.at(-1) === 'close 503',
      () => gateway.connections.join(),
    )
    await expect(gateway.sock.sendMessage('4915100000001@s.whatsapp.net', { text: 'yes' })).rejects.toThrow(
      'Connection Closed',
    )
  })

  test('is linked by a scan, and hears of it as it would from Baileys, but for the restart', async () => {
    const { world } = bots
    const number = '491700000011'
    const gateway = await bots.bot().open(world.folder())
    await gateway.until(() => gateway.codes.length > 0)
    await world.server.phone(number).scan(gateway.codes[0] ?? '')
    await gateway.until(() => gateway.opens === 1)
    expect(gateway.updates.filter(({ isNewLogin }) => isNewLogin === true).length).toBe(1)
    expect(gateway.connections.at(-1)).toBe('open')
    expect(gateway.connections.every((one) => one === 'open' || one === 'connecting')).toBe(true)
    expect(gateway.sock.user?.id).toContain(number)
    expect(gateway.state.creds.me?.id).toContain(number)
  })

  test('shows codes for as long as it runs, as its own loop would', async () => {
    const gateway = await bots.bot().open(bots.world.folder(), { qrTimeout: 15 })
    // Six for each window of the server's; alone a line rests after five windows.
    await gateway.until(() => gateway.codes.length > 6 * 6)
    expect(new Set(gateway.codes).size).toBe(gateway.codes.length)
  })

  test('unlinked by the phone, it is shown a code and never told 401, on which gateways delete their folder', async () => {
    const { world } = bots
    const number = '491700000012'
    const gateway = await bots.bot().open(world.folder())
    await gateway.until(() => gateway.codes.length > 0)
    await world.server.phone(number).scan(gateway.codes[0] ?? '')
    await gateway.until(() => gateway.drained)
    const before = gateway.codes.length
    world.server.phone(number).unlink()
    await gateway.until(() => gateway.codes.length > before)
    expect(gateway.connections.filter((one) => one.startsWith('close'))).toEqual([])
    await world.server.phone(number).scan(gateway.codes.at(-1) ?? '')
    await gateway.until(() => gateway.opens === 2)
  })
})
