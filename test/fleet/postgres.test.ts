// @module-tag slow/together

import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { accountView } from '../../src/dashboard/account-view.ts'
import { createDashboard } from '../../src/dashboard/index.ts'
import { createFleet, type Fleet, type FleetOptions } from '../../src/fleet/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { Board, connectPostgres } from '../../src/stores/postgres/index.ts'
import { fast } from '../line/fast-policy.ts'
import type { Socket } from '../line/gateway.ts'
import { World } from '../line/world.ts'
import { testDatabase } from '../stores/postgres/databases.ts'
import { Way } from '../stores/postgres/way.ts'
import { until } from './until.ts'

vi.setConfig({ testTimeout: 150_000 })

const token = 'not-a-secret-but-long-enough-for-one'
const accounts = ['anna', 'bert', 'carl', 'dora'] as const
const numbers = new Map(accounts.map((account, at) => [account as string, `49170000002${at}`]))
const lease = { ttlMs: 3_000, renewMs: 500, marginMs: 1_000 }
const pace = { planMs: 100, pollMs: 100, announceMs: 200, aliveMs: 1_500, spacingMs: 5, refusedMs: 300 }

let world: World
const database = testDatabase()
const fleets: Fleet<Socket>[] = []

const host = (hostId: string, options: Partial<FleetOptions<Socket>> = {}): Fleet<Socket> => {
  const made = createFleet<Socket>({
    store: { connectionString: database.url, lease },
    hostId,
    connect: (given) => world.socket(given),
    policy: fast(),
    pace,
    drainOn: [],
    ...options,
  })
  fleets.push(made)
  return made
}

const healthy = ({ own }: Fleet<Socket>) => own.filter(({ status }) => status.state === 'healthy').length
const owners = (...all: Fleet<Socket>[]) => all.flatMap(({ own }) => own.map(({ account }) => account)).sort()

beforeAll(async () => {
  world = await World.open()
  const watcher = host('watcher', { most: 0 })
  const first = host('first', { accounts })
  await watcher.start()
  for (const account of accounts)
    watcher.line(account).on(
      'qr',
      ({ code }) =>
        void world.server
          .phone(numbers.get(account) ?? '')
          .scan(code)
          .catch(() => undefined),
    )
  await first.start()
  await until(() => healthy(first) === accounts.length)
  await Promise.all([first.stop(), watcher.stop()])
  fleets.length = 0
})
afterEach(async () => {
  await Promise.all(fleets.splice(0).map((made) => made.stop()))
  world.server.clear()
})
afterAll(() => world.close())

