import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Opens, ScriptedFleet, scriptedHost } from './scripted-fleet.ts'
import { until } from './until.ts'

const hosts: ReturnType<typeof scriptedHost>[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const { host } of hosts.splice(0)) await host.leave()
})

const made = (...parts: Parameters<typeof scriptedHost>) => {
  const one = scriptedHost(...parts)
  hosts.push(one)
  return one
}
const empty = { host: 'b', seenAgoMs: 0, has: 0, online: 0 }
const quickly = 20_000
const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
}

describe('an account that another program has', () => {
  test('is asked for again after a while, and not before, however often the host looks', async () => {
    const fleet = new ScriptedFleet(['anna'])
    fleet.locked.add('anna')
    const { host } = made(fleet, { pace: { refusedMs: 60_000 } })
    for (let look = 0; look < 20; look += 1) await host.plan()
    expect(fleet.claims).toEqual({ anna: 1 })
  })

  test('is claimed once that one is gone', async () => {
    const fleet = new ScriptedFleet(['anna'])
    fleet.locked.add('anna')
    // It is free as far as the store knows, so it is looked for each time.
    fleet.quietMs = 60_000
    const { host, states } = made(fleet, { pace: { refusedMs: 20 } })
    await host.plan()
    await host.plan()
    expect(fleet.surveys).toBe(2)
    fleet.locked.clear()
    await until(async () => {
      await host.plan()
      return states().includes('healthy')
    }, quickly)
  })
})

