import { readdir } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { TroubledDisk } from '../../line/stores.ts'
import { World } from '../../line/world.ts'
import { slow } from '../../share.ts'

describe('what happened to gateways in the field', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('2: the network is not up when the service starts, and the first connect fails: it is tried again like any other', async () => {
    await world.server.unplug()
    const gateway = await (await world.gateway()).start()
    await gateway.until(() => gateway.state === 'reconnecting' && gateway.line.status.attempt >= 2)
    expect(gateway.line.status).toMatchObject({ userAction: 'none', nextAttemptAt: expect.any(Number) })
    await world.server.plug()
    await gateway.until('healthy')
  })

  test('3 and 12: an outage longer than the fast ladder goes on at the slow cadence, with the next try always named, and ends by itself', async () => {
    await world.server.unplug()
    const gateway = await (await world.gateway({ policy: { reconnect: { fastAttempts: 2, maxMs: 30 } } })).start()
    await gateway.until(() => gateway.line.status.attempt >= 4)
    for (const status of gateway.statuses.filter(({ state }) => state === 'reconnecting'))
      expect(status.nextAttemptAt).toBeGreaterThan(0)
    expect(gateway.path).not.toContain('awaitingQr')
    await world.server.plug()
    await gateway.until('healthy')
  })

  // WhiskeySockets/Baileys issue 2188 (428 every two minutes), NousResearch/hermes-agent issue 63277 (428 and 503).
  test('a connection that comes and goes, up for minutes and down for seconds, is told once and dialled less and less often', {
    tags: [slow],
  }, async () => {
    const gateway = await (
      await world.gateway({ policy: { reconnect: { initialMs: 4, maxMs: 60, resetAfterMs: 1 } } })
    ).up()
    for (let round = 0; round < 12; round++) {
      world.server.now(faults.serviceUnavailable, gateway.number)
      await gateway.next('healthy')
    }
    const told = gateway.notices.filter(({ kind }) => kind === 'unstable')
    expect(told.map(({ message }) => message)).toEqual([
      'The connection is unstable: 6 closes in the last hour, mostly: trouble on the side of WhatsApp.',
    ])
    expect(gateway.line.status).toMatchObject({ state: 'healthy', unstable: { closes: 12, kind: 'server' } })
    expect(gateway.line.status.message).toContain('12 closes within an hour')
    expect(gateway.line.history().some((entry) => entry.type === 'notice' && entry.kind === 'unstable')).toBe(true)
  })

  test('5: the next socket is dialled only when the last one is shut, so the account never replaces itself', async () => {
    const gateway = await (await world.gateway()).up()
    for (let round = 0; round < 4; round++) {
      await gateway.line.reconnect()
      await gateway.line.reconnect().catch(() => undefined)
      await gateway.next('healthy')
    }
    expect(world.server.peak(gateway.number)).toBe(1)
    expect(gateway.statuses.some(({ lastClose }) => lastClose?.cause.kind === 'replaced')).toBe(false)
  })

  test('8 and 24: a logout that nobody asked for deletes nothing, and the old credentials can be tried again', async () => {
    const gateway = await (await world.gateway()).up()
    const files = (await readdir(gateway.folder)).filter((name) => name.endsWith('.json'))
    const creds = await gateway.fingerprint()
    world.server.onNextLogin(faults.loggedOut, { account: gateway.number, times: 2 })
    await gateway.line.reconnect()
    await gateway.until(() => gateway.line.status.qr !== undefined)
    // Baileys may have added what it was still writing; nothing that was there is gone.
    expect(await readdir(gateway.folder)).toEqual(expect.arrayContaining(files))
    expect(await gateway.fingerprint()).toBe(creds)
    await gateway.line.reconnect()
    await gateway.until('healthy')
  })

  test.for(['deviceRemoved', 'loggedOut'] as const)(
    'Evolution API 1816 and 2498: one 401 (%s) while the phone still lists the device is over by itself, and nobody hears of it',
    async (name) => {
      const gateway = await (await world.gateway()).up()
      if (name === 'deviceRemoved') world.server.now(faults[name], gateway.number)
      else {
        world.server.onNextLogin(faults[name], { account: gateway.number })
        await gateway.line.reconnect()
      }
      await gateway.until(
        () => gateway.line.status.lastClose?.cause.kind === 'logged-out' && gateway.state === 'healthy',
      )
      expect(gateway.path).not.toContain('awaitingQr')
      expect(gateway.told).not.toContain('relink-needed')
      expect(gateway.codes).toEqual([])
    },
  )

  test('7: a full disk does not make a new identity', async () => {
    const folder = await world.linkedFolder()
    const disk = new TroubledDisk(folder)
    const gateway = await world.newcomer({ store: disk.store }, folder).up()
    const creds = await gateway.fingerprint()
    disk.full()
    gateway.sockets.at(-1)?.ev.emit('creds.update', { accountSyncCounter: 5 })
    await gateway.until(() => gateway.line.status.userAction === 'check-disk')
    expect(await gateway.fingerprint()).toBe(creds)
    disk.well()
  })

  test('11: an account that is idle is not restarted for its silence', async () => {
    const gateway = await world.gateway({ policy: { liveness: { silenceMs: 60, probeTimeoutMs: 2_000 } } })
    await gateway.up()
    const pinged = new Promise<void>((resolve) => {
      let frames = 0
      gateway.sockets.at(-1)?.ws.on('message', () => ++frames > 5 && resolve())
    })
    await gateway.soon(pinged, 'the answers to pings')
    expect(gateway.sockets.length).toBe(1)
    expect(gateway.state).toBe('healthy')
  })

  test('17: a QR window that ran out is no outage', async () => {
    const gateway = world.newcomer({ connect: (given) => world.socket(given, { qrTimeout: 30 }) })
    await gateway.start()
    await gateway.until(() => gateway.sockets.length >= 2 && gateway.line.status.qr !== undefined)
    expect(gateway.told).not.toContain('outage')
    expect(gateway.line.status.userAction).toBe('scan-code')
  })

  test('18: an outdated client is held, the cure is named, the credentials stay', async () => {
    const gateway = await world.gateway()
    const creds = await gateway.fingerprint()
    world.server.onNextLogin(faults.outdated, { account: gateway.number })
    await gateway.start()
    const status = await gateway.until('blocked')
    expect(status).toMatchObject({ userAction: 'update-client', remediation: expect.stringContaining('version') })
    expect(gateway.notices.find(({ kind }) => kind === 'blocked')?.message).toContain('client version')
    expect(await gateway.fingerprint()).toBe(creds)
  })

  test('19: credentials that WhatsApp refuses twice are not dialled with again', async () => {
    const gateway = await world.gateway({ connect: (given) => world.socket(given, { qrTimeout: 40 }) })
    const before = world.server.logins(gateway.number).length
    world.server.onNextLogin(faults.loggedOut, { account: gateway.number, times: 2 })
    await gateway.start()
    // Long after the refusal, as codes go: none of the sockets that were opened since has tried to log in.
    await gateway.until(() => gateway.codes.length > 8)
    expect(world.server.logins(gateway.number).length - before).toBeLessThanOrEqual(2)
    expect(gateway.sockets.length).toBeLessThanOrEqual(4)
    expect(gateway.line.status.userAction).toBe('scan-code')
  })

  test('21: two who ask for a code at once share one pairing', async () => {
    const gateway = await (await world.gateway()).up()
    await Promise.all([gateway.line.relink(), gateway.line.relink()])
    await gateway.until(() => gateway.codes.length > 0)
    expect(gateway.sockets.length).toBe(2)
    await world.scan(gateway)
    await gateway.until('healthy')
  })

  test('23: an outage is told once, and its end too; a throwing channel harms nobody', async () => {
    const told: string[] = []
    const gateway = await world.gateway({
      notify: [
        () => {
          throw new Error('the mail server is down')
        },
        ({ kind }) => told.push(kind),
      ],
    })
    await gateway.up()
    await world.server.unplug()
    await gateway.until(() => told.includes('outage'))
    await world.server.plug()
    await gateway.until(() => told.includes('recovered'))
    expect(told).toEqual(['outage', 'recovered'])
  })
})
