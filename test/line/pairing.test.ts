import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn } from '../share.ts'
import { fingerprintOf } from './gateway.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

describe.each(today)('pairing with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name, qrRefs: 2 })
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('an account that was never linked shows a code, is scanned, and is healthy', async () => {
    const gateway = world.newcomer()
    await gateway.start()
    const { qr, userAction } = await gateway.until(() => gateway.line.status.qr !== undefined)
    expect({ number: qr?.number, userAction }).toEqual({ number: 1, userAction: 'scan-code' })
    expect(await readdir(gateway.folder)).toEqual(['.lifeline'])

    await world.scan(gateway)
    const { self } = await gateway.until('healthy')
    expect(self?.id).toContain(gateway.number)
    expect(gateway.path).toEqual(['preparing', 'awaitingQr', 'preparing', 'connecting', 'healthy'])
    expect(gateway.told).toEqual(['relink-needed', 'relinked'])
    expect(await readdir(join(gateway.folder, '.lifeline', 'staging'))).toEqual([])
    expect(gateway.sockets.length).toBe(3)
    expect(world.server.peak(gateway.number)).toBe(1)
  })

  test('a pairing code does what a scan does', async () => {
    const gateway = world.newcomer({ policy: { reconnect: { connectTimeoutMs: 20_000 } } })
    await gateway.start()
    const code = await gateway.line.requestPairingCode(`+${gateway.number}`)
    expect(code).toMatch(/^[0-9A-Z]{8}$/)
    await world.server.phone(gateway.number).enterPairingCode(code)
    await gateway.until('healthy')
    await expect(gateway.line.requestPairingCode(gateway.number)).rejects.toMatchObject({ code: 'REFUSED' })
    await expect(gateway.line.requestPairingCode('12')).rejects.toMatchObject({ code: 'PHONE_INVALID' })
  })

  test('a window that runs out opens the next one, and after the last of them it rests until somebody asks', async () => {
    const gateway = world.newcomer({
      policy: { pairing: { windows: 2 } },
      connect: (given) => world.socket(given, { qrTimeout: 60 }),
    })
    await gateway.start()
    await gateway.until(() => gateway.codes.length === 4)
    await gateway.until(() => gateway.line.status.qr === undefined && gateway.sockets.length === 2)
    expect(gateway.codes.map(({ number }) => number)).toEqual([1, 2, 3, 4])
    expect(new Set(gateway.codes.map(({ code }) => code)).size).toBe(4)
    expect(gateway.told).not.toContain('outage')
    // The first is taken for good for Baileys' own 60 s; that it was replaced after 60 ms tells how long the second is
    // good for.
    const [first, second] = gateway.codes.map(({ expiresAt }) => expiresAt)
    expect((first ?? 0) - (second ?? 0)).toBeGreaterThan(50_000)
    await gateway.line.relink()
    await gateway.until(() => gateway.codes.length > 4)
  })

  test('relink keeps the old credentials until the new ones have opened, then sets them aside byte for byte', async () => {
    const gateway = await (await world.gateway()).up()
    const creds = await gateway.fingerprint()
    await gateway.line.relink()
    await gateway.until(() => gateway.codes.length > 0)
    await gateway.line.relink().catch(() => undefined)
    expect(await gateway.fingerprint()).toBe(creds)
    // Scanned, and then WhatsApp does not let the new device in: the old one still stands, and comes back when asked
    // for.
    world.server.onNextLogin(faults.unavailable, { account: gateway.number, times: 50 })
    await world.scan(gateway)
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'server')
    expect(await gateway.fingerprint()).toBe(creds)
    world.server.clear()
    await gateway.line.reconnect()
    await gateway.until('healthy')
    expect(await gateway.fingerprint()).toBe(creds)

    await gateway.line.relink()
    await world.scan(gateway)
    await gateway.until('healthy')
    expect(await gateway.fingerprint()).not.toBe(creds)
    const [entry] = await fileAuthStore(gateway.folder).quarantined()
    const old = await readFile(join(gateway.folder, '.lifeline', 'quarantine', entry?.id ?? '', 'creds.json'), 'utf8')
    expect(fingerprintOf(old)).toBe(creds)
    expect(gateway.told).toContain('relinked')
  })

  test('unlinked by the phone, it shows a code, and everything old lies in the quarantine once that was scanned', async () => {
    const gateway = await world.linked('491700000007')
    const creds = await gateway.fingerprint()
    world.server.phone(gateway.number).unlink()
    const { message } = await gateway.until(
      () => gateway.state === 'awaitingQr' && gateway.line.status.qr !== undefined,
    )
    expect(message).toContain('unlinked')
    expect(await gateway.fingerprint()).toBe(creds)
    const dials = gateway.sockets.length
    expect(
      gateway.notices.find(({ kind, details }) => kind === 'relink-needed' && details.reason === 'logged-out'),
    ).toMatchObject({
      message: expect.stringContaining('unlinked'),
    })
    await world.scan(gateway)
    await gateway.until('healthy')
    expect(gateway.sockets.length).toBe(dials + 2)
    const [entry] = await fileAuthStore(gateway.folder).quarantined()
    const old = await readFile(join(gateway.folder, '.lifeline', 'quarantine', entry?.id ?? '', 'creds.json'), 'utf8')
    expect(fingerprintOf(old)).toBe(creds)
  })

  test('a process that dies between the scan and the first login goes on with that pairing', async () => {
    const gateway = world.newcomer({}, undefined, '491700000008')
    await gateway.start()
    world.server.onNextLogin(faults.unavailable, { account: gateway.number, times: 50 })
    await world.scan(gateway)
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'server')
    await gateway.line.stop()
    world.server.clear()
    const next = world.newcomer({}, gateway.folder, gateway.number)
    await next.start()
    await next.until('healthy')
    expect(next.codes).toEqual([])
  })
})