describe('a host that has more than another', () => {
  const four = ['anna', 'bert', 'carl', 'dora']
  const full = async (pace: object = {}) => {
    const fleet = new ScriptedFleet(four)
    const opens: Record<string, Opens> = {}
    const options = { pace: { refusedMs: 60_000, ...pace } }
    const one = made(fleet, options, (account) => opens[account] ?? 'opens')
    await until(async () => {
      await one.host.plan()
      return one.states().filter((state) => state === 'healthy').length === 4
    }, quickly)
    return { fleet, opens, ...one }
  }

  test('gives one away at a time, the one that is idle for longest, and does not take it back at once', async () => {
    const { fleet, host, released, heard } = await full()
    for (const account of ['anna', 'bert', 'carl'])
      heard.get(account)?.({ 'messages.upsert': { messages: [], type: 'notify' } })
    fleet.others = [empty]
    for (let look = 0; look < 8; look += 1) await host.plan()
    expect(released).toHaveLength(1)
    const [account = ''] = released[0]?.split(' ') ?? []
    expect([released[0], fleet.seats.get(account)?.heir]).toEqual(['dora moved', 'b'])
    expect(fleet.claims[account]).toBe(1)
    expect(host.tenancies.size).toBe(3)
    // Not even if the other has gone meanwhile.
    fleet.others = []
    for (let look = 0; look < 3; look += 1) await host.plan()
    expect(fleet.claims[account]).toBe(1)
    // Nobody tells of it, or hears of it, any more.
    expect(fleet.seats.get(account)?.lost.size).toBe(0)
    expect(JSON.stringify(fleet.told.filter((one) => one.account === account).at(-1))).toContain('"healthy"')
  })

  test('gives the next one away as soon as the last has arrived', async () => {
    const { fleet, host, released } = await full()
    fleet.others = [empty]
    await host.plan()
    const [account = ''] = released[0]?.split(' ') ?? []
    const seat = fleet.seats.get(account)
    if (seat) seat.held = true
    fleet.others = [{ ...empty, has: 1 }]
    for (let look = 0; look < 3; look += 1) await host.plan()
    expect(released).toHaveLength(2)
  })

  test('gives the next one away once the last has not arrived for a while', async () => {
    const { fleet, host, released } = await full()
    vi.useFakeTimers({ toFake: ['performance'] })
    fleet.others = [empty]
    await host.plan()
    vi.advanceTimersByTime(59_999)
    await host.plan()
    expect(released).toHaveLength(1)
    vi.advanceTimersByTime(1)
    await host.plan()
    expect(new Set(released).size).toBe(2)
  })

  test('hands an account to nobody when it is under way to be stopped already', async () => {
    const { fleet, host } = await full()
    await Promise.all([host.end('anna', 'stopped'), host.end('anna', 'moved', 'b')])
    expect(fleet.seats.get('anna')?.heir).toBeUndefined()
  })

  test.each([
    ['that is cut off from WhatsApp while others are not', { ...empty, offline: true }],
    ['that is about to leave', { ...empty, leaving: true }],
    ['that was not seen lately', { ...empty, seenAgoMs: 600_000 }],
    ['that takes no more', { ...empty, most: 0 }],
  ])('gives none to one %s', async (_, other) => {
    const { fleet, host, released } = await full()
    fleet.others = [other]
    for (let look = 0; look < 3; look += 1) await host.plan()
    expect(released).toEqual([])
  })

  test('hands all but what a person has to see to to the others when it leaves', async () => {
    const { fleet, host, close, states } = await full()
    close('anna', 'Connection Failure', 406)
    await until(() => states().includes('blocked'), quickly)
    await until(() => fleet.desired.get('anna') === 'stopped', quickly)
    fleet.others = [empty]
    expect(fleet.cards.at(-1)).not.toHaveProperty('leaving')
    await host.leave()
    expect(four.map((account) => fleet.seats.get(account)?.heir)).toEqual([undefined, 'b', 'b', 'b'])
    expect(fleet.cards.at(-1)).toMatchObject({ leaving: true })
    expect([...fleet.seats.values()].some(({ held }) => held)).toBe(false)
  })

  test('keeps an account that waits for a person: it is not to run elsewhere, and runs on once that is settled', async () => {
    const { fleet, host, close, heard, released } = await full()
    const line = host.tenancies.get('anna')?.line
    close('anna', 'Connection Failure', 406)
    await until(() => fleet.desired.get('anna') === 'stopped', quickly)
    for (let look = 0; look < 3; look += 1) await host.plan()
    expect(released).toEqual([])
    // Nor is it given away, however long it is idle.
    for (const account of ['bert', 'carl', 'dora'])
      heard.get(account)?.({ 'messages.upsert': { messages: [], type: 'notify' } })
    fleet.others = [empty]
    await host.plan()
    expect(released).toEqual(['bert moved'])
    let wasStopped = true
    line?.on('status', ({ state }) => {
      if (state === 'connecting') wasStopped = wasStopped && fleet.desired.get('anna') === 'stopped'
    })
    await line?.reconnect()
    await until(() => line?.status.state === 'healthy', quickly)
    await until(() => fleet.desired.get('anna') === 'running', quickly)
    expect(wasStopped).toBe(true)
  })

  test('says once that an account waits for a person, and again when another host of it has had to', async () => {
    const { fleet, host, close, opens } = await full()
    const block = async () => {
      close('anna', 'Connection Failure', 406)
      await until(() => host.tenancies.get('anna')?.line.status.state === 'blocked', quickly)
    }
    const said = () => fleet.desires.filter((one) => one.startsWith('anna'))
    await block()
    await until(() => said().length > 0, quickly)
    // It is tried once more, and never gets through.
    opens.anna = 'waits'
    await host.tenancies.get('anna')?.line.reconnect()
    await until(() => host.tenancies.get('anna')?.line.status.state === 'connecting', quickly)
    await turns()
    await block()
    await turns()
    expect(said()).toEqual(['anna stopped'])
    // It is claimed anew.
    opens.anna = 'opens'
    await host.end('anna', 'stopped')
    fleet.desired.set('anna', 'running')
    await host.plan()
    await until(() => host.tenancies.get('anna')?.online === true, quickly)
    await block()
    await until(() => said().length > 1, quickly)
    expect(said()).toEqual(['anna stopped', 'anna stopped'])
  })

  test('does not give away what is still on its way to WhatsApp, or is given back already', async () => {
    const { fleet, host, released, heard, close, opens, states } = await full()
    opens.anna = 'waits'
    close('anna', 'Connection Terminated', 428)
    await until(() => states().includes('connecting'), quickly)
    Object.assign(host.tenancies.get('anna') ?? {}, { settled: false })
    for (const account of ['carl', 'dora'])
      heard.get(account)?.({ 'messages.upsert': { messages: [], type: 'notify' } })
    const ended = host.end('bert', 'stopped')
    fleet.others = [empty]
    await host.plan()
    await ended
    expect(new Set(released)).toEqual(new Set(['bert stopped', 'carl moved']))
  })

  test('claims nothing that it has, though its store does not know of it', async () => {
    const { fleet, host } = await full()
    for (const seat of fleet.seats.values()) seat.held = false
    await host.plan()
    expect(Object.values(fleet.claims)).toEqual([1, 1, 1, 1])
  })

  test('shows how many it has and how many are connected, as soon as that is another number', async () => {
    const { fleet, host } = await full({ announceMs: 7_000 })
    await host.look()
    expect(fleet.cards.at(-1)).toEqual({ has: 4, online: 4 })
    expect(fleet.cards[0]).toEqual({ has: 0, online: 0 })
    await host.end('anna', 'stopped')
    fleet.desired.set('anna', 'stopped')
    await host.look()
    expect(fleet.cards.at(-1)).toEqual({ has: 3, online: 3 })
  })

  test('has shown that it leaves before it looks to whom, and has told everything when it has left', async () => {
    const { fleet, host } = await full()
    const order: string[] = []
    const later = async () => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
    }
    const { announce, survey } = fleet
    fleet.announce = async (card) => {
      await later()
      await announce.call(fleet, card)
      order.push('shown')
    }
    fleet.survey = (most) => {
      order.push('looks')
      return survey.call(fleet, most)
    }
    fleet.desire = async () => {
      for (let turn = 0; turn < 40; turn += 1) await later()
      order.push('told')
    }
    fleet.leave = async () => {
      await later()
      order.push('left')
    }
    host.teller.desire('anna', 'running', null)
    const before = host.gate.load
    await host.leave()
    expect(order.filter((one) => one !== 'told')).toEqual(['shown', 'looks', 'left'])
    expect([order.includes('told'), host.teller.waiting, before.inside]).toEqual([true, 0, 0])
  })

  test('loses an account to nobody at a 440 while the store cannot say whose it is, and asks once for each', async () => {
    const { fleet, close, released, states } = await full()
    fleet.reachable = false
    const before = fleet.seats.get('anna')?.asked ?? 0
    close('anna', 'Stream Errored (conflict)', 440)
    await until(() => (fleet.seats.get('anna')?.asked ?? 0) > before, quickly)
    await new Promise((resolve) => setImmediate(resolve))
    expect(released).toEqual([])
    fleet.reachable = true
    await until(() => states().filter((state) => state === 'healthy').length === 4, quickly)
    expect(released).toEqual([])
  })

  test.each([
    ['at a 440', 'Stream Errored (conflict)', 440],
    ['when it connects again, without any 440', 'Connection Terminated', 428],
  ])("lets an account go that turns out to be another one's %s", async (_, message, code) => {
    const { fleet, host, close, released } = await full()
    fleet.locked.add('anna')
    close('anna', message, code)
    await until(() => released.length > 0, quickly)
    expect(new Set(released)).toEqual(new Set(['anna taken']))
    await until(() => host.tenancies.size === 3, quickly)
  })
})

