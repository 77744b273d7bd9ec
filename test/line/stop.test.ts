import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { gate } from '../gate.ts'
import { inTurn } from '../share.ts'
import type { Gateway } from './gateway.ts'
import { storeWith } from './stores.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

/** What keeps the process alive, counted by kind. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    if (/Timeout|TCP|FSReq/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/**
 * What is left over beyond what was there before, once the event loop has come to rest: looked at turn by turn for at
 * most two seconds. Something may be there before: Baileys 7 leaves the timer of a pre-key upload running for 30 s.
 */
async function leftOver(before: Record<string, number>): Promise<string[]> {
  const until = performance.now() + 2_000
  const look = () => Object.entries(resources()).filter(([kind, count]) => count > (before[kind] ?? 0))
  while (look().length > 0 && performance.now() < until) await new Promise((resolve) => setImmediate(resolve))
  return look().map(([kind]) => kind)
}

type Arrange = (world: World) => Promise<{ readonly gateway: Gateway; readonly meanwhile?: () => void }>

const never = new Promise<never>(() => undefined)
const failing = { level: 'failing', suspected: true, addresses: ['4915.0'], curable: ['4915.0'], messages: 3 } as const

const situations: Readonly<Record<string, Arrange>> = {
  'before anything was started': async (world) => ({ gateway: await world.gateway() }),
  preparing: async (world) => {
    const folder = await world.linkedFolder()
    const store = fileAuthStore(folder)
    const slow = gate()
    const inspect: typeof store.inspect = async (options) => {
      await slow.wait()
      return store.inspect(options)
    }
    const gateway = world.newcomer({ store: storeWith(store, { inspect }) }, folder)
    await gateway.start()
    await slow.reached
    return { gateway, meanwhile: () => setTimeout(slow.pass, 50) }
  },
  'connecting, with a connect function that never resolves': async (world) => {
    let calls = 0
    const gateway = await world.gateway({ connect: (given) => (++calls === 1 ? never : world.socket(given)) })
    await gateway.start()
    await gateway.until('connecting')
    return { gateway }
  },
  'connecting, with a connect function that resolves only after the stop': async (world) => {
    let calls = 0
    const slow = gate()
    const gateway = await world.gateway({
      connect: async (given) => {
        if (++calls === 1) await slow.wait()
        return world.socket(given)
      },
    })
    await gateway.start()
    await slow.reached
    return { gateway, meanwhile: () => setTimeout(slow.pass, 30) }
  },
  'connecting to a server that never answers': async (world) => {
    world.server.onNextLogin({ kind: 'silence', at: 'hello' })
    const gateway = await world.gateway()
    const connected = world.server.next('connected')
    await gateway.start()
    await connected
    return { gateway }
  },
  'connecting while TCP is not up yet': async (world) => {
    world.server.onNextLogin({ kind: 'silence', at: 'upgrade' })
    const gateway = await world.gateway()
    await gateway.start()
    await gateway.until(() => gateway.sockets.length > 0)
    return { gateway }
  },
  healthy: async (world) => ({ gateway: await (await world.gateway()).up() }),
  'healthy, on a link that is dead': async (world) => {
    const gateway = await (await world.gateway()).up()
    world.server.now({ kind: 'half-open' }, gateway.number)
    return { gateway }
  },
  degraded: async (world) => {
    const gateway = await (await world.gateway()).up()
    gateway.line.actor?.send({ type: 'evidence.changed', evidence: failing })
    await gateway.until('degraded')
    return { gateway }
  },
  pruningSessions: async (world) => {
    const folder = await world.linkedFolder()
    const store = fileAuthStore(folder)
    const slow = gate()
    const quarantine: typeof store.quarantine = async (...args) => {
      await slow.wait()
      return store.quarantine(...args)
    }
    const gateway = world.newcomer({ store: storeWith(store, { quarantine }) }, folder)
    await gateway.up()
    gateway.line.prune('all').catch(() => undefined)
    await slow.reached
    return { gateway, meanwhile: () => setTimeout(slow.pass, 50) }
  },
  reconnecting: async (world) => {
    await world.server.unplug()
    const gateway = await world.gateway()
    await gateway.start()
    await gateway.until('reconnecting')
    return { gateway }
  },
  'awaitingQr, with a code on show': async (world) => {
    const gateway = world.newcomer()
    await gateway.start()
    await gateway.until(() => gateway.codes.length > 0)
    return { gateway }
  },
  conflicted: async (world) => {
    const gateway = await (await world.gateway()).up()
    world.server.now(faults.replaced)
    await gateway.next('healthy')
    world.server.now(faults.replaced)
    await gateway.until('conflicted')
    return { gateway }
  },
  'blocked for a person': async (world) => {
    const gateway = await world.gateway()
    world.server.onNextLogin(faults.locked, { account: gateway.number })
    await gateway.start()
    await gateway.until('blocked')
    return { gateway }
  },
  'stopping already': async (world) => {
    const gateway = await (await world.gateway()).up()
    return { gateway, meanwhile: () => void gateway.line.stop() }
  },
}

/**
 * Where the two lines differ: how a socket ends. v7's end() waits for its transport, v6 emits its close after end() has
 * returned. In the other situations there is no socket, or it is ended by the same step; they are run on one line.
 */
const differing = [
  'connecting, with a connect function that resolves only after the stop',
  'connecting to a server that never answers',
  'connecting while TCP is not up yet',
  'healthy',
  'healthy, on a link that is dead',
  'awaitingQr, with a code on show',
]

describe.each(today)('stop() with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test.each(name === 'v7' ? Object.keys(situations) : differing)(
    'while %s leaves nothing, and start() works again',
    async (situation) => {
      const before = resources()
      const { gateway, meanwhile } = (await situations[situation]?.(world)) ?? {}
      if (!gateway) throw new Error(situation)
      const began = performance.now()
      const stopped = gateway.line.stop()
      meanwhile?.()
      await stopped
      expect(performance.now() - began).toBeLessThan(5_000)
      expect(gateway.line.status).toMatchObject({ state: 'stopped', userAction: 'none' })
      expect(gateway.line.socket).toBeUndefined()
      await world.server.plug()
      world.server.clear()
      // A frozen connection does not hear that its client is gone.
      if (situation.includes('dead')) world.server.now({ kind: 'reset', at: 'login' })
      expect(await leftOver(before)).toEqual([])
      expect(world.server.connections).toEqual([])
      const lock = join(gateway.folder, '.lifeline', 'lock')
      expect(await readdir(lock).catch(() => [])).toEqual([])

      await gateway.start()
      await gateway.until(situation.startsWith('awaitingQr') ? () => gateway.codes.length > 1 : 'healthy')
      await gateway.line.stop()
    },
  )
})
