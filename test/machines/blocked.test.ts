import { expect, test } from 'vitest'
import { Rig } from './rig.ts'
import { cause } from './world.ts'

const minute = 60_000
const hour = 60 * minute
const kinds = (rig: Rig): string[] => rig.notices.map(({ kind }) => kind)

test.for([
  ['locked', 'ask-whatsapp'],
  ['banned', 'ask-whatsapp'],
] as const)('an account that is %s waits for a person and for nothing else', async ([kind, userAction]) => {
  const rig = new Rig()
  rig.world.login = cause(kind)
  await rig.start()
  await rig.until('blocked', minute)
  await rig.advance(48 * hour)
  expect(rig.world.opened).toHaveLength(1)
  expect(rig.status.userAction).toBe(userAction)
  expect(kinds(rig)).toEqual(['blocked'])
  rig.world.login = undefined
  rig.send({ type: 'reconnect' })
  await rig.until('healthy', minute)
})

test('a client that is too old looks again after 1, 5 and 15 min, then every hour, with the version in the words', async () => {
  const rig = new Rig()
  rig.world.login = cause('outdated', { code: 405, detail: '2.3000.1' })
  await rig.start()
  await rig.until('blocked', minute)
  expect(rig.status.message).toBe('WhatsApp no longer accepts this client version, 2.3000.1.')
  const waits: number[] = []
  for (let look = 0; look < 5; look += 1) {
    waits.push(Math.round(((rig.status.nextAttemptAt ?? 0) - rig.clock.wall()) / minute))
    await rig.until('connecting', 2 * hour)
    await rig.until('blocked', minute)
  }
  expect(waits).toEqual([1, 5, 15, 60, 60])
  await rig.until('connecting', 2 * hour)
  rig.world.login = undefined
  await rig.until('healthy', 2 * hour)
  await rig.advance(5 * hour)
  rig.world.login = cause('outdated')
  rig.world.close(cause('closed'))
  await rig.until('blocked', minute)
  expect(rig.context.block?.holdMs).toBe(minute)
  expect(rig.world.credsChanges).toEqual([])
})

test.for(['configuration'] as const)(
  'a client that is refused as %s looks again every hour, and keeps its credentials',
  async (kind) => {
    const rig = new Rig()
    rig.world.login = cause(kind)
    await rig.start()
    await rig.until('blocked', minute)
    expect(rig.status).toMatchObject({ userAction: 'update-client', nextAttemptAt: rig.clock.wall() + hour })
    await rig.advance(10 * hour)
    expect(rig.world.opened.length).toBeGreaterThanOrEqual(10)
    expect(rig.world.opened.length).toBeLessThanOrEqual(11)
    rig.world.login = undefined
    await rig.until('healthy', 2 * hour)
    expect(rig.world.credsChanges).toEqual([])
  },
)

test('a ban is held to its end, over a restart and over disk trouble during the restart', async () => {
  const rig = new Rig()
  rig.world.login = cause('temporary-ban', { code: 402, expiresInMs: 30 * hour })
  await rig.start()
  await rig.until('blocked', minute)
  await rig.advance(2 * hour)
  rig.world.disk = 'full'
  await rig.crash()
  expect(rig.status).toMatchObject({ state: 'blocked', userAction: 'wait' })
  rig.world.disk = 'well'
  await rig.advance(27 * hour)
  expect(rig.world.opened).toHaveLength(1)
  rig.world.login = undefined
  await rig.until('healthy', 2 * hour)
})

test.for([0, -5, Number.NaN, Number.POSITIVE_INFINITY, undefined, 1])(
  'a ban whose length is given as %s is neither endless nor knocked on without a pause',
  async (expiresInMs) => {
    const rig = new Rig()
    rig.world.login = cause('temporary-ban', { code: 402, ...(expiresInMs === undefined ? {} : { expiresInMs }) })
    await rig.start()
    await rig.advance(10 * minute)
    expect(rig.world.opened.length).toBeLessThanOrEqual(21)
    rig.world.login = undefined
    await rig.until('healthy', hour)
  },
)

test('a ban of months is held in steps that no timer overflows', async () => {
  const rig = new Rig()
  rig.world.login = cause('temporary-ban', { expiresInMs: 90 * 24 * hour })
  await rig.start()
  await rig.advance(89 * 24 * hour)
  expect(rig.world.opened).toHaveLength(1)
  rig.world.login = undefined
  await rig.until('healthy', 26 * hour)
})

test.for([
  ['an hour', hour],
  ['thirty hours', 30 * hour],
] as const)('a ban of %s lasts no longer when the clock is set back meanwhile, also over a restart', async ([, ms]) => {
  for (const restarted of [false, true]) {
    const rig = new Rig()
    rig.world.login = cause('temporary-ban', { code: 402, expiresInMs: ms })
    await rig.start()
    await rig.until('blocked', minute)
    await rig.advance(minute)
    rig.clock.wallOffset -= 400 * 24 * hour
    if (restarted) {
      rig.send({ type: 'stop' })
      await rig.until('stopped', minute)
      await rig.crash()
    }
    await rig.advance(ms - 3 * minute)
    expect(rig.world.opened).toHaveLength(1)
    rig.world.login = undefined
    await rig.until('healthy', 10 * minute)
  }
})

test('disk trouble when the folder is opened ends by itself, and the status names it', async () => {
  const rig = new Rig()
  rig.world.disk = 'full'
  await rig.start()
  expect(rig.status).toMatchObject({ state: 'blocked', userAction: 'check-disk' })
  await rig.advance(5 * minute)
  rig.world.disk = 'well'
  await rig.until('healthy', minute)
})

test('a write that fails while connected is shown and ends nothing', async () => {
  const rig = await new Rig().healthy()
  rig.send({ type: 'disk.trouble', message: 'ENOSPC' })
  expect(rig.status).toMatchObject({ state: 'healthy', userAction: 'check-disk' })
  expect(rig.status.message).toContain('ENOSPC')
  rig.send({ type: 'disk.well' })
  expect(rig.status).toMatchObject({ state: 'healthy', userAction: 'none', message: 'Connected.' })
})

test('a folder that belongs to another process is left alone until it is free', async () => {
  const rig = new Rig()
  rig.world.owner = false
  await rig.start()
  expect(rig.status).toMatchObject({ state: 'blocked', userAction: 'check-other-client' })
  await rig.advance(10 * minute)
  expect(rig.world.opened).toEqual([])
  rig.world.owner = true
  await rig.until('healthy', 2 * minute)
})
