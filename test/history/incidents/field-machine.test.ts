import { describe, expect, test } from 'vitest'
import { Rig } from '../../machines/rig.ts'
import { cause } from '../../machines/world.ts'
import { slow } from '../../share.ts'

const minute = 60_000
const hour = 60 * minute

describe('incidents that the statechart alone meets', () => {
  test('2: no DNS yet at boot: the first connect that fails is as transient as any other', async () => {
    const rig = new Rig()
    rig.world.net = false
    await rig.start()
    await rig.until('reconnecting', minute)
    expect(rig.status).toMatchObject({ userAction: 'none', message: expect.stringContaining('network') })
    await rig.advance(10 * hour)
    rig.world.net = true
    await rig.until('healthy', 20 * minute)
  })

  test('3: an outage longer than the fast ladder goes over to a slow cadence that never ends', {
    tags: [slow],
  }, async () => {
    const rig = await new Rig().healthy()
    rig.world.net = false
    rig.world.close(cause('network'))
    await rig.advance(4 * minute)
    const before = rig.world.opened.length
    await rig.advance(7 * 24 * hour)
    const tries = rig.world.opened.length - before
    expect(tries).toBeGreaterThan((7 * 24 * hour) / (15 * minute) - 10)
    expect(rig.status.message).toContain('every few minutes, without end')
    expect(rig.status.nextAttemptAt).toBeGreaterThanOrEqual(rig.clock.wall())
    rig.world.net = true
    await rig.until('healthy', 16 * minute)
  })

  test('4: an outer restart does not reset the retry budget', async () => {
    const rig = new Rig()
    rig.world.net = false
    await rig.start()
    await rig.until(() => rig.context.delay?.cadence === 'slow', hour)
    for (let round = 0; round < 5; round += 1) {
      await rig.crash()
      await rig.advance(5_000)
      expect(rig.context.delay?.cadence).toBe('slow')
    }
  })

  test('5: a new socket is opened only after the old one has closed or its fence is shut', async () => {
    const rig = await new Rig().healthy()
    rig.world.closeMs = 30_000
    for (let round = 0; round < 10; round += 1) {
      rig.world.close(cause('link-lost'))
      await rig.until('connecting', 5 * minute)
      expect(rig.world.unfenced.length).toBeLessThanOrEqual(1)
      await rig.until('healthy', minute)
    }
    expect(rig.world.violations).toEqual([])
  })

  test('9: the 515 after the scan belongs to the machine, and the login does not hang', async () => {
    const rig = new Rig()
    rig.world.creds = 'absent'
    rig.world.scansAfterMs = 10_000
    await rig.start()
    await rig.until('healthy', 12_000)
    expect(rig.context.closes.map(({ cause: { kind } }) => kind)).toEqual(['restart-required'])
  })

  test('12: a state that says reconnecting has a timer or a service in it, at every moment', async () => {
    const rig = await new Rig().healthy()
    rig.world.net = false
    rig.world.close(cause('network'))
    for (let step = 0; step < 400; step += 1) {
      if (rig.status.state === 'reconnecting') expect(rig.timers + rig.children.length).toBeGreaterThan(0)
      await rig.advance(777)
    }
  })

  test('15: a host that slept drops its dead link at once and dials again without a charge', async () => {
    const rig = await new Rig().healthy()
    await rig.advance(2 * minute)
    rig.clock.wallOffset += 8 * hour
    rig.send({ type: 'liveness.lost', generation: 1, cause: cause('slept') })
    await rig.until('healthy', 1_000)
    expect(rig.status).toMatchObject({ attempt: 0, generation: 2 })
  })

  test('17: a QR window that runs out is no outage: a new one opens, and after five it rests', async () => {
    const rig = new Rig()
    rig.world.creds = 'absent'
    await rig.start()
    await rig.until(() => rig.context.pair.windows === 1, 5 * minute)
    const over = rig.clock.now()
    await rig.until(() => rig.status.qr !== undefined, minute)
    expect(rig.clock.now() - over).toBeLessThan(1_000)
    await rig.until(() => rig.state === 'awaitingQr.resting', hour)
    expect(rig.status).toMatchObject({ attempt: 0, userAction: 'scan-code' })
  })

  test('18: a client version that is no longer accepted is held, its cure is named, and the credentials stay', async () => {
    const rig = new Rig()
    rig.world.login = cause('outdated', { code: 405 })
    await rig.start()
    await rig.until('blocked', minute)
    expect(rig.status).toMatchObject({ userAction: 'update-client', remediation: expect.stringContaining('Update') })
    const looks = () => rig.world.opened.length
    // After 1, 5 and 15 min, then hourly.
    await rig.advance(0.1 * minute)
    for (const [at, wait] of [1, 5, 15, 60, 60].entries()) {
      await rig.advance((wait - 0.2) * minute)
      expect(looks()).toBe(at + 1)
      await rig.advance(0.2 * minute)
      expect(looks()).toBe(at + 2)
    }
    rig.world.login = undefined
    await rig.until('healthy', hour + minute)
    expect(rig.world.credsChanges).toEqual([])
  })

  test('19: a 401 that a second login confirms stops the dialling with these credentials', async () => {
    const rig = new Rig()
    rig.world.login = cause('logged-out', { code: 401 })
    await rig.start()
    await rig.advance(24 * hour)
    expect(rig.world.opened.filter(({ auth }) => auth === 'account')).toHaveLength(2)
    expect(rig.world.creds).toBe('good')
  })
})
