import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ownerless } from '../../src/fleet/account-report.ts'
import { blockOf } from '../../src/fleet/block.ts'
import { CommandDesk } from '../../src/fleet/command-desk.ts'
import { ConnectGate } from '../../src/fleet/connect-gate.ts'
import { FleetLine } from '../../src/fleet/fleet-line.ts'
import { FolderCoordination } from '../../src/fleet/folder-coordination.ts'
import { createFleet } from '../../src/fleet/index.ts'
import { Online } from '../../src/fleet/online.ts'
import { Teller } from '../../src/fleet/teller.ts'
import { FleetView } from '../../src/fleet/view.ts'
import type { Lifeline, Status } from '../../src/index.ts'
import { statusIn } from '../notices/notices.ts'
import { freshFolder } from '../stores/account.ts'
import { ScriptedFleet } from './scripted-fleet.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})
const freeze = () =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
const stop = { type: 'stop' } as const

describe('a command to another host', () => {
  const desk = (answerTo: () => Promise<{ content: unknown } | undefined>, answerMs = 500) => {
    const coordination = new ScriptedFleet([])
    coordination.answerTo = answerTo as never
    return new CommandDesk({ coordination, answerMs, act: async () => undefined, onTrouble: () => undefined })
  }

  test('goes to that host for that account; those that came are swept first, done, and answered each', async () => {
    const coordination = new ScriptedFleet([])
    const did: string[] = []
    Object.assign(coordination, {
      send: async (...args: unknown[]) => did.push(`sends ${JSON.stringify(args)}`) && 'id',
      answerTo: async (id: string) => ({ content: { ok: true, value: id } }),
      sweep: async (ms: number) => {
        await Promise.resolve()
        did.push(`sweeps ${ms}`)
      },
      take: async () => {
        did.push('takes')
        return [{ id: 'one', account: 'bert', content: stop }]
      },
      answer: async ({ id }: { id: string }, content: unknown) => {
        did.push(`answers ${id} ${JSON.stringify(content)}`)
      },
    })
    const act = async (account: string, { type }: { type: string }) => `${account} ${type}`
    const both = new CommandDesk({ coordination, answerMs: 500, act, onTrouble: () => undefined })
    expect(await both.ask('b', 'anna', stop)).toBe('id')
    await both.take()
    await new Promise(setImmediate)
    expect(did).toEqual([
      'sends ["b","anna",{"type":"stop"}]',
      'sweeps 1000',
      'takes',
      'answers one {"ok":true,"value":"bert stop"}',
    ])
    // And whenever there may be others.
    did.length = 0
    await both.take()
    expect(did.slice(0, 2)).toEqual(['sweeps 1000', 'takes'])
  })

  test('is waited for as long as it was said, and not longer', async () => {
    freeze()
    const asked = desk(async () => undefined).ask('b', 'anna', stop)
    let over = false
    asked
      .catch(() => undefined)
      .finally(() => {
        over = true
      })
    await vi.advanceTimersByTimeAsync(499)
    expect(over).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await expect(asked).rejects.toMatchObject({ code: 'FLEET_NO_ANSWER' })
  })

  test('leaves no timer once it is answered, and hears of an answer that comes while it looks for one', async () => {
    freeze()
    let looks = 0
    const one: CommandDesk = desk(async () => {
      looks += 1
      if (looks > 1) return { content: { ok: true, value: 'done' } }
      one.look()
      return undefined
    })
    const asked = one.ask('b', 'anna', stop)
    await vi.advanceTimersByTimeAsync(10)
    await expect(asked).resolves.toBe('done')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('what a host tells the others', () => {
  const told = (state: Status['state']) => ({ status: statusIn(state), mode: 'heal' }) as const

  test('is the newest word, also if it comes while an older one is told, and both kinds of words', async () => {
    const fleet = new ScriptedFleet(['anna'])
    const heard: string[] = []
    let during: (() => void) | undefined
    fleet.tell = async (_account, epoch, content) => {
      heard.push(`${epoch} ${Object(content).status.state}`)
      await Promise.resolve()
      const once = during
      during = undefined
      once?.()
    }
    fleet.desire = async (account, to) => {
      heard.push(`${account} ${to}`)
    }
    const teller = new Teller(fleet, () => undefined)
    during = () => teller.tell('anna', 2, told('reconnecting'))
    teller.tell('anna', 1, told('healthy'))
    await teller.flush()
    expect(heard).toEqual(['1 healthy', '2 reconnecting'])
    heard.length = 0
    const waiting = new Teller(fleet, () => undefined)
    waiting.tell('bert', 1, told('healthy'))
    waiting.desire('bert', 'stopped', null)
    waiting.tell('bert', 1, told('blocked'))
    await waiting.flush()
    expect(heard).toEqual(expect.arrayContaining(['bert stopped', '1 blocked']))
    expect([teller.waiting, waiting.waiting]).toEqual([0, 0])
  })

  test('waits while it cannot be told, and is told when it can', async () => {
    const fleet = new ScriptedFleet(['anna'])
    const { tell } = fleet
    fleet.tell = () => Promise.reject(new Error('no route'))
    const troubles: unknown[] = []
    const teller = new Teller(fleet, (error) => troubles.push(error))
    teller.tell('anna', 1, told('healthy'))
    await teller.flush()
    expect([teller.waiting, troubles]).toEqual([1, [new Error('no route')]])
    fleet.tell = tell
    await teller.flush()
    expect([teller.waiting, fleet.told.map(({ account }) => account)]).toEqual([0, ['anna']])
  })

  test('is that an account is to stand still where a person has to see to it, and nowhere else', () => {
    const status = (state: Status['state'], userAction: Status['userAction']) => ({ ...statusIn(state), userAction })
    expect(blockOf(status('blocked', 'ask-whatsapp'))).toMatchObject({ held: { state: 'blocked' } })
    expect(blockOf(status('conflicted', 'check-other-client'))).toMatchObject({ held: { state: 'conflicted' } })
    expect(blockOf(status('blocked', 'wait'))).toBeUndefined()
    expect(blockOf(status('blocked', 'check-disk'))).toBeUndefined()
    expect(blockOf(status('reconnecting', 'ask-whatsapp'))).toBeUndefined()
    const last = { status: statusIn('blocked'), mode: 'heal' } as const
    expect(ownerless('anna', last, false, true).state).toBe('stopped')
    expect(ownerless('anna', last, true, true)).toBe(last.status)
  })

  test('is how long ago each was seen, by a clock that nobody sets', async () => {
    freeze()
    vi.advanceTimersByTime(5_000)
    const fleet = new ScriptedFleet([])
    fleet.others = [{ host: 'b', seenAgoMs: 200 }]
    const view = new FleetView(fleet)
    await view.refresh()
    vi.advanceTimersByTime(30)
    expect(view.hosts[1]?.seenAgoMs).toBe(230)
  })

  test('is in which mode its accounts run, where a host has them and has said so', async () => {
    const fleet = new ScriptedFleet(['anna', 'bert', 'carl'])
    const report = (mode: string) => ({ status: statusIn('healthy'), mode })
    fleet.statuses = async () => [
      { account: 'anna', host: 'b', content: report('observe') },
      { account: 'bert', host: 'b', content: report('heal') },
      { account: 'carl', host: 'b', content: report('observe') },
    ]
    fleet.holders = async () => ['anna', 'bert', 'dora'].map((account) => ({ account, host: 'b' }))
    const view = new FleetView(fleet)
    await view.refresh()
    expect(
      ['anna', 'bert', 'carl', 'dora'].map((account) => {
        const { mode, host, status } = view.told(account)
        return [mode, host, status.state]
      }),
    ).toEqual([
      ['observe', 'b', 'healthy'],
      ['heal', 'b', 'healthy'],
      ['observe', undefined, 'stopped'],
      ['heal', 'b', 'stopped'],
    ])
    expect(view.accounts.map(({ account }) => account)).toEqual(['anna', 'bert', 'carl'])
  })
})

describe('a line of the fleet', () => {
  const local = (state: Status['state'] = 'healthy') => {
    const events = new EventEmitter()
    const handlers = new Set<(data: object) => void>()
    const ev = {
      on: (name: string, listener: () => void) => events.on(name, listener),
      off: (name: string, listener: () => void) => events.off(name, listener),
      emit: (name: string, data: unknown) => events.emit(name, data),
      process: (handler: (data: object) => void) => {
        handlers.add(handler)
        return () => handlers.delete(handler)
      },
    }
    const line = {
      status: statusIn(state) as Status,
      mode: 'heal',
      ev,
      on: (name: string, listener: () => void) => {
        events.on(`line.${name}`, listener)
        return () => events.off(`line.${name}`, listener)
      },
    }
    const listening = () =>
      handlers.size + events.eventNames().reduce((sum, name) => sum + events.listenerCount(name), 0)
    return { line: line as unknown as Lifeline<never> & { status: Status }, events, handlers, listening }
  }
  const made = () =>
    new FleetLine<never>({
      account: 'anna',
      self: 'a',
      seat: () => new ScriptedFleet([]).seat('anna'),
      told: () => ({ status: statusIn('stopped'), mode: 'heal', host: undefined }),
      command: async () => undefined,
      report: () => undefined,
    })

  test('hears nothing any more of a supervisor that it has left, and tells a code once', () => {
    const shown = made()
    const codes: number[] = []
    shown.on('qr', ({ number }) => codes.push(number))
    const one = local()
    shown.moved(one.line)
    expect(one.listening()).toBeGreaterThan(0)
    const qr = { code: 'x', number: 1, expiresAt: 9 }
    for (const status of [
      { ...statusIn('awaitingQr'), qr },
      { ...statusIn('awaitingQr'), qr, attempt: 2 },
      { ...statusIn('awaitingQr'), qr: { ...qr, number: 2 } },
    ]) {
      Object.assign(one.line, { status })
      one.events.emit('line.status', status)
    }
    expect(codes).toEqual([1, 2])
    shown.moved(undefined)
    expect(one.listening()).toBe(0)
  })
})

describe('the history of an account', () => {
  const entry = { type: 'stop', at: 1 }
  function elsewhere() {
    const reads: { resolve: (entries: unknown) => void; reject: (error: Error) => void }[] = []
    const auth = {
      readHistory: () => new Promise((resolve, reject) => reads.push({ resolve, reject })),
      quarantined: async () => ['of the store'],
    }
    const told = { status: statusIn('stopped') as Status, mode: 'heal' as const, host: 'b' }
    const troubles: string[] = []
    const line = new FleetLine<never>({
      ...{ account: 'anna', self: 'a', seat: () => ({ auth }) as never, told: () => told },
      ...{ command: async () => undefined, report: (_, doing) => troubles.push(doing) },
    })
    const settled = () => new Promise((resolve) => setImmediate(resolve))
    return { reads, told, line, troubles, settled }
  }

  test('of another host is read once for each status, tells when it has been, and is as it was where it cannot be', async () => {
    const { reads, told, line, troubles, settled } = elsewhere()
    let heard = 0
    line.on('status', () => {
      heard += 1
    })
    line.look()
    expect([line.history(), line.history(), reads.length, heard]).toEqual([[], [], 1, 1])
    reads[0]?.resolve([entry])
    await settled()
    expect([heard, line.history(), line.history(), reads.length]).toEqual([2, [entry], [entry], 1])
    told.status = statusIn('healthy')
    line.look()
    expect([line.history(), reads.length]).toEqual([[entry], 2])
    reads[1]?.reject(new Error('no route'))
    await settled()
    expect([line.history(), reads.length, troubles]).toEqual([[entry], 2, ['reading the history']])
  })

  test('of this host, and all else of it, is that of its supervisor', async () => {
    const { reads, line } = elsewhere()
    expect([line.host, line.mode, line.status.state, await line.quarantined()]).toEqual([
      'b',
      'heal',
      'stopped',
      ['of the store'],
    ])
    const off = () => undefined
    const local = {
      ...{ status: statusIn('healthy'), mode: 'observe', on: () => off, ev: { process: () => off } },
      ...{ history: () => ['its own'], quarantined: async () => ['of its own'] },
    }
    line.moved(local as never)
    expect([line.host, line.mode, line.status.state, line.history(), await line.quarantined(), reads.length]).toEqual([
      ...['a', 'observe', 'healthy', ['its own'], ['of its own'], 0],
    ])
  })
})

describe('what a fleet leaves behind', () => {
  test('are no timers of its gate, its folder and the wait for a poll', async () => {
    freeze()
    const gate = new ConnectGate({ connecting: 1, spacingMs: 1_000 })
    await gate.enter('a')
    gate.end()
    expect(vi.getTimerCount()).toBe(0)
    const off = await new FolderCoordination(await freshFolder()).listen(() => undefined, 1_000)
    expect(vi.getTimerCount()).toBe(1)
    off()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('are no listeners of signals and of other hosts; what it hears of another one is not for it', async () => {
    const wakes: Parameters<FolderCoordination['listen']>[0][] = []
    const ends: number[] = []
    const { listen } = FolderCoordination.prototype
    vi.spyOn(FolderCoordination.prototype, 'listen').mockImplementation(async function (
      this: FolderCoordination,
      onWake,
      pollMs,
    ) {
      wakes.push(onWake)
      const off = await listen.call(this, onWake, pollMs)
      return () => {
        ends.push(wakes.length)
        off()
      }
    })
    const statuses = vi.spyOn(FolderCoordination.prototype, 'statuses')
    const taken = vi.spyOn(FolderCoordination.prototype, 'take')
    const end = vi.spyOn(FolderCoordination.prototype, 'end')
    const timers = vi.spyOn(globalThis, 'setInterval')
    const cleared = vi.spyOn(globalThis, 'clearInterval')
    const surveys = vi.spyOn(FolderCoordination.prototype, 'survey')
    const before = process.listenerCount('SIGUSR2')
    const fleet = createFleet<never>({
      store: await freshFolder(),
      connect: () => Promise.reject(new Error('no network')),
      pace: { planMs: 3_600_000, pollMs: 3_600_000 },
      drainOn: ['SIGUSR2'],
    })
    await fleet.start()
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1)
    const wake = (kind: 'heir' | 'lease' | 'answer' | 'inbox', of: string) => wakes[0]?.({ kind, of })
    const more = async (than: { readonly mock: { readonly calls: readonly unknown[] } }, step: () => void) => {
      const count = than.mock.calls.length
      step()
      await vi.waitFor(() => expect(than.mock.calls.length).toBeGreaterThan(count), 30_000)
    }
    const count = surveys.mock.calls.length
    wake('heir', 'another')
    wake('answer', 'x')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(surveys.mock.calls.length).toBe(count)
    await more(surveys, () => wake('heir', fleet.hostId))
    await more(surveys, () => wake('lease', 'x'))
    await more(taken, () => wake('inbox', 'x'))
    // Nobody has looked at the accounts of other hosts.
    expect(statuses).not.toHaveBeenCalled()
    await fleet.stop()
    expect(end).toHaveBeenCalledOnce()
    for (const { value } of timers.mock.results) expect(cleared).toHaveBeenCalledWith(value)
    expect(process.listenerCount('SIGUSR2')).toBe(before)
    expect(ends).toEqual([1])
  })
})

test('a host that is cut off rests for as long as it was found to, however often it is looked at meanwhile', () => {
  let now = 0
  const online = new Online(100, () => now)
  const lookAt = (time: number) => {
    now = time
    online.look([statusIn('connecting')])
    return online.lost
  }
  expect([0, 100, 120, 150, 199].map(lookAt)).toEqual([false, true, true, true, true])
  now = 200
  expect(online.lost).toBe(false)
})