describe('a host that claims', () => {
  test('takes what was handed to it before all else, and no more than its share with that', async () => {
    const fleet = new ScriptedFleet(['anna', 'bert'])
    fleet.others = [empty]
    fleet.handed.add('bert')
    const { host } = made(fleet)
    await host.plan()
    expect([...host.tenancies.keys()]).toEqual(['bert'])
  })

  test('has no more on their way at once than it may, and lets the next in when one of them leaves', async () => {
    const fleet = new ScriptedFleet(['anna', 'bert'])
    let opens: Opens = 'waits'
    const { host } = made(fleet, { pace: { connecting: 1 } }, () => opens)
    for (let look = 0; look < 4; look += 1) await host.plan()
    await until(() => host.gate.load.inside === 1, quickly)
    expect(host.tenancies.size).toBe(1)
    opens = 'opens'
    const [first = ''] = host.tenancies.keys()
    await host.end(first, 'stopped')
    expect(host.gate.load).toMatchObject({ inside: 0, waiting: 0 })
  })

  test('goes on claiming where none of its accounts gets through, as long as those of others do not either', async () => {
    const fleet = new ScriptedFleet(['anna'])
    const { host, states } = made(fleet, { pace: { offlineMs: 10 } }, () => 'fails')
    await until(async () => {
      await host.plan()
      return fleet.cards.at(-1)?.offline === true
    }, quickly)
    // One that has no account that gets through says nothing against it.
    fleet.others = [{ ...empty, most: 0 }]
    fleet.desired.set('bert', 'running')
    await host.plan()
    expect([...host.tenancies.keys()]).toEqual(['anna', 'bert'])
    // Those of another do: this host is cut off.
    fleet.others = [{ ...empty, online: 1, has: 2 }]
    fleet.desired.set('carl', 'running')
    await until(() => !states().includes('connecting'), quickly)
    await host.plan()
    expect([...host.tenancies.keys()]).not.toContain('carl')
  })

  test('leaves their share to others that get through to WhatsApp as little as it does itself', async () => {
    const fleet = new ScriptedFleet(['anna', 'bert'])
    fleet.others = [{ ...empty, offline: true }]
    const { host } = made(fleet, {}, () => 'fails')
    await host.plan()
    expect(host.tenancies.size).toBe(1)
    // Somebody does: the one that does not is to blame, and has no share.
    fleet.others = [
      { ...empty, offline: true },
      { ...empty, host: 'c', online: 1, most: 0 },
    ]
    await host.plan()
    expect(host.tenancies.size).toBe(2)
  })

  test('claims nothing any more once it is to leave, though it looks at the accounts just then', async () => {
    const fleet = new ScriptedFleet(['anna'])
    const { host } = made(fleet)
    let left: Promise<void> | undefined
    fleet.meanwhile = () => {
      left = host.leave()
    }
    await host.plan()
    await left
    expect([fleet.surveys > 0, fleet.claims]).toEqual([true, {}])
  })

  test('gives back what it was about to claim when it was told to leave', async () => {
    const fleet = new ScriptedFleet(['anna', 'bert'])
    const { host } = made(fleet)
    const { seat } = fleet
    let left: Promise<void> | undefined
    fleet.seat = (account) => {
      left ??= host.leave()
      return seat.call(fleet, account)
    }
    await host.plan()
    await left
    expect([left === undefined, host.tenancies.size]).toEqual([false, 0])
    expect([...fleet.seats.values()].some(({ held }) => held)).toBe(false)
    // Nor does it look any more.
    const before = fleet.surveys
    await host.plan()
    expect(fleet.surveys).toBe(before)
  })

  test('leaves no pause at its gate, however long that was to last', async () => {
    const { host } = made(new ScriptedFleet(['anna']), { pace: { spacingMs: 60_000 } })
    await host.plan()
    await until(() => host.gate.load.most === 1, quickly)
    await host.leave()
    let through = false
    void host.gate.enter('anybody').then(() => {
      through = true
    })
    await turns()
    expect(through).toBe(true)
  })

  test('looks again at all accounts if something changed while it looked', async () => {
    const fleet = new ScriptedFleet([])
    fleet.quietMs = 60_000
    const { host } = made(fleet)
    for (let look = 0; look < 3; look += 1) await host.plan()
    fleet.meanwhile = () => {
      fleet.desired.set('anna', 'running')
      void host.plan()
    }
    await host.plan()
    await until(() => host.tenancies.has('anna'), 1_000)
    for (let look = 0; look < 5; look += 1) await host.look()
    const before = fleet.surveys
    for (let look = 0; look < 5; look += 1) await host.look()
    expect(fleet.surveys - before).toBeLessThanOrEqual(1)
  })

  test('looks at all accounts again when another host comes, changes, or was not seen for too long, and not otherwise', async () => {
    const fleet = new ScriptedFleet([])
    fleet.quietMs = 3_600_000
    const { host } = made(fleet)
    const surveys = async (...others: readonly object[]) => {
      fleet.others = others as typeof fleet.others
      const before = fleet.surveys
      for (let look = 0; look < 2; look += 1) await host.look()
      return fleet.surveys - before
    }
    await surveys()
    expect(await surveys()).toBe(0)
    for (const change of [
      {},
      { has: 1 },
      { has: 1, most: 3 },
      { has: 1, most: 3, online: 1 },
      { has: 1, most: 3, online: 1, offline: true },
      { has: 1, most: 3, online: 1, offline: true, leaving: true },
      { has: 1, most: 3, seenAgoMs: 3_600_000 },
    ]) {
      const other = { ...empty, ...change }
      expect(await surveys(other), JSON.stringify(change)).toBe(1)
      expect(await surveys({ ...other, seenAgoMs: other.seenAgoMs + 1 })).toBe(0)
    }
    expect(await surveys({ ...empty, online: 2 })).toBe(1)
    expect(await surveys({ ...empty, online: 3 })).toBe(0)
  })

  test('looks at all accounts again once one may have become free of which nobody tells', async () => {
    const fleet = new ScriptedFleet([])
    fleet.quietMs = 20
    const { host } = made(fleet)
    await host.look()
    await until(async () => {
      await host.look()
      return fleet.surveys > 1
    }, quickly)
  })

  test('has shown that it lives before it looks at what is to do', async () => {
    const fleet = new ScriptedFleet([])
    const order: string[] = []
    const { announce, survey } = fleet
    fleet.announce = async (card) => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
      await announce.call(fleet, card)
      order.push('shown')
    }
    fleet.survey = (most) => {
      order.push('looks')
      return survey.call(fleet, most)
    }
    await made(fleet).host.look()
    expect(order).toEqual(['shown', 'looks'])
  })

  test('shows that it lives as often as it has to, and no more often', async () => {
    const fleet = new ScriptedFleet([])
    const { host } = made(fleet, { pace: { announceMs: 7_000 } })
    vi.useFakeTimers({ toFake: ['performance'] })
    for (let look = 0; look < 10; look += 1) await host.look()
    expect(fleet.cards).toHaveLength(1)
    vi.advanceTimersByTime(7_000)
    for (let look = 0; look < 10; look += 1) await host.look()
    expect(fleet.cards).toHaveLength(2)
  })
})
