import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore, LifelineError } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { gate } from '../gate.ts'
import { inTurn } from '../share.ts'
import type { Socket } from './gateway.ts'
import { storeWith } from './stores.ts'
import { lines, World } from './world.ts'

const today = inTurn(lines, import.meta.url)

const garbage = (value: unknown) => value as Socket

/** An account with a session, whose next prune waits in that step of the store until it is let go. */
async function slowPrune(world: World, step: 'quarantine' | 'owned') {
  const folder = await world.linkedFolder()
  await writeFile(join(folder, 'session-4915.0.json'), '{}')
  const store = fileAuthStore(folder)
  const slow = gate()
  let pruning = false
  const later = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (pruning) await slow.wait()
    return run()
  }
  const gateway = world.newcomer(
    {
      store: storeWith(
        store,
        step === 'owned'
          ? { owned: () => later(() => store.owned()) }
          : { quarantine: (...args) => later(() => store.quarantine(...args)) },
      ),
    },
    folder,
  )
  await gateway.up()
  gateway.line.on('status', ({ state }) => {
    pruning = state === 'pruningSessions' || pruning
  })
  return { gateway, slow }
}

/**
 * The lines differ in how a socket begins and ends: v6 goes on emitting after end(), v7's end() waits for the
 * transport. What a connect function throws never reaches Baileys, and the races of commands and prunes are between the
 * statechart and the store: those are run on one line.
 */
