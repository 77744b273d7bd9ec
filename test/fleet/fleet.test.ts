import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Wake } from '../../src/fleet/coordination.ts'
import { FolderCoordination } from '../../src/fleet/folder-coordination.ts'
import { createFleet, type Fleet } from '../../src/fleet/index.ts'
import { freshFolder } from '../stores/account.ts'

const hour = 3_600_000
let folder = ''
let wake: (wake: Wake) => void
const fleets: Fleet<never>[] = []

/** The coordination of the fleet of this test, whose methods may do as the test says. */
const spied = <
  K extends
    | 'hosts'
    | 'holders'
    | 'send'
    | 'answerTo'
    | 'statuses'
    | 'take'
    | 'survey'
    | 'end'
    | 'accounts'
    | 'seat'
    | 'desire'
    | 'announce'
    | 'add',
>(
  name: K,
) => vi.spyOn(FolderCoordination.prototype, name)

beforeEach(async () => {
  folder = await freshFolder()
  await mkdir(folder, { recursive: true })
  const { listen } = FolderCoordination.prototype
  vi.spyOn(FolderCoordination.prototype, 'listen').mockImplementation(async function (
    this: FolderCoordination,
    onWake,
    pollMs,
  ) {
    wake = onWake
    return listen.call(this, onWake, pollMs)
  })
})
afterEach(async () => {
  for (const fleet of fleets.splice(0)) await fleet.stop()
  vi.restoreAllMocks()
})

const made = (accounts: readonly string[] = [], answerMs = hour) => {
  const fleet = createFleet<never>({
    ...{ store: folder, accounts, drainOn: [], connect: () => Promise.reject(new Error('no network')) },
    pace: { planMs: hour, pollMs: hour, answerMs },
  })
  fleets.push(fleet)
  return fleet
}
const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
}
const names = (lines: readonly { readonly account: string }[]) => lines.map(({ account }) => account)

