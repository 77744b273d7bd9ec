import { describe, expect, test } from 'vitest'
import { places, rigAt } from './places.ts'
import { Rig } from './rig.ts'
import { cause, expectedNumber } from './world.ts'

const minute = 60_000
const hour = 60 * minute
const running = places.filter((place) => place !== 'stopped.idle')

describe('stop', () => {
  test.for(places)('from %s ends within 5 s and leaves no timer, service or socket', async (place) => {
    const rig = await rigAt(place)
    rig.send({ type: 'stop' })
    await rig.until(() => rig.state === 'stopped.idle', 5_000)
    expect(rig.timers).toBe(0)
    expect(rig.children).toEqual([])
    expect(rig.world.sockets.filter(({ attached }) => attached)).toEqual([])
    const { length } = rig.path
    await rig.advance(48 * hour)
    expect(rig.path).toHaveLength(length)
    expect(rig.status).toMatchObject({ state: 'stopped', userAction: 'none' })
  })

  test.for(running)('and start right after it, from %s, begin a new run', async (place) => {
    const rig = await rigAt(place)
    rig.world.heal()
    rig.world.creds = 'good'
    rig.world.staging = 'none'
    rig.send({ type: 'stop' })
    rig.send({ type: 'start' })
    await rig.until('healthy', minute)
    expect(rig.world.violations).toEqual([])
  })

  test('a stop while a stop is under way, and one of a stopped actor, change nothing', async () => {
    const rig = await new Rig().healthy()
    rig.send({ type: 'stop' })
    rig.send({ type: 'stop' })
    await rig.until(() => rig.state === 'stopped.idle', 5_000)
    const { length } = rig.path
    rig.send({ type: 'stop' })
    await rig.advance(minute)
    expect(rig.path).toHaveLength(length)
  })

  test('a start is withdrawn by a stop while the last run still ends', async () => {
    const rig = await new Rig().healthy()
    rig.world.closeMs = 1_500
    rig.send({ type: 'stop' })
    rig.send({ type: 'start' })
    rig.send({ type: 'stop' })
    await rig.advance(minute)
    expect(rig.state).toBe('stopped.idle')
  })

  test('a start after a stop whose socket could not be shut off shuts it off before anything else', async () => {
    const rig = await new Rig().healthy()
    rig.world.failing.closeSocket = 3
    rig.send({ type: 'stop' })
    await rig.until(() => rig.state === 'stopped.idle', 5_000)
    rig.send({ type: 'start' })
    await rig.until('healthy', minute)
    expect(rig.world.violations).toEqual([])
  })

  test('stop does not wait for a fence that cannot be shut', async () => {
    const rig = await new Rig().healthy()
    rig.world.failing.closeSocket = 1_000
    rig.send({ type: 'stop' })
    await rig.until(() => rig.state === 'stopped.idle', 5_000)
  })
})

describe('start', () => {
  test('shows codes again, though nobody scanned for so many windows that the run before had come to rest', async () => {
    const rig = await rigAt('awaitingQr.resting')
    rig.send({ type: 'stop' })
    await rig.until(() => rig.state === 'stopped.idle', 5_000)
    expect(rig.context.pair.windows).toBeGreaterThan(0)
    rig.send({ type: 'start' })
    await rig.until(() => rig.status.qr !== undefined, minute)
  })

  test('says nothing of a number that scanned in the run before', async () => {
    const rig = await rigAt('awaitingQr.undoing.discarding')
    rig.world.scannedBy = expectedNumber
    rig.world.scansAfterMs = undefined
    rig.world.letGo()
    await rig.until(() => rig.status.qr !== undefined, minute)
    expect(rig.context.pair.stranger).toBeDefined()
    rig.send({ type: 'stop' })
    await rig.until(() => rig.state === 'stopped.idle', 5_000)
    rig.send({ type: 'start' })
    expect(rig.context.pair.stranger).toBeUndefined()
  })

  test('takes the first 440 for one that may have been an accident, though the run before was looking whether another client is gone', async () => {
    const rig = await rigAt('conflicted.waiting')
    rig.world.hangs.prepareAuth = true
    await rig.until(() => rig.context.conflictProbe, 2 * hour)
    rig.send({ type: 'stop' })
    await rig.until(() => rig.state === 'stopped.idle', 5_000)
    rig.world.hangs.prepareAuth = false
    rig.send({ type: 'start' })
    expect(rig.context.conflictProbe).toBe(false)
    await rig.until(() => rig.state === 'reconnecting.waiting', minute)
  })
})

