import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectOptions } from '../../src/index.ts'
import { inTurn } from '../share.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('logging out and linking by number with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('logout unlinks the device at WhatsApp, ends supervision and leaves the credentials where they are', async () => {
    const number = '491700000021'
    const gateway = await world.linked(number)
    const creds = await gateway.fingerprint()
    await gateway.line.logout()
    expect(gateway.state).toBe('stopped')
    expect(world.server.phone(number).devices()).toEqual([])
    expect(await gateway.fingerprint()).toBe(creds)
    expect(await readdir(join(gateway.folder, '.lifeline', 'lock'))).toEqual([])
    // What is linked no more shows a code when it is started again, as Baileys alone does.
    await gateway.start()
    await gateway.until(() => gateway.line.status.qr !== undefined)
  })

  test('logout without a connection says so and leaves supervision as it was', async () => {
    const gateway = await (await world.gateway()).up()
    await world.server.unplug()
    await gateway.until('reconnecting')
    await expect(gateway.line.logout()).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
    await world.server.plug()
    await gateway.until('healthy')
  })

  test('an account that is not linked is stopped by logout', async () => {
    const gateway = world.newcomer()
    await gateway.start()
    await gateway.until(() => gateway.line.status.qr !== undefined)
    await gateway.line.logout()
    expect(gateway.state).toBe('stopped')
    await gateway.line.logout()
  })

  test('a pairing code that the owner chose is the one that links', async () => {
    const gateway = world.newcomer({ policy: { reconnect: { connectTimeoutMs: 20_000 } } }, undefined, '491700000022')
    await gateway.start()
    await expect(gateway.line.requestPairingCode(gateway.number, 'SHORT')).rejects.toMatchObject({
      code: 'PAIRING_CODE_INVALID',
    })
    expect(await gateway.line.requestPairingCode(gateway.number, 'ABCD2345')).toBe('ABCD2345')
    await world.server.phone(gateway.number).enterPairingCode('ABCD2345')
    await gateway.until('healthy')
  })

  test('a pairing code that is asked for again while it is on show is the same one, over the same connection', async () => {
    const gateway = world.newcomer({ policy: { reconnect: { connectTimeoutMs: 20_000 } } }, undefined, '491700000023')
    await gateway.start()
    await gateway.until(() => gateway.codes.length > 0)
    const [first, second] = await Promise.all([
      gateway.line.requestPairingCode(gateway.number),
      gateway.line.requestPairingCode(gateway.number),
    ])
    const sockets = gateway.sockets.length
    expect(second).toBe(first)
    expect(await gateway.line.requestPairingCode(gateway.number)).toBe(first)
    expect(gateway.sockets.length).toBe(sockets)
    await world.server.phone(gateway.number).enterPairingCode(first)
    await gateway.until('healthy')
  })

  test('connect is told whether the socket is the account’s or a pairing’s', async () => {
    const purposes: ConnectOptions['purpose'][] = []
    const gateway = world.newcomer(
      {
        connect: (given) => {
          purposes.push(given.purpose)
          return world.socket(given)
        },
      },
      undefined,
      '491700000024',
    )
    await gateway.start()
    await world.scan(gateway)
    await gateway.until('healthy')
    expect(purposes).toEqual(['pairing', 'pairing', 'account'])
  })
})
