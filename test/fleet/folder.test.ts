import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createFleet, type Fleet } from '../../src/fleet/index.ts'
import { createLifeline } from '../../src/index.ts'
import { faults } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { fileAuthStore } from '../../src/stores/folder/file-store.ts'
import { fast } from '../line/fast-policy.ts'
import type { Socket } from '../line/gateway.ts'
import { World } from '../line/world.ts'
import { until } from './until.ts'

const accounts = ['anna', 'bert'] as const
const numbers = { anna: '491700000011', bert: '491700000012' } as const

let world: World
let folder = ''
const fleets: Fleet<Socket>[] = []

const fleet = (options: Partial<Parameters<typeof createFleet<Socket>>[0]> = {}): Fleet<Socket> => {
  const made = createFleet<Socket>({
    store: folder,
    connect: (given) => world.socket(given),
    policy: fast(),
    pace: { planMs: 100, pollMs: 100, spacingMs: 5, refusedMs: 50 },
    drainOn: [],
    ...options,
  })
  fleets.push(made)
  return made
}

beforeAll(async () => {
  world = await World.open()
  folder = await mkdtemp(join(tmpdir(), 'lifeline-fleet-'))
  const first = fleet({ accounts })
  for (const account of accounts)
    first.line(account).on('qr', ({ code }) => void world.server.phone(numbers[account]).scan(code))
  await first.start()
  await until(() => accounts.every((account) => first.line(account).status.state === 'healthy'))
  await first.stop()
})
afterEach(async () => {
  for (const made of fleets.splice(0)) await made.stop()
  world.server.clear()
})
afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 10 })
})