describe('a fleet', () => {
  test('has its accounts, and shows all that are known, by the time that it has started or is asked to change', async () => {
    const fleet = made(['anna'])
    const before = made()
    expect(names(before.lines())).toEqual([])
    await fleet.start()
    expect(names(fleet.own)).toEqual(['anna'])
    await fleet.add('bert')
    expect(names(fleet.own)).toEqual(['anna', 'bert'])
    await fleet.remove('anna')
    expect(names(fleet.own)).toEqual(['bert'])
    await before.start()
    expect(names(before.lines())).toEqual(['anna', 'bert'])
    expect(names(before.own)).toEqual([])
    // One object each, whoever asks, in the order of their names.
    const line = before.line('aaron')
    expect([before.lines()[0] === line, before.line('aaron') === line]).toEqual([true, true])
    expect(names(before.lines())).toEqual(['aaron', 'anna', 'bert'])
  })

  test('has not been asked for anything before it has started, and says since when', () => {
    const at = Date.now()
    const { since, ...store } = made().store
    expect(store).toEqual({ reachable: true, message: 'Not asked yet.', untold: 0 })
    expect(since >= at && since <= Date.now()).toBe(true)
  })

  test('takes part again after it has stopped, however soon it is asked to', async () => {
    const fleet = made(['anna'])
    for (let round = 0; round < 2; round += 1) {
      await fleet.start()
      expect([names(fleet.own), fleet.store.reachable]).toEqual([['anna'], true])
      await fleet.stop()
      expect(names(fleet.own)).toEqual([])
    }
    await fleet.start()
    const stopped = fleet.stop()
    await fleet.start()
    await stopped
    expect(names(fleet.own)).toEqual(['anna'])
    await fleet.stop()
    expect(names(fleet.own)).toEqual([])
  })

  test('takes one step of its start after the other, looks from time to time, and is not left half begun', async () => {
    const order: string[] = []
    for (const name of ['add', 'announce'] as const)
      spied(name).mockImplementation(async () => {
        order.push(`${name} begins`)
        await turns()
        order.push(`${name} ends`)
      })
    const hosts = spied('hosts')
    const [timers, cleared] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')]
    const fleet = createFleet<never>({
      ...{ store: folder, drainOn: [], connect: () => Promise.reject(new Error('no network')) },
      pace: { planMs: 3_599_999, pollMs: hour },
    })
    fleets.push(fleet)
    spied('survey').mockImplementation(async () => {
      order.push('survey')
      return { wanted: 0, owned: new Map(), free: [], stopped: new Set() }
    })
    const started = fleet.start()
    // Whoever stops it meanwhile waits for that.
    const stopped = fleet.stop()
    await started
    expect(order.slice(0, 4)).toEqual(['add begins', 'add ends', 'announce begins', 'announce ends'])
    expect(order).toContain('survey')
    const at = timers.mock.calls.findIndex(([, ms]) => ms === 3_599_999)
    const look = timers.mock.calls[at]?.[0]
    await stopped
    expect(cleared).toHaveBeenCalledWith(timers.mock.results[at]?.value)
    await fleet.start()
    const before = hosts.mock.calls.length
    look?.()
    await turns()
    expect(hosts.mock.calls.length).toBeGreaterThan(before)
  })

  test('begins once, however often it is asked to', async () => {
    const fleet = made()
    const [one, other] = [fleet.start(), fleet.start()]
    expect(other).toBe(one)
    await one
    expect(fleet.start()).toBe(one)
  })

  test('has looked what is to do by the time that it was asked to change, and says if that cannot be stored', async () => {
    let looked = 0
    spied('survey').mockImplementation(async () => {
      await turns()
      looked += 1
      return { wanted: 0, owned: new Map(), free: [], stopped: new Set() }
    })
    const fleet = made()
    await fleet.start()
    const before = looked
    await fleet.add('anna')
    expect(looked).toBeGreaterThan(before)
    spied('desire').mockRejectedValue(new Error('no space left'))
    await expect(fleet.add('bert')).rejects.toThrow('no space left')
    await expect(fleet.remove('bert')).rejects.toThrow('no space left')
  })

  test('has given back everything, and ended what it made, by the time that it has stopped', async () => {
    const fleet = made(['anna'])
    await fleet.start()
    let end: () => void = () => undefined
    const had: string[][] = []
    const ending = spied('end').mockImplementation(() => {
      had.push([...names(fleet.own)])
      return new Promise<void>((resolve) => {
        end = resolve
      })
    })
    // Somebody looks at the accounts just then.
    let look: () => void = () => undefined
    spied('statuses').mockImplementation(
      () =>
        new Promise((resolve) => {
          look = () => resolve([])
        }),
    )
    fleet.lines()
    let over = false
    const stopped = fleet.stop().then(() => {
      over = true
    })
    await vi.waitUntil(() => names(fleet.own).length === 0)
    await turns()
    expect([over, had]).toEqual([false, []])
    look()
    await vi.waitUntil(() => ending.mock.calls.length > 0)
    await turns()
    expect([over, had]).toEqual([false, [[]]])
    end()
    await stopped
  })

  test('shows of the other hosts when they were seen last, and that it is here itself', async () => {
    spied('hosts').mockImplementation(async function (this: FolderCoordination) {
      return [this.host, 'b'].map((host) => ({ host, seenAgoMs: 500 }))
    })
    const fleet = made()
    fleet.hosts()
    await fleet.start()
    const [self, other] = fleet.hosts()
    expect([self?.seenAgoMs, other?.host, Number(other?.seenAgoMs) >= 500]).toEqual([0, 'b', true])
  })

  test('looks at accounts of other hosts only once somebody has asked for them, and asks then once', async () => {
    const statuses = spied('statuses')
    spied('accounts').mockImplementation(async () => [])
    const fleet = made()
    await fleet.start()
    expect(statuses).not.toHaveBeenCalled()
    fleet.lines()
    fleet.hosts()
    await turns()
    fleet.lines()
    await turns()
    expect(statuses).toHaveBeenCalledTimes(1)
  })

  test('asks for one seat of an account, however often that is needed', async () => {
    const seat = spied('seat')
    await mkdir(join(folder, 'anna'))
    const fleet = made()
    const line = fleet.line('anna')
    for (let at = 0; at < 3; at += 1) await line.quarantined()
    expect(seat).toHaveBeenCalledTimes(1)
  })
})

