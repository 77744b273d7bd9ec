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
    const fleet = new ScriptedFleet([])
    fleet.others = [{ host: 'b', seenAgoMs: 200 }]
    const view = new FleetView(fleet)
    await view.refresh()
    const [, other] = view.hosts
    expect(other?.seenAgoMs).toBeGreaterThanOrEqual(200)
    expect(other?.seenAgoMs).toBeLessThan(60_000)
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