describe('a fleet on a folder of folders', () => {
  test('finds the accounts by their folders, connects all of them and tells their messages', async () => {
    const one = fleet()
    const texts: string[] = []
    one.on('claimed', (line) =>
      line.ev.on('messages.upsert', ({ messages }) => {
        for (const { message } of messages) texts.push(`${line.account}: ${message?.conversation}`)
      }),
    )
    await one.start()
    await until(() => one.own.filter(({ status }) => status.state === 'healthy').length === 2)
    expect(one.lines().map(({ account, host }) => [account, host])).toEqual(
      accounts.map((account) => [account, one.hostId]),
    )
    await world.server.contact('carl').send(numbers.bert, 'hello')
    await until(() => texts.includes('bert: hello'))
  })

  test('leaves an account alone that another program has, and takes it once it is free', async () => {
    const other = createLifeline({
      auth: join(folder, 'anna'),
      connect: (given) => world.socket(given),
      policy: fast(),
    })
    await other.start()
    await other.whenHealthy()
    const logins = world.server.logins(numbers.anna).length
    const one = fleet()
    await one.start()
    await until(() => one.line('bert').status.state === 'healthy')
    // It may be asking for the folder at this very moment, and be refused.
    await until(() => !one.own.some(({ account }) => account === 'anna'))
    expect(world.server.logins(numbers.anna)).toHaveLength(logins)
    expect(other.status.state).toBe('healthy')
    await other.stop()
    await until(() => one.line('anna').status.state === 'healthy')
  })

  test('does what is asked of an account, and says why when it cannot be done', async () => {
    const one = fleet()
    await one.start()
    const line = one.line('anna')
    await until(() => line.status.state === 'healthy')
    const generation = line.status.generation
    await line.reconnect()
    await until(() => line.status.state === 'healthy' && line.status.generation > generation)
    await expect(line.requestPairingCode('1')).rejects.toMatchObject({ code: 'PHONE_INVALID' })
    await expect(line.quarantined()).resolves.toEqual([])
    await expect(line.restore('no-such-entry')).rejects.toMatchObject({ code: expect.stringMatching(/./) })
    expect(line.history().length).toBeGreaterThan(0)
    await one.remove('anna')
    await until(() => line.status.state === 'stopped')
    await expect(line.reconnect()).rejects.toMatchObject({ code: 'FLEET_NO_OWNER' })
    await one.add('anna')
    await until(() => line.status.state === 'healthy')
  })

  test('does not start an account again that WhatsApp has banned, until a person asks for it', async () => {
    const one = fleet()
    await one.start()
    await until(() => one.own.every(({ status }) => status.state === 'healthy') && one.own.length === 2)
    world.server.onNextLogin(faults.bannedForGood, { account: numbers.anna })
    await one.line('anna').reconnect()
    await until(() => one.line('anna').status.state === 'blocked')
    await one.stop()

    const logins = world.server.logins(numbers.anna).length
    const two = fleet()
    await two.start()
    await until(() => two.line('bert').status.state === 'healthy')
    expect(two.own.map(({ account }) => account)).toEqual(['bert'])
    expect(world.server.logins(numbers.anna)).toHaveLength(logins)
    await two.line('anna').reconnect()
    await until(() => two.line('anna').status.state === 'healthy')
  })

  test('takes no account before it has started, and says so to whoever asks for a code', async () => {
    const one = fleet()
    await one.start()
    await until(() => one.line('anna').status.state === 'healthy')
    world.server.onNextLogin(faults.bannedForGood, { account: numbers.anna })
    await one.line('anna').reconnect()
    await until(() => one.line('anna').status.state === 'blocked')
    await one.stop()

    const idle = fleet()
    await idle.add('bert')
    // Held, and settled now; but whoever is to show its code has yet to come.
    await expect(idle.line('anna').relink()).rejects.toMatchObject({ code: 'FLEET_NO_OWNER' })
    expect(idle.own).toEqual([])
  })

  test('shows a new code for an account that was held, when a person asks for one, here or on the next host', async () => {
    const number = numbers.anna
    const ban = async (one: Fleet<Socket>) => {
      await until(() => one.line('anna').status.state === 'healthy')
      world.server.onNextLogin(faults.bannedForGood, { account: number })
      await one.line('anna').reconnect()
      await until(() => one.line('anna').status.state === 'blocked')
    }
    const relink = async (one: Fleet<Socket>) => {
      const off = one.line('anna').on('qr', ({ code }) => void world.server.phone(number).scan(code))
      await one.line('anna').relink()
      await until(() => one.line('anna').status.state === 'healthy')
      off()
    }
    const one = fleet()
    await one.start()
    await ban(one)
    await relink(one)
    await ban(one)
    await one.stop()
    const two = fleet()
    await two.start()
    await relink(two)
    expect(two.line('anna').host).toBe(two.hostId)
  })

  test('lets an account go if another program has its folder, which its line finds without any 440', async () => {
    const why: string[] = []
    const one = fleet({ pace: { planMs: 100, pollMs: 100, spacingMs: 5, refusedMs: 60_000 } })
    one.on('released', ({ line, why: reason }) => why.push(`${line.account} ${reason}`))
    await one.start()
    await until(() => one.own.length === 2 && one.own.every(({ status }) => status.state === 'healthy'))
    await rm(join(folder, 'anna', '.lifeline', 'lock'), { recursive: true })
    const other = fileAuthStore(join(folder, 'anna'))
    await other.acquire()
    world.server.now(faults.restartRequired, numbers.anna)
    await until(() => why.includes('anna taken'))
    await until(() => one.own.length === 1)
    expect(new Set(why)).toEqual(new Set(['anna taken']))
    await other.release()
  })

  test('lets an account go at the first 440 if another program has its folder now', async () => {
    const why: string[] = []
    const one = fleet({ pace: { planMs: 100, pollMs: 100, spacingMs: 5, refusedMs: 60_000 } })
    one.on('released', ({ line, why: reason }) => why.push(`${line.account} ${reason}`))
    await one.start()
    await until(() => one.own.length === 2 && one.own.every(({ status }) => status.state === 'healthy'))
    // Its own still: it goes on.
    world.server.now(faults.replaced, numbers.bert)
    await until(() => one.line('bert').status.lastClose?.cause.kind === 'replaced')
    await rm(join(folder, 'anna', '.lifeline', 'lock'), { recursive: true })
    const other = createLifeline({
      auth: join(folder, 'anna'),
      connect: (given) => world.socket(given),
      policy: fast(),
    })
    await other.start()
    await until(() => why.includes('anna taken'))
    await until(() => other.status.state === 'healthy' && one.line('bert').status.state === 'healthy')
    expect(new Set(why)).toEqual(new Set(['anna taken']))
    await other.stop()
  })
})
