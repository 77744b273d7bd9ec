import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../src/fake-whatsapp/index.ts'
import { fileAuthStore } from '../../src/index.ts'
import { lines, World } from './world.ts'

describe.each(lines)('pairing with $name', ({ name, baileys }) => {
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
    expect(gateway.told).toEqual(['relink-needed', 'relinked', 'recovered'])
    expect(await readdir(join(gateway.folder, '.lifeline', 'staging'))).toEqual([])
    expect(gateway.sockets.length).toBe(3)
    expect(world.server.peak(gateway.number)).toBe(1)
  })
})