describe('a fleet of hosts that share a database', () => {
  test('spreads the accounts evenly, one move at a time, and nobody is knocked off', async () => {
    const replaced = world.server.events.filter(({ kind }) => kind === 'replaced').length
    const a = host('a')
    await a.start()
    await until(() => healthy(a) === 4)
    const b = host('b')
    await b.start()
    await until(() => healthy(a) === 2 && healthy(b) === 2)
    expect(owners(a, b)).toEqual([...accounts])
    expect(world.server.events.filter(({ kind }) => kind === 'replaced')).toHaveLength(replaced)
  })

  test('hands every account over when a host leaves, to the hosts that stay', async () => {
    // Whoever waited for the end of a lease would wait in vain.
    const store = { connectionString: database.url, lease: { ...lease, ttlMs: 600_000 } }
    const [a, b] = [host('a', { store }), host('b', { store })]
    await Promise.all([a.start(), b.start()])
    await until(() => healthy(a) + healthy(b) === 4 && a.own.length > 0 && b.own.length > 0)
    await a.stop()
    await until(() => healthy(b) === 4)
  })

  test('shows status and host of each account from any host, and does there what is asked here', async () => {
    const [a, watcher] = [host('a'), host('watcher', { most: 0 })]
    await watcher.start()
    await a.start()
    const line = watcher.line('bert')
    await until(() => line.status.state === 'healthy')
    expect(line.host).toBe('a')
    expect(line.status.message).toBe('Connected.')
    await until(() => line.history().length > 0)
    const generation = line.status.generation
    await line.reconnect()
    await until(() => line.status.state === 'healthy' && line.status.generation > generation)
    await expect(line.requestPairingCode('1')).rejects.toMatchObject({ code: 'PHONE_INVALID' })
    await watcher.remove('dora')
    await until(() => watcher.line('dora').status.state === 'stopped')
    expect(owners(a)).toEqual(['anna', 'bert', 'carl'])
    await watcher.add('dora')
    await until(() => healthy(a) === 4)
    expect(watcher.own).toEqual([])
  })

  test('says of a command that came too late, or that it does not know, why it was not done', async () => {
    const a = host('a', { accounts: [] })
    await a.start()
    const board = new Board(database.connect())
    const asked = async (account: string, command: object) => {
      const id = await board.send('a', account, command)
      let answer: { readonly content: unknown } | undefined
      await until(async () => {
        answer = await board.answerTo(id)
        return answer !== undefined
      })
      return Object(answer?.content)
    }
    expect(await asked('nobody', { type: 'reconnect' })).toMatchObject({ ok: false, code: 'FLEET_MOVED' })
    expect(await asked('anna', { type: 'explode' })).toMatchObject({ ok: false, code: 'COMMAND_INVALID' })
  })

  test('keeps a ban across hosts: nobody dials until a person asks, from whichever host', async () => {
    const number = numbers.get('carl') ?? ''
    const a = host('a')
    await a.start()
    await until(() => healthy(a) === 4)
    world.server.onNextLogin(faults.bannedForGood, { account: number })
    await a.line('carl').reconnect()
    await until(() => a.line('carl').status.state === 'blocked')
    const b = host('b')
    await b.start()
    await a.stop()
    await until(() => healthy(b) === 3 && b.line('carl').status.state === 'blocked')
    const logins = world.server.logins(number).length
    expect(b.own.map(({ account }) => account)).not.toContain('carl')
    await b.line('carl').reconnect()
    await until(() => healthy(b) === 4)
    expect(world.server.logins(number)).toHaveLength(logins + 1)
  })

  test('keeps its connections while the database is away for less than a lease lasts, and closes them before another may have them', async () => {
    const way = await new Way(database.url).open()
    const cut = host('cut', { store: { connectionString: way.url, lease } })
    try {
      await cut.start()
      await until(() => healthy(cut) === 4)
      const closed = () => world.server.events.filter(({ kind }) => kind === 'closed').length
      const before = closed()
      void way.cut()
      await until(() => !cut.store.reachable)
      expect(cut.store.message).toMatch(/cannot be used/)
      expect(closed()).toBe(before)
      way.mend()
      await until(() => cut.store.reachable)
      expect(healthy(cut)).toBe(4)
      expect(closed()).toBe(before)

      const replaced = world.server.events.filter(({ kind }) => kind === 'replaced').length
      const b = host('b')
      await b.start()
      await until(() => b.own.length === 2 && healthy(cut) === 2 && healthy(b) === 2)
      void way.cut()
      await until(() => healthy(b) === 4)
      expect(cut.own).toEqual([])
      expect(world.server.events.filter(({ kind }) => kind === 'replaced')).toHaveLength(replaced)
    } finally {
      way.mend()
      await cut.stop()
      way.close()
    }
  })

  test('gives its accounts away when none of them gets through to WhatsApp while those of others do', async () => {
    const way = await new Way(world.server.url).open()
    const [a, b] = [
      host('a', {
        connect: (given) => world.socket(given, { waWebSocketUrl: way.url }),
        pace: { ...pace, offlineMs: 500 },
      }),
      host('b', { pace: { ...pace, offlineMs: 500 } }),
    ]
    try {
      await Promise.all([a.start(), b.start()])
      await until(() => healthy(a) === 2 && healthy(b) === 2)
      void way.cut()
      await until(() => healthy(b) === 4)
      expect(a.own).toEqual([])
    } finally {
      await a.stop()
      way.close()
    }
  })

  test('looks at the hosts again and again, and at all accounts only when something of them may have changed', async () => {
    const pool = new pg.Pool({ connectionString: database.url })
    const asked: string[] = []
    let look: () => void = () => undefined
    const told = new Proxy(pool, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name !== 'query') return value.bind(target)
        return (text: string, values?: unknown[]) => {
          asked.push(text)
          look()
          return target.query(text, values)
        }
      },
    })
    const count = (words: string) => asked.filter((text) => text.includes(words)).length
    const looks = (more: number) =>
      new Promise<void>((resolve) => {
        const from = count('lifeline.host ORDER BY')
        look = () => count('lifeline.host ORDER BY') >= from + more && resolve()
      })
    const a = host('a', { store: connectPostgres({ pool: told, host: 'a', lease }) })
    try {
      await a.start()
      await until(() => healthy(a) === 4)
      // What its own claims changed is looked at once more.
      await looks(2)
      const before = count('GROUP BY')
      await looks(10)
      // Ten looks take a third of a lease: at most one comes as a lease would end.
      expect(count('GROUP BY') - before).toBeLessThanOrEqual(1)
      await a.remove('dora')
      await a.add('dora')
      await until(() => healthy(a) === 4)
    } finally {
      await a.stop()
      await pool.end()
    }
  })

  test('is a source of lines for a dashboard, which shows all hosts and accounts from any of them', async () => {
    const [a, watcher] = [host('a'), host('watcher', { most: 0 })]
    await Promise.all([a.start(), watcher.start()])
    await until(() => watcher.lines().filter(({ status }) => status.state === 'healthy').length === accounts.length)
    const views = watcher.lines().map((line) => accountView(line, 0, Date.now()))
    expect(views.map(({ account, host: name }) => [account, name])).toEqual(accounts.map((account) => [account, 'a']))
    const dashboard = createDashboard(watcher, { token })
    try {
      const { url } = await dashboard.serve({ port: 0 })
      const answer = await fetch(`${url}status.json`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const text = await answer.text()
      expect(answer.status, text).toBe(200)
      for (const account of accounts) expect(text).toContain(`"account":"${account}","state":"healthy"`)
    } finally {
      await dashboard.close()
    }
  })
})