test.each<[Wake['kind'], string, { takes: number; plans: number; looks: number }]>([
  ['inbox', 'x', { takes: 1, plans: 0, looks: 0 }],
  ['inbox', 'self', { takes: 1, plans: 0, looks: 0 }],
  ['answer', 'x', { takes: 0, plans: 0, looks: 1 }],
  ['poll', 'x', { takes: 1, plans: 0, looks: 1 }],
  ['lease', 'x', { takes: 0, plans: 1, looks: 1 }],
  ['heir', 'x', { takes: 0, plans: 0, looks: 1 }],
  ['heir', 'self', { takes: 0, plans: 1, looks: 1 }],
])('what is heard of another host has one look at what it may have changed: %s of %s', async (kind, of, expected) => {
  const [take, survey, statuses] = [spied('take'), spied('survey'), spied('statuses')]
  // What is looked at is there at once.
  spied('accounts').mockImplementation(async () => [])
  const fleet = made()
  await fleet.start()
  fleet.lines()
  await turns()
  const [takes, plans, looks] = [take, survey, statuses].map(({ mock }) => mock.calls.length) as [
    number,
    number,
    number,
  ]
  wake({ kind, of: of === 'self' ? fleet.hostId : of })
  await turns()
  expect({
    takes: take.mock.calls.length - takes,
    plans: survey.mock.calls.length - plans,
    looks: statuses.mock.calls.length - looks,
  }).toEqual(expected)
})

describe('an account of another host', () => {
  test.each(['answer', 'poll'] as const)(
    'is asked there, and what is answered is known with the next word: %s',
    async (kind) => {
      spied('holders').mockImplementation(async () => [{ account: 'anna', host: 'b' }])
      const send = spied('send').mockImplementation(async () => 'id')
      const answerTo = spied('answerTo').mockImplementation(async () => undefined)
      const fleet = made()
      await fleet.start()
      const asked = fleet.line('anna').requestPairingCode('491')
      await vi.waitUntil(() => answerTo.mock.calls.length > 0)
      answerTo.mockImplementation(async (id) => ({ content: { ok: true, value: `of ${id}` } }))
      wake({ kind, of: 'id' })
      expect(await asked).toBe('of id')
      expect(send.mock.calls).toEqual([['b', 'anna', { type: 'pairing-code', phone: '491' }]])
    },
  )

  test('is removed when that host has answered, or says that it has not', async () => {
    spied('holders').mockImplementation(async () => [{ account: 'anna', host: 'b' }])
    const send = spied('send').mockImplementation(async () => 'id')
    const answerTo = spied('answerTo').mockImplementation(async () => undefined)
    const fleet = made([], 10)
    await expect(fleet.remove('anna')).rejects.toMatchObject({ code: 'FLEET_NO_ANSWER' })
    answerTo.mockImplementation(async () => ({ content: { ok: true, value: null } }))
    await fleet.remove('anna')
    expect(send.mock.calls).toEqual(Array(2).fill(['b', 'anna', { type: 'stop' }]))
  })
})

describe('an account that no host has', () => {
  const held = { held: { state: 'blocked', message: 'It is banned.', since: 1 } }
  const desired = async () => (await new FolderCoordination(folder).accounts()).map(({ desired: what }) => what)

  test('runs again once a person says that it is settled, by connecting or linking it and by nothing else', async () => {
    const fleet = made()
    const line = fleet.line('anna')
    const settles = async (details: unknown, step: () => Promise<unknown>) => {
      const before = new FolderCoordination(folder)
      await before.add(['anna'])
      await before.desire('anna', 'stopped', details)
      const other = made()
      const outcome = await step.call(other.line('anna')).then(
        () => 'done',
        ({ code }) => code,
      )
      return [outcome, ...(await desired())]
    }
    const reconnect = line.reconnect
    const relink = line.relink
    const prune = function (this: typeof line) {
      return this.prune('all')
    }
    expect(await settles(held, reconnect)).toEqual(['done', 'running'])
    expect(await settles(held, relink)).toEqual(['FLEET_NO_OWNER', 'running'])
    expect(await settles(held, prune)).toEqual(['FLEET_NO_OWNER', 'stopped'])
    for (const step of [reconnect, relink]) expect(await settles(null, step)).toEqual(['FLEET_NO_OWNER', 'stopped'])
  })
})
