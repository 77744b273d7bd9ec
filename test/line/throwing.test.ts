import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AnyActorLogic, assign, fromCallback, fromPromise, raise } from 'xstate'
import { supervisedMachine } from '../../src/line/services/index.ts'
import type { Machine } from '../../src/line/supervisor.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { slow } from '../share.ts'
import type { Gateway } from './gateway.ts'
import { World } from './world.ts'

type Step = (...args: unknown[]) => unknown

/** Every part of the machine throws at its `nth` call, once, and does its work at all others. */
class Saboteur {
  readonly machine: Machine
  /** The parts that threw, in order. */
  readonly threw: string[] = []
  readonly #calls = new Map<string, number>()
  readonly #nth: number

  constructor(nth: number) {
    this.#nth = nth
    const { actions, guards, delays, actors } = supervisedMachine.implementations
    const all = (parts: object, wrap: (name: string, part: unknown) => unknown) =>
      Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, wrap(name, part)]))
    this.machine = supervisedMachine.provide({
      actions: all(actions, (name, part) => this.#action(name, part)),
      guards: all(guards, (name, part) => this.#plain(`guard ${name}`, part)),
      delays: all(delays, (name, part) => this.#plain(`delay ${name}`, part)),
      actors: all(actors, (name, part) => this.#actor(name, part)),
    } as Parameters<typeof supervisedMachine.provide>[0])
  }

  #maybe(name: string): void {
    const calls = (this.#calls.get(name) ?? 0) + 1
    this.#calls.set(name, calls)
    if (calls !== this.#nth) return
    this.threw.push(name)
    throw new Error(`${name} was sabotaged`)
  }

  #plain(name: string, part: unknown): Step {
    return (...args) => {
      this.#maybe(name)
      return typeof part === 'function' ? part(...args) : part
    }
  }

  #action(name: string, part: unknown): unknown {
    const assignment: unknown = Reflect.get(Object(part), 'assignment')
    const raised: unknown = Reflect.get(Object(part), 'event')
    if (typeof raised === 'function') return raise(this.#plain(`action ${name}`, raised) as Parameters<typeof raise>[0])
    if (assignment === undefined) return this.#plain(`action ${name}`, part)
    return assign((args: unknown, params: unknown) => {
      this.#maybe(`action ${name}`)
      if (typeof assignment === 'function') return assignment(args, params)
      const entries = Object.entries(Object(assignment))
      return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === 'function' ? value(args) : value]))
    })
  }

  #actor(name: string, part: unknown): AnyActorLogic {
    const work: Step = Reflect.get(Object(part), 'config')
    const run: Step = (...args) => {
      this.#maybe(`service ${name}`)
      return work(...args)
    }
    return ['openSocket', 'probe'].includes(name)
      ? (fromCallback(run as Parameters<typeof fromCallback>[0]) as AnyActorLogic)
      : fromPromise(run as Parameters<typeof fromPromise>[0])
  }
}

/** Through as many states as a day may bring. Where a person is asked for, one says that all is settled. */
async function aHardDay(world: World, gateway: Gateway): Promise<void> {
  const settle = () => {
    if (['blocked', 'awaitingQr', 'conflicted'].includes(gateway.state)) gateway.line.reconnect().catch(() => undefined)
  }
  const well = async () => {
    world.server.clear()
    const off = gateway.line.on('status', settle)
    settle()
    await gateway.until(() => gateway.state === 'healthy' && gateway.line.socket?.ws.isOpen === true)
    off()
  }
  const failing = {
    level: 'failing',
    suspected: true,
    addresses: ['4915.0'],
    curable: ['4915.0'],
    messages: 3,
  } as const
  await gateway.start()
  await well()
  for (const fault of [faults.serviceUnavailable, faults.replaced, faults.restartRequired, faults.streamError516]) {
    world.server.now(fault, gateway.number)
    await gateway.until(() => gateway.state !== 'healthy')
    await well()
  }
  for (const fault of [faults.banned, faults.loggedOut]) {
    world.server.onNextLogin(fault, { account: gateway.number, times: fault === faults.loggedOut ? 2 : 1 })
    const met = world.server.next('fault')
    await gateway.line.reconnect().catch(() => undefined)
    await gateway.soon(met, fault.kind)
    await well()
  }
  gateway.line.actor?.send({ type: 'evidence.changed', evidence: failing })
  await gateway.line.prune('all').catch(() => undefined)
  await well()
}

describe('what throws', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test.each([1, 3])(
    'supervision survives every action, guard, delay and service that throws at call %i',
    { tags: [slow] },
    async (nth) => {
      const saboteur = new Saboteur(nth)
      const gateway = await world.gateway({ internals: { machine: saboteur.machine, rebootMs: 1 } })
      await aHardDay(world, gateway)
      expect(world.server.peak(gateway.number)).toBe(1)
      await gateway.line.stop()
      expect(world.server.connections).toEqual([])
      expect(saboteur.threw.length).toBeGreaterThan(20)
    },
  )

  test.each(['throws', 'rejects'])('every callback of the owner that %s harms nothing', async (how) => {
    let calls = 0
    const bad = (): never => {
      calls += 1
      if (how === 'throws') throw Object.assign(new Error(), { message: undefined })
      return Promise.reject(Object.create(null)) as never
    }
    const logger = { level: 'trace', trace: bad, debug: bad, info: bad, warn: bad, error: bad, child: bad }
    const gateway = await world.gateway({
      notify: [bad, bad],
      inspect: bad,
      logger: { ...logger, child: () => logger },
    })
    for (const event of ['status', 'qr', 'notice', 'socket'] as const) gateway.line.on(event, bad)
    for (const event of ['connection.update', 'creds.update', 'messages.upsert'] as const)
      gateway.line.ev.on(event, bad)
    gateway.line.ev.process(bad)
    await gateway.up()
    const [friend] = await world.friends(gateway, ['someone'])
    world.server.now(faults.serviceUnavailable, gateway.number)
    await gateway.next('healthy')
    if (friend) await world.chat(gateway, friend)
    await gateway.line.stop()
    expect(calls).toBeGreaterThan(20)
    expect(gateway.line.history().some((entry) => entry.type === 'trouble')).toBe(true)
  })
})
