import { readdir } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import { inTurn } from '../share.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

const strangers = '491700000999'

describe.each(today)('the expected number with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('a scan by another phone is undone there and here, told with three digits, and the next code links the right one', async () => {
    const gateway = world.newcomer({ expectedNumber: `+${world.number}` })
    await gateway.start()
    await gateway.until(() => gateway.line.status.qr !== undefined)
    const first = gateway.line.status.qr?.number ?? 0
    await world.server.phone(strangers).scan(gateway.line.status.qr?.code ?? '')
    await gateway.until(() => (gateway.line.status.qr?.number ?? 0) > first)

    expect(world.server.phone(strangers).devices()).toEqual([])
    const { message } = gateway.line.status
    expect(message).toMatch(/Another number \(ending in 999\) scanned the code.*That link was undone/)
    expect(gateway.notices.at(-1)).toMatchObject({
      kind: 'relink-needed',
      message,
      details: { reason: 'other-number', otherNumber: '…999', unlinked: true },
    })
    expect(await readdir(gateway.folder)).toEqual(['.lifeline'])
    const [entry, ...others] = await fileAuthStore(gateway.folder).quarantined()
    expect(others).toEqual([])
    expect(entry?.reason).toContain('another number')
    expect(entry?.files.map((file) => file.name)).toContain('creds.json')

    await world.scan(gateway)
    const { self } = await gateway.until('healthy')
    expect(self?.id).toContain(world.number)
    const said = JSON.stringify([gateway.statuses, gateway.notices, gateway.line.history()])
    expect(said).not.toContain(strangers)
  })

  test('a linked account that is to be relinked keeps its credentials when another phone scans, and comes back with them', async () => {
    const gateway = await (await world.gateway({ expectedNumber: world.number })).up()
    const creds = await gateway.fingerprint()
    await gateway.line.relink()
    await gateway.until(() => gateway.codes.length > 0)
    const shown = gateway.codes.length
    await world.server.phone(strangers).scan(gateway.line.status.qr?.code ?? '')
    await gateway.until(() => gateway.codes.length > shown)
    expect(await gateway.fingerprint()).toBe(creds)
    expect(gateway.line.status.self?.id).toContain(world.number)
    await gateway.line.reconnect()
    await gateway.until('healthy')
    expect(await gateway.fingerprint()).toBe(creds)
    await expect(gateway.line.requestPairingCode(strangers)).rejects.toMatchObject({ code: 'NUMBER_UNEXPECTED' })
  })
})
