import { describe, expect, test } from 'vitest'
import { lines } from '../line/world.ts'
import { inTurn } from '../share.ts'
import { Bots } from './bots.ts'

const today = inTurn(lines, import.meta.url)

const slow = { policy: { reconnect: { connectTimeoutMs: 20_000 } } }

describe.each(today)('requestPairingCode of a virtual socket with $name', ({ name, baileys }) => {
  const bots = new Bots(name, baileys)

  test('works right after makeWASocket, with characters of the gateway’s own', async () => {
    const { world } = bots
    const number = '491700000041'
    const gateway = await bots.bot(slow).open(world.folder())
    expect(gateway.sock.authState.creds.registered).toBe(false)
    const code = await gateway.sock.requestPairingCode(number, 'ABCD2345')
    expect(code).toBe('ABCD2345')
    await world.server.phone(number).enterPairingCode(code)
    await gateway.until(() => gateway.opens === 1)
    expect(gateway.sock.user?.id).toContain(number)
  })

  test('asked for at each code that is shown, as many gateways do, it stays the same and links', async () => {
    const { world } = bots
    const number = '491700000042'
    const bot = bots.bot(slow)
    const gateway = await bot.open(world.folder(), { qrTimeout: 300 })
    const codes: string[] = []
    const refused: unknown[] = []
    gateway.sock.ev.on('connection.update', async ({ qr }) => {
      if (!qr) return
      await gateway.sock.requestPairingCode(number).then(
        (code) => codes.push(code),
        (error: unknown) => refused.push(error),
      )
      bot.look()
    })
    await gateway.until(() => codes.length > 3)
    expect(new Set(codes).size).toBe(1)
    expect(refused).toEqual([])
    await world.server.phone(number).enterPairingCode(codes[0] ?? '')
    await gateway.until(() => gateway.opens === 1)
  })

  test('an account that is linked refuses one', async () => {
    const gateway = await bots.up()
    await expect(gateway.sock.requestPairingCode(bots.world.number)).rejects.toMatchObject({ code: 'REFUSED' })
  })
})
