import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { LifelineError } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { TroubledDisk } from './stores.ts'
import { World } from './world.ts'

describe('a disk in trouble', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  const troubled = async () => {
    const folder = await world.linkedFolder()
    const disk = new TroubledDisk(folder)
    return { disk, gateway: world.newcomer({ store: disk.store }, folder) }
  }

  test.each(['ENOSPC', 'EROFS', 'EIO'])(
    '%s while connected is shown, the connection stays, and the credentials are saved as soon as it is over',
    async (errno) => {
      const { disk, gateway } = await troubled()
      await gateway.up()
      const creds = await gateway.fingerprint()
      disk.full(errno)
      gateway.sockets.at(-1)?.ev.emit('creds.update', { accountSyncCounter: 4_711 })
      const status = await gateway.until(() => gateway.line.status.userAction === 'check-disk')
      expect(status).toMatchObject({ state: 'healthy' })
      expect(status.message).toContain(errno)
      expect(await gateway.fingerprint()).toBe(creds)
      disk.well()
      await gateway.until(() => gateway.line.status.userAction === 'none')
      await expect.poll(() => gateway.creds()).toContain('"accountSyncCounter":4711')
      expect(gateway.sockets.length).toBe(1)
    },
  )

  test('a full disk over a reconnect costs nothing but the warning', async () => {
    const { disk, gateway } = await troubled()
    await gateway.up()
    const creds = await gateway.fingerprint()
    disk.full()
    world.server.now(faults.serviceUnavailable, gateway.number)
    await gateway.until(() => gateway.state === 'healthy' && gateway.sockets.length === 2)
    expect(gateway.line.status.userAction).toBe('check-disk')
    expect(await gateway.fingerprint()).toBe(creds)
    disk.well()
    await gateway.line.reconnect()
    await gateway.until(() => gateway.state === 'healthy' && gateway.line.status.userAction === 'none')
  })

  test('credentials that cannot be read for a while are waited for, and never replaced', async () => {
    const { disk, gateway } = await troubled()
    await gateway.up()
    const creds = await gateway.fingerprint()
    disk.fails((operation, path) => (operation === 'readFile' && path.endsWith('creds.json') ? 'EIO' : undefined))
    world.server.now(faults.serviceUnavailable, gateway.number)
    const { userAction } = await gateway.until('blocked')
    expect(userAction).toBe('check-disk')
    disk.well()
    await gateway.until('healthy')
    expect(await gateway.fingerprint()).toBe(creds)
    expect(gateway.path).not.toContain('awaitingQr')
  })

  test('a prune that the disk refuses leaves the sessions, says so, and the connection comes back', async () => {
    const { disk, gateway } = await troubled()
    await gateway.up()
    await world.friends(gateway, ['someone'])
    disk.fails((operation, path) => (operation === 'rename' && path.includes('session-') ? 'EACCES' : undefined))
    await gateway.line.prune('all').catch(() => undefined)
    await gateway.until('blocked')
    disk.well()
    await gateway.until('healthy')
    expect(world.server.peak(gateway.number)).toBe(1)
  })

  test.each(['EACCES', 'EROFS', 'ENOSPC'])(
    'a folder that answers %s is refused at the start, with what to do, and can be started later',
    async (errno) => {
      const { disk, gateway } = await troubled()
      disk.full(errno)
      await expect(gateway.line.start()).rejects.toSatisfy(
        (error) => error instanceof LifelineError && error.message.includes(errno) && error.remediation !== '',
      )
      expect(gateway.state).toBe('stopped')
      disk.well()
      await gateway.up()
    },
  )

  test('a disk that hangs does not keep stop() from ending within five seconds', async () => {
    const { disk, gateway } = await troubled()
    await gateway.up()
    const pass = disk.hang()
    void gateway.line.reconnect()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const began = performance.now()
    let isOver = false
    const stopped = gateway.line.stop().finally(() => (isOver = true))
    while (!isOver) {
      await vi.advanceTimersByTimeAsync(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await stopped
    expect(performance.now() - began).toBeLessThanOrEqual(5_000)
    expect(gateway.state).toBe('stopped')
    vi.useRealTimers()
    pass()
    await gateway.up()
  })
})