describe.each(today)('races with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: name })
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('a late creds.update of a socket that was closed changes nothing on disk', async () => {
    const gateway = await (await world.gateway()).up()
    const [old] = gateway.sockets
    await gateway.line.reconnect()
    await gateway.until(() => gateway.state === 'healthy' && gateway.sockets.length === 2)
    const creds = await gateway.fingerprint()
    old?.ev.emit('creds.update', { accountSyncCounter: 99 })
    const keys = old?.authState.keys
    await expect(async () => keys?.set({ session: { '4915.0': new Uint8Array(3) } })).rejects.toThrow(/fenced/)
    await gateway.line.stop()
    expect(await gateway.fingerprint()).toBe(creds)
    await expect(readFile(join(gateway.folder, 'session-4915.0.json'))).rejects.toThrow('ENOENT')
  })

  test('two closes of one socket count once', async () => {
    const gateway = await (await world.gateway()).up()
    const [socket] = gateway.sockets
    const close = { connection: 'close', lastDisconnect: { error: new Error('x'), date: new Date() } } as const
    socket?.ev.emit('connection.update', close)
    socket?.ev.emit('connection.update', close)
    await gateway.next('healthy')
    socket?.ev.emit('connection.update', close)
    expect(gateway.state).toBe('healthy')
    expect(gateway.sockets.length).toBe(2)
    expect(world.server.peak(gateway.number)).toBe(1)
  })

  test("the line's own emitter tells the open and the close of each socket", async () => {
    const gateway = await world.gateway()
    const seen: unknown[] = []
    gateway.line.ev.on('connection.update', ({ connection }) => connection && seen.push(connection))
    await gateway.up()
    world.server.now(faults.serviceUnavailable, gateway.number)
    await gateway.next('healthy')
    expect(seen.filter((one) => one !== 'connecting')).toEqual(['open', 'close', 'open'])
  })

  const failing: [string, (world: World) => Socket | Promise<Socket>][] = [
    [
      'throws',
      () => {
        throw new Error('no such proxy')
      },
    ],
    [
      'throws nothing at all',
      () => {
        throw undefined
      },
    ],
    [
      'throws what cannot be shown',
      () => {
        throw Object.create(null)
      },
    ],
    [
      'throws an error whose message is no text',
      () => {
        throw Object.assign(new Error(), { message: 7 })
      },
    ],
    ['rejects', () => Promise.reject(new Error('no such proxy'))],
    ['gives undefined', () => garbage(undefined)],
    ['gives an object that is no socket', () => garbage({ ev: {}, ws: {} })],
    [
      'gives a socket that is dead already',
      async () => {
        const { auth } = { auth: { creds: baileys.initAuthCreds(), keys: { get: () => ({}), set: () => undefined } } }
        const socket = baileys.makeWASocket({ ...world.server.clientOptions, auth, logger: silent })
        await socket.end(undefined)
        return socket
      },
    ],
  ]
  test.each(name === 'v7' ? failing : failing.slice(-1))(
    'a connect function that %s is a try like any other, and the next one succeeds',
    async (_, fails) => {
      let calls = 0
      const gateway = await world.gateway({ connect: (given) => (++calls <= 2 ? fails(world) : world.socket(given)) })
      const creds = await gateway.fingerprint()
      await gateway.start()
      await gateway.until('healthy')
      expect(
        gateway.statuses.some(
          ({ state, lastClose }) => state === 'reconnecting' && lastClose?.cause.kind === 'connect-failed',
        ),
      ).toBe(true)
      expect(await gateway.fingerprint()).toBe(creds)
      expect(calls).toBe(3)
    },
  )

  test('a socket that arrives after its time was over is ended, and never writes', async () => {
    const slow = gate()
    let calls = 0
    let late: Socket | undefined
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const gateway = await world.gateway({
      policy: { reconnect: { connectTimeoutMs: 1_500 } },
      connect: async (given) => {
        if (++calls > 1) return world.socket(given)
        await slow.wait()
        late = world.socket(given)
        late.ev.on('connection.update', ({ connection }) => connection === 'close' && end())
        return late
      },
    })
    await gateway.up()
    expect(gateway.statuses.some(({ lastClose }) => lastClose?.cause.kind === 'connect-timeout')).toBe(true)
    slow.pass()
    await gateway.soon(ended, 'the end of the late socket')
    await expect(async () => late?.authState.keys.set({ session: { '4915.0': null } })).rejects.toThrow(/fenced/)
    expect(gateway.state).toBe('healthy')
    expect(world.server.peak(gateway.number)).toBe(1)
  })

  if (name === 'v7') {
    test('a prune that is asked for while the account is being opened waits for the fence', async () => {
      const folder = await world.linkedFolder()
      const store = fileAuthStore(folder)
      const slow = gate()
      let first = true
      const open: typeof store.open = async (options) => {
        const opened = await store.open(options)
        if (first) await slow.wait()
        first = false
        return opened
      }
      const gateway = world.newcomer({ store: storeWith(store, { open }) }, folder)
      await gateway.start()
      await slow.reached
      const pruned = gateway.line.prune('all')
      slow.pass()
      await pruned
      expect(gateway.state).toBe('healthy')
      expect(gateway.path).not.toContain('blocked')
      expect(gateway.told).toContain('sessions-pruned')
    })

    test('a prune without a network resolves when the first attempt to connect has failed', async () => {
      const gateway = await (await world.gateway({ policy: { prune: { verifyMs: 50 } } })).up()
      await world.server.unplug()
      await gateway.until('reconnecting')
      const before = gateway.line.status.lastClose
      await gateway.line.prune('all')
      expect(gateway.line.status.lastClose).not.toEqual(before)
      expect(gateway.told).toContain('sessions-pruned')
      await world.server.plug()
      await gateway.until('healthy')
      gateway.line.actor?.subscribe(() => gateway.look())
      await gateway.until(() => JSON.stringify(gateway.line.history()).includes('nobody knows whether it helped'))
    })

    test('a message that is read from where sessions were set aside proves that it helped', async () => {
      const gateway = await (await world.gateway({ policy: { prune: { verifyMs: 2_000 } } })).up()
      const [friend] = await world.friends(gateway, ['anna'])
      await gateway.line.prune('all')
      await world.read(gateway, friend ? [friend] : [])
      gateway.line.actor?.subscribe(() => gateway.look())
      await gateway.until(() =>
        JSON.stringify(gateway.line.history()).includes('Since sessions were set aside messages can be read.'),
      )
    })

    test('a stop while files are being set aside waits for them, and tells of them', async () => {
      const { gateway, slow } = await slowPrune(world, 'quarantine')
      const pruned = gateway.line.prune('all').catch((error: unknown) => error)
      await slow.reached
      const stopped = gateway.line.stop()
      await gateway.until('stopped')
      slow.pass()
      await stopped
      expect(await pruned).toMatchObject({ code: 'STOPPED' })
      const [entry] = await fileAuthStore(gateway.folder).quarantined()
      expect(entry?.files.length).toBeGreaterThan(0)
      const told = gateway.notices.find(({ kind }) => kind === 'sessions-pruned')
      expect(told?.details).toMatchObject({ scope: 'all', why: 'asked to', quarantine: entry?.id })
      expect(gateway.line.history()).toContainEqual(
        expect.objectContaining({ type: 'notice', kind: 'sessions-pruned', message: told?.message }),
      )
    })

    test('a stop before files are set aside leaves them where they are', async () => {
      const { gateway, slow } = await slowPrune(world, 'owned')
      const pruned = gateway.line.prune('all').catch((error: unknown) => error)
      await slow.reached
      const stopped = gateway.line.stop()
      await gateway.until('stopped')
      slow.pass()
      await stopped
      expect(await pruned).toMatchObject({ code: 'STOPPED' })
      expect(await fileAuthStore(gateway.folder).quarantined()).toEqual([])
      expect(gateway.told).not.toContain('sessions-pruned')
    })

    test('a close during a prune, and commands during it, lead to one healthy socket', async () => {
      const folder = await world.linkedFolder()
      const store = fileAuthStore(folder)
      const slow = gate()
      const quarantine: typeof store.quarantine = async (...args) => {
        await slow.wait()
        return store.quarantine(...args)
      }
      const gateway = world.newcomer({ store: storeWith(store, { quarantine }) }, folder)
      await gateway.up()
      const [socket] = gateway.sockets
      const pruned = gateway.line.prune('all')
      await slow.reached
      socket?.ev.emit('connection.update', {
        connection: 'close',
        lastDisconnect: { error: undefined, date: new Date() },
      })
      await expect(gateway.line.prune('all')).rejects.toThrow(LifelineError)
      slow.pass()
      await pruned
      await gateway.until('healthy')
      expect(world.server.peak(gateway.number)).toBe(1)
      await expect(gateway.line.prune('all')).rejects.toMatchObject({
        code: 'REFUSED',
        message: expect.stringContaining('as the policy allows'),
      })
      await expect(gateway.line.prune('failing')).rejects.toMatchObject({
        code: 'REFUSED',
        message: expect.stringContaining('No session is failing'),
      })
    })

    test('stop and start called in one breath end as the last of them says', async () => {
      const gateway = await (await world.gateway()).up()
      const stopped = gateway.line.stop()
      const started = gateway.line.start()
      await stopped
      await started
      await gateway.until('healthy')

      const again = gateway.line.stop()
      const refused = gateway.line.start()
      const last = gateway.line.stop()
      await expect(refused).rejects.toMatchObject({ code: 'STOPPED' })
      await Promise.all([again, last])
      expect(gateway.state).toBe('stopped')
      expect(world.server.peak(gateway.number)).toBe(1)
    })
  }

  test('after a logout by the program itself, start() begins anew', async () => {
    const gateway = await world.linked('491700000009')
    await gateway.line.socket?.logout()
    await gateway.until('stopped')
    await gateway.line.start()
    await gateway.until('awaitingQr')
  })

  test('a link that is dead although it looks open is dropped in time', async () => {
    const gateway = await world.gateway({ policy: { liveness: { silenceMs: 200, probeTimeoutMs: 150 } } })
    await gateway.up()
    world.server.now({ kind: 'half-open' }, gateway.number)
    await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'deaf')
    await gateway.next('healthy')
  })

  test('a host that slept drops its link at once', async () => {
    const gateway = await world.gateway({ policy: { liveness: { silenceMs: 400 } } })
    await gateway.up()
    const real = Date.now
    Date.now = () => real() + 3_600_000
    try {
      await gateway.until(() => gateway.line.status.lastClose?.cause.kind === 'slept')
      await gateway.next('healthy')
    } finally {
      Date.now = real
    }
  })
})

const nothing = () => undefined
const silent = {
  level: 'silent',
  child: () => silent,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
