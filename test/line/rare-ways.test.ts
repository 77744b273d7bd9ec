// @module-tag slow

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AuthStoreErrorCode } from '../../src/errors/errors.ts'
import { type Fault, faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { shareOf } from '../share.ts'
import { BrittleStore } from './brittle-store.ts'
import type { GatewayOptions } from './gateway.ts'
import { Walker } from './walker.ts'
import { lines, World } from './world.ts'

vi.setConfig({ testTimeout: 120_000 })

const strangers = '491700000999'
const failing = { level: 'failing', suspected: true, addresses: ['4915.0'], curable: ['4915.0'], messages: 3 } as const

type Act = (walker: Walker, world: World) => unknown

const shows: Act = async ({ gateway }) => {
  await gateway.line.relink()
  await gateway.until(() => gateway.line.status.qr !== undefined)
}
const scans: Act = async (walker, world) => {
  await shows(walker, world)
  await world.scan(walker.gateway)
}
const strangerScans: Act = async (walker, world) => {
  await shows(walker, world)
  await world.server.phone(strangers).scan(walker.gateway.line.status.qr?.code ?? '')
}
const conflicts: Act = async ({ gateway }, world) => {
  world.server.now(faults.replaced, gateway.number)
  await gateway.next('healthy')
  world.server.now(faults.replaced, gateway.number)
  await gateway.until('conflicted')
}
const isLocked: Act = async ({ gateway }, world) => {
  world.server.onNextLogin(faults.locked, { account: gateway.number })
  await gateway.line.reconnect()
  await gateway.until('blocked')
}
/** The network goes while a code is on show, and comes back when it has been noticed. */
const losesTheNetwork: Act = async (walker, world) => {
  await shows(walker, world)
  await world.server.unplug()
  await walker.through('awaitingQr.waiting.retrying')
}
const asksForEight: Act = (one) => one.send({ type: 'pairing.request', phone: one.gateway.number })
const prunes: Act = ({ gateway }) => gateway.line.prune('all').catch(() => undefined)
const reconnects: Act = ({ gateway }) => gateway.line.reconnect()

describe('ways of the statechart that are taken once in a blue moon', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open(lines[0]?.baileys)
    await world.linkedFolder()
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  const walker = async (options: GatewayOptions = {}): Promise<Walker> => {
    const folder = await world.linkedFolder()
    const brittle = new BrittleStore(folder)
    return new Walker(
      world.newcomer(
        {
          ...options,
          store: brittle.store,
          policy: {
            ...options.policy,
            reconnect: { closeTimeoutMs: 150, ...options.policy?.reconnect },
            conflict: { probeMs: 300 },
          },
        },
        folder,
      ),
      brittle,
    ).up()
  }
  /** Nothing goes wrong any more, and somebody says so wherever one is asked. */
  const heals = async ({ gateway }: Walker) => {
    world.server.clear()
    await world.server.plug()
    const settle = () => {
      if (gateway.state !== 'healthy') gateway.line.reconnect().catch(() => undefined)
    }
    settle()
    const off = gateway.line.on('status', ({ state }) => {
      if (['awaitingQr', 'blocked', 'conflicted'].includes(state)) settle()
    })
    await gateway.until('healthy')
    off()
    expect(gateway.overlaps).toBe(0)
  }

  const unshut: readonly [string, Act, GatewayOptions?][] = [
    ['pruningSessions', prunes],
    ['reconnecting', reconnects],
    ['awaitingQr', shows],
    ['awaitingQr.waiting', losesTheNetwork],
    ['awaitingQr.promoting', scans],
    ['awaitingQr.undoing', strangerScans, { expectedNumber: '491700000001' }],
    ['conflicted', conflicts],
    ['blocked', isLocked],
  ]
  test.each(shareOf(unshut, 2))(
    'in %s a socket that cannot be shut off is tried again, and no other is opened before',
    async (place, act, options) => {
      const one = await walker(options)
      let made = 0
      one.at(`${place}.closing`, () => one.brittle.sticks())
      one.at(`${place}.unshut`, () => {
        made = one.gateway.sockets.length
      })
      const again = new Promise<number>((resolve) => {
        one.at(`${place}.unshut`, () => one.at(`${place}.closing`, () => resolve(one.gateway.sockets.length)))
      })
      const acted = act(one, world)
      expect(await one.gateway.soon(again, 'the second try')).toBe(made)
      await acted
      await heals(one)
    },
  )

  test('a socket that cannot be shut off does not keep the account from stopping, nor from starting again', async () => {
    const one = await walker()
    one.brittle.sticks()
    await one.gateway.line.stop()
    expect(one.gateway.state).toBe('stopped')
    await one.gateway.up()
    expect(one.gateway.overlaps).toBe(0)
  })

  const taken = 'AUTH_STORE_NOT_OWNED'
  const disk = 'AUTH_STORE_DISK'
  const creds = 'AUTH_STORE_CREDS_UNREADABLE'
  const stranger: GatewayOptions = { expectedNumber: '491700000001' }
  const failures: readonly [
    string,
    Parameters<BrittleStore['fails']>[0],
    AuthStoreErrorCode,
    string,
    Act,
    GatewayOptions?,
  ][] = [
    ['preparing', 'inspect', taken, 'blocked', reconnects],
    ['connecting', 'open', disk, 'blocked', reconnects],
    ['connecting', 'open', creds, 'reconnecting', reconnects],
    ['pruning', 'quarantine', taken, 'blocked', prunes],
    ['pruning', 'quarantine', creds, 'reconnecting', prunes],
    ['staging', 'openStaging', taken, 'blocked', ({ gateway }) => gateway.line.relink()],
    ['staging', 'openStaging', disk, 'blocked', ({ gateway }) => gateway.line.relink()],
    ['promoting', 'promoteStaging', taken, 'blocked', scans],
    ['promoting', 'promoteStaging', disk, 'blocked', scans],
    ['undoing', 'discardStaging', taken, 'blocked', strangerScans, stranger],
    ['undoing', 'discardStaging', disk, 'blocked', strangerScans, stranger],
  ]
  test.each(shareOf(failures, 3))(
    'while %s, %s that fails with %s leads to %s, and the credentials stay',
    async (_, method, code, state, act, options) => {
      const one = await walker(options)
      const identity = await one.gateway.identity()
      one.brittle.fails(method, code)
      const acted = act(one, world)
      await one.through(state)
      await acted
      expect(await one.gateway.identity()).toBe(identity)
      await heals(one)
    },
  )

  test('taken over while a code is on show, it shows none any more', async () => {
    const one = await walker()
    await shows(one, world)
    one.brittle.lose()
    const { userAction, qr } = await one.gateway.until('blocked')
    expect({ userAction, qr }).toEqual({ userAction: 'check-other-client', qr: undefined })
    await heals(one)
  })

  test('a new session that cannot be asked for is watched all the same', async () => {
    const one = await walker()
    one.brittle.fails('copyAside', disk)
    one.send({ type: 'evidence.changed', evidence: failing })
    await one.through('online.open.degraded.watching')
    expect(one.gateway.line.socket?.ws.isOpen).toBe(true)
    await heals(one)
  })

  test('a stranger whose device cannot be logged out is told of as still linked', async () => {
    const one = await walker(stranger)
    one.at('awaitingQr.undoing', () => world.server.now({ kind: 'reset', at: 'login' }, strangers))
    await strangerScans(one, world)
    await one.gateway.until(() => one.gateway.notices.some(({ details }) => details.unlinked === false))
    await heals(one)
  })

  const presses: readonly [string, string, Act, Act, string][] = [
    ['reconnecting', 'reconnect', (_, world) => world.server.unplug(), reconnects, 'preparing'],
    [
      'reconnecting',
      'relink',
      (_, world) => world.server.unplug(),
      ({ gateway }) => gateway.line.relink(),
      'awaitingQr',
    ],
    ['conflicted', 'relink', conflicts, ({ gateway }) => gateway.line.relink(), 'awaitingQr.pairing.showing'],
    ['conflicted', 'nothing', conflicts, () => undefined, 'online.open.healthy'],
    ['blocked', 'relink', isLocked, ({ gateway }) => gateway.line.relink(), 'awaitingQr.pairing.showing'],
    ['awaitingQr.waiting', 'relink', losesTheNetwork, (one) => one.send({ type: 'relink' }), 'awaitingQr.staging'],
  ]
  test.each(shareOf(presses, 2))('in %s, %s does what it does elsewhere', async (place, _, arrange, press, leads) => {
    const one = await walker()
    await arrange(one, world)
    await one.through(place === 'reconnecting' ? 'reconnecting.waiting' : place)
    one.places.length = 0
    await press(one, world)
    await one.through(leads)
    await heals(one)
  })

  const wishes: readonly [string, string, Act, Act, string][] = [
    ['preparing', 'a code', reconnects, (one) => one.send({ type: 'relink' }), 'awaitingQr.pairing.showing'],
    ['preparing', 'eight characters', reconnects, asksForEight, 'online.open.healthy'],
    ['pruningSessions', 'a code', prunes, (one) => one.send({ type: 'relink' }), 'awaitingQr.pairing.showing'],
    ['awaitingQr.pairing.showing', 'eight characters', shows, asksForEight, 'awaitingQr.closing'],
    ['awaitingQr.waiting.retrying', 'eight characters', losesTheNetwork, asksForEight, 'awaitingQr.staging'],
    ['awaitingQr.promoting', 'the old credentials', scans, (one) => one.send({ type: 'reconnect' }), 'preparing'],
  ]
  test.each(shareOf(wishes, 2))(
    'asked in %s for %s, it finishes what it is at and then does so',
    async (place, _, act, press, leads) => {
      const one = await walker()
      const pressed = new Promise<void>((resolve) => {
        one.at(place, () => {
          one.places.length = 0
          press(one, world)
          resolve()
        })
      })
      await act(one, world)
      await one.gateway.soon(pressed, place)
      await one.through(leads)
      await heals(one)
    },
  )

  test('asked for the old credentials while the device of a stranger is being logged out, it logs it out first', async () => {
    const one = await walker(stranger)
    const linked = world.server.phone(strangers).devices().length
    one.at('awaitingQr.undoing', () => {
      one.places.length = 0
      one.send({ type: 'reconnect' })
    })
    await strangerScans(one, world)
    await one.through('awaitingQr.undoing.discarding')
    await one.through('awaitingQr.pairing.showing')
    expect(world.server.phone(strangers).devices().length).toBe(linked)
    await heals(one)
  })

  test.each<[string, Fault, string]>([
    ['a client version that is too old', faults.outdated, 'blocked'],
    ['a logout', faults.loggedOut, 'awaitingQr.waiting'],
    ['silence', { kind: 'silence', at: 'hello' }, 'awaitingQr.waiting'],
  ])('%s in answer to a client that wants to be linked', async (_, fault, leads) => {
    const one = await walker({ policy: { reconnect: { connectTimeoutMs: 1_500 } } })
    one.at('awaitingQr.pairing', () => world.server.onNextLogin(fault))
    await one.gateway.line.relink()
    await one.through(leads)
    await heals(one)
  })

  test('a stream that is refused while a code is on show brings another code after a pause', async () => {
    const one = await walker()
    await shows(one, world)
    world.server.now(faults.streamError516)
    await one.through('awaitingQr.waiting.retrying')
    await one.through('awaitingQr.staging')
    await heals(one)
  })

  test.each<[string, Act, string]>([
    ['is asked for a code', (one) => one.send({ type: 'relink' }), 'awaitingQr.pairing.showing'],
    ['is asked for eight characters', asksForEight, 'awaitingQr.staging'],
    ['is asked for nothing', () => undefined, 'preparing'],
  ])('when nobody scans for a window it rests, until it %s or looks for itself', async (_, press, leads) => {
    const one = await walker({
      policy: { pairing: { windows: 1 } },
      connect: (given) => world.socket(given, { qrTimeout: 30 }),
    })
    await one.gateway.line.relink()
    await one.through('awaitingQr.resting')
    one.places.length = 0
    await press(one, world)
    await one.through(leads)
    await heals(one)
  })

  test('sessions that were set aside and give no more trouble are looked at once, and then no more', async () => {
    let looked: () => void = () => undefined
    const over = new Promise<void>((resolve) => {
      looked = resolve
    })
    const one = await walker({
      policy: { prune: { verifyMs: 100 } },
      inspect: (event) => {
        if (event.type === '@xstate.microstep' && event.event.type.includes('verify')) looked()
      },
    })
    await one.gateway.line.prune('all')
    await one.gateway.soon(over, 'the look at what was pruned')
    expect(one.gateway.state).toBe('healthy')
    await heals(one)
  })
})