describe('relink', () => {
  const showing = running.filter((place) => !place.startsWith('awaitingQr'))
  test.for(showing)('from %s leads to a code, and the old credentials stay', async (place) => {
    const rig = await rigAt(place)
    rig.world.failing.closeSocket = 0
    rig.world.hangs.pruneSessions = false
    rig.world.hangs.prepareAuth = false
    rig.world.login = undefined
    rig.send({ type: 'relink' })
    rig.world.letGo()
    await rig.until(() => rig.status.qr !== undefined, minute)
    expect(rig.world.credsChanges).toEqual([])
    rig.world.close(cause('closed'))
    rig.world.scansAfterMs = 1_000
    await rig.until('healthy', minute)
    expect(rig.world.credsChanges).toEqual(['promote'])
    expect(rig.world.violations).toEqual([])
  })

  test('of a folder that belongs to another process waits until it is ours', async () => {
    const rig = new Rig()
    rig.world.owner = false
    await rig.start()
    rig.send({ type: 'relink' })
    await rig.advance(10 * minute)
    expect(rig.world.opened).toEqual([])
    rig.world.owner = true
    await rig.until(() => rig.status.qr !== undefined, 2 * minute)
  })
})

describe('reconnect', () => {
  const waiting = ['reconnecting.closing', 'reconnecting.waiting', 'conflicted.closing', 'conflicted.waiting']
  const held = [
    'blocked.closing',
    'blocked.holding',
    'blocked.awaitingPerson',
    'online.open.healthy',
    'online.connecting',
  ]
  test.for([...waiting, ...held, 'online.open.degraded.exhausted', 'awaitingQr.closing'])(
    'from %s dials at once',
    async (place) => {
      const rig = await rigAt(place)
      rig.world.heal()
      const before = rig.world.opened.length
      rig.send({ type: 'reconnect' })
      await rig.until(() => rig.world.opened.length > before, 100)
      await rig.until('healthy', minute)
      expect(rig.world.violations).toEqual([])
    },
  )

  test('says that it was asked for, not what closed the connection some days ago', async () => {
    const rig = await new Rig().healthy()
    rig.world.close(cause('network'))
    await rig.until('healthy', minute)
    rig.send({ type: 'reconnect' })
    expect(rig.status).toMatchObject({ state: 'reconnecting', message: 'A reconnect was asked for.' })
  })

  test('starts the ladder afresh', async () => {
    const rig = new Rig()
    rig.world.net = false
    await rig.start()
    await rig.advance(5 * hour)
    expect(rig.context.delay?.cadence).toBe('slow')
    await rig.until(() => rig.state === 'reconnecting.waiting', hour)
    rig.send({ type: 'reconnect' })
    await rig.until(() => rig.context.attempt === 1, minute)
    expect(rig.context.delay?.cadence).toBe('fast')
  })

  const heldBy = {
    banned: 'blocked.awaitingPerson',
    outdated: 'blocked.holding',
    replaced: 'conflicted.waiting',
  } as const
  test.for([
    ['reconnect', 'banned'],
    ['reconnect', 'outdated'],
    ['reconnect', 'replaced'],
    ['relink', 'banned'],
    ['relink', 'outdated'],
  ] as const)(
    'a %s, after the network was down and then the account was %s, counts no try of before',
    async ([type, kind]) => {
      const rig = new Rig()
      rig.world.net = false
      await rig.start()
      await rig.until(() => rig.context.attempt === 4, hour)
      rig.world.net = true
      rig.world.login = cause(kind)
      await rig.until(() => rig.state === heldBy[kind], hour)
      expect(rig.context.attempt).toBeGreaterThan(1)
      rig.send({ type })
      expect(rig.context).toMatchObject({ attempt: 0, delay: { delayMs: 0 } })
    },
  )

  test('on an open link counts no try of before', async () => {
    const rig = new Rig()
    rig.world.net = false
    await rig.start()
    await rig.until(() => rig.context.attempt === 4, hour)
    rig.world.net = true
    await rig.until(() => rig.state === 'online.open.healthy', hour)
    expect(rig.context.attempt).toBe(4)
    rig.send({ type: 'reconnect' })
    expect(rig.context).toMatchObject({ attempt: 0, delay: { delayMs: 0 } })
  })
})
