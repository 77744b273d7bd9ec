import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { NoticeKind, StateName } from '../../machines/index.ts'
import type { HistoryEntry } from '../../src/history/entry.ts'
import type { Notice } from '../../src/index.ts'
import { NoticeDesk } from '../../src/notices/desk.ts'
import { toldBefore } from '../../src/notices/told-before.ts'
import { statusIn } from './notices.ts'

const minute = 60_000
const start = Date.UTC(2026, 0, 1)

/** What happens, one after the other: a state, a notice with its details, or a number of minutes that pass. */
type Step = StateName | readonly [NoticeKind, Record<string, unknown>?] | number | 'stop' | 'resume'

class Rig {
  readonly notices: Notice[] = []
  readonly desk: NoticeDesk
  #state: StateName = 'stopped'

  constructor(mode?: 'heal' | 'observe') {
    this.desk = new NoticeDesk({
      account: 'a',
      quietMs: 3 * minute,
      ...(mode && { mode }),
      status: () => statusIn(this.#state),
      onNotice: (notice) => this.notices.push(notice),
    })
  }

  play(steps: readonly Step[]): readonly string[] {
    for (const step of steps) {
      if (typeof step === 'number') vi.advanceTimersByTime(step * minute)
      else if (step === 'stop') this.desk.stop()
      else if (step === 'resume') this.desk.resume([])
      else if (typeof step !== 'string') this.desk.tell(step[0], step[1] ?? {})
      else {
        this.#state = step
        this.desk.state(step)
      }
    }
    return this.notices.map(({ kind }) => kind)
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: start })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('what is told', () => {
  const rows: readonly (readonly [title: string, steps: readonly Step[], told: readonly NoticeKind[]])[] = [
    ['a drop shorter than the quiet time is not', ['healthy', 'reconnecting', 2, 'healthy', 10], []],
    ['a drop longer than the quiet time is, once', ['healthy', 'reconnecting', 4, 'preparing', 60], ['outage']],
    ['its recovery is', ['healthy', 'reconnecting', 4, 'healthy'], ['outage', 'recovered']],
    [
      'short drops one after the other do not add up',
      ['healthy', 'reconnecting', 2, 'healthy', 'reconnecting', 2, 'healthy', 'reconnecting', 2],
      [],
    ],
    [
      'a changing state does not begin the quiet time anew',
      ['healthy', 'reconnecting', 1, 'preparing', 1, 'connecting', 1.5],
      ['outage'],
    ],
    ['a start that does not get through is', ['preparing', 'connecting', 'reconnecting', 4], ['outage']],
    ['degraded counts as connected', ['healthy', 'degraded', 60, 'healthy'], []],
    ['degraded ends an outage', ['reconnecting', 4, 'degraded'], ['outage', 'recovered']],
    [
      'a need for a person is told at once',
      ['awaitingQr', ['relink-needed', { reason: 'logged-out' }]],
      ['relink-needed'],
    ],
    [
      'an outage is not told on top of what has told it',
      ['awaitingQr', ['relink-needed', { reason: 'logged-out' }], 60],
      ['relink-needed'],
    ],
    [
      'the same trouble is told once until it is over',
      [
        ...['conflicted', ['conflict'], 'reconnecting', 1, 'conflicted', ['conflict'], 60, ['conflict'], 'healthy'],
        ...['conflicted', ['conflict']],
      ] as Step[],
      ['conflict', 'recovered', 'conflict'],
    ],
    [
      'another reason is another trouble',
      ['blocked', ['blocked', { reason: 'disk' }], ['blocked', { reason: 'locked' }], ['blocked', { reason: 'disk' }]],
      ['blocked', 'blocked'],
    ],
    [
      'a pairing that is being completed after its scan is no new need',
      ['awaitingQr', ['relink-needed', { reason: 'never-linked', scanned: true }]],
      [],
    ],
    [
      'what was done is told each time',
      ['healthy', ['sessions-pruned', { scope: 'failing', addresses: ['1.0'] }], ['sessions-pruned', {}], ['relinked']],
      ['sessions-pruned', 'sessions-pruned', 'relinked'],
    ],
    [
      'each scan by another number is news',
      [
        'awaitingQr',
        ['relink-needed', { reason: 'other-number', otherNumber: '…42' }],
        ['relink-needed', { reason: 'other-number', otherNumber: '…43' }],
      ],
      ['relink-needed', 'relink-needed'],
    ],
    [
      'the first link says all, and the next outage is told and over as any',
      [
        ...['awaitingQr', ['relink-needed', { reason: 'never-linked' }], ['relinked'], 'healthy'],
        ...['reconnecting', 4, 'healthy'],
      ] as Step[],
      ['relink-needed', 'relinked', 'outage', 'recovered'],
    ],
    [
      'a link anew after a logout is over with its recovery, and so is a first one that was not told of',
      [
        ...['awaitingQr', ['relink-needed', { reason: 'logged-out' }], ['relinked'], 'healthy'],
        ...['awaitingQr', ['relink-needed', { reason: 'never-linked' }], 'healthy'],
      ] as Step[],
      ['relink-needed', 'relinked', 'recovered', 'relink-needed', 'recovered'],
    ],
    ['a stopped line tells nothing', ['healthy', 'reconnecting', 1, 'stopped', 60], []],
    ['the time while it was stopped is no outage', ['reconnecting', 1, 'stopped', 60, 'preparing', 2, 'healthy'], []],
    [
      'an outage that was told before a stop is not told again, and its recovery is',
      ['reconnecting', 4, 'stopped', 60, 'preparing', 10, 'healthy'],
      ['outage', 'recovered'],
    ],
  ]
  test.each(rows)('%s', (_, steps, told) => {
    expect(new Rig().play(steps)).toEqual(told)
  })

  test('nothing is left ticking after a stop', () => {
    new Rig().play(['healthy', 'reconnecting', 'stop'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a recovery says for how long the account was away, a stop in between included', () => {
    const rig = new Rig()
    rig.play(['healthy', 'reconnecting', 5, 'stopped', 55, 'preparing', 5, 'healthy'])
    expect(rig.notices.at(-1)).toMatchObject({
      message: 'Connected again after 1 h 5 min.',
      details: { downMs: 65 * minute },
    })
  })

  test('an outage is told with what was the matter last, and not with the attempt that is under way', () => {
    const rig = new Rig()
    rig.play(['healthy', 'reconnecting', 2, 'preparing', 'connecting', 2])
    expect(rig.notices.map(({ message }) => message)).toEqual(['Not connected for 3 min. It is reconnecting.'])
  })

  test.each([
    [undefined, {}],
    ['heal', {}],
    ['observe', { observing: true }],
  ] as const)('of an account in mode %s its details say whether it is only observed', (mode, details) => {
    const rig = new Rig(mode)
    rig.play([['sessions-pruned', { addresses: [] }]])
    expect(rig.notices.map((one) => one.details)).toEqual([{ addresses: [], ...details }])
  })

  test('a clock that is set back makes no negative outage', () => {
    const rig = new Rig()
    rig.play(['reconnecting', 4])
    vi.setSystemTime(start - 60 * minute)
    rig.play(['healthy'])
    expect(rig.notices.at(-1)?.details).toEqual({ downMs: 0 })
  })

  test('every notice has an id of its own, and none of those told can change it under the others', () => {
    const rig = new Rig()
    const addresses = ['1.0']
    rig.desk.tell('sessions-pruned', { addresses })
    rig.desk.tell('sessions-pruned', { addresses })
    addresses.push('2.0')
    const [first, second] = rig.notices
    expect(first?.id).not.toBe(second?.id)
    expect(first?.details).toEqual({ addresses: ['1.0'] })
    expect(() => Reflect.set(first?.details ?? {}, 'addresses', [])).not.toThrow()
    expect(first?.details).toEqual({ addresses: ['1.0'] })
    expect(Object.isFrozen(first) && Object.isFrozen(first?.details.addresses)).toBe(true)
  })
})

describe('a process that starts anew', () => {
  const told = (kind: string, at: number, details = {}): HistoryEntry => ({
    type: 'notice',
    at,
    kind,
    message: '',
    details,
  })
  const went = (from: StateName, to: StateName, at: number): HistoryEntry => ({
    ...{ type: 'transition', event: 'x', generation: 1 },
    ...{ at, from, to },
  })
  const outage = [went('healthy', 'reconnecting', 10), told('outage', 20)]

  test.each<readonly [string, readonly HistoryEntry[], readonly string[], number | undefined]>([
    ['without a history knows of nothing', [], [], undefined],
    ['in the middle of an outage that was told knows since when', outage, ['outage '], 10],
    ['after a clean stop in the middle of it, too', [...outage, went('reconnecting', 'stopped', 30)], ['outage '], 10],
    ['after the recovery owes nothing', [...outage, told('recovered', 30)], [], undefined],
    [
      'after a recovery that nobody could be told of owes nothing',
      [...outage, went('connecting', 'healthy', 30)],
      [],
      undefined,
    ],
    ['knows the reasons', [told('blocked', 5, { reason: 'disk' })], ['blocked disk'], 5],
    [
      'counts no time before a clean stop',
      [went('healthy', 'reconnecting', 1), went('reconnecting', 'stopped', 2)],
      [],
      undefined,
    ],
  ])('%s', (_, history, keys, downSince) => {
    expect(toldBefore(history)).toEqual({ keys: new Set(keys), outage: keys.length > 0, downSince })
  })

  test('tells the recovery of an outage that an earlier run told, and not the outage again', () => {
    const rig = new Rig()
    vi.setSystemTime(start)
    rig.desk.resume([went('healthy', 'reconnecting', start - 9 * minute), told('outage', start - 6 * minute)])
    expect(rig.play(['preparing', 10, 'healthy'])).toEqual(['recovered'])
    expect(rig.notices[0]?.message).toBe('Connected again after 19 min.')
  })

  test('goes by what it has told itself, if that is not over yet', () => {
    const rig = new Rig()
    rig.play(['healthy', 'reconnecting', 4])
    rig.desk.resume([told('outage', start + 3 * minute)])
    rig.play(['healthy'])
    expect(rig.notices.at(-1)?.details).toEqual({ downMs: 4 * minute })
  })

  test('tells no recovery of an outage that no earlier run told', () => {
    const rig = new Rig()
    rig.desk.resume([went('healthy', 'reconnecting', start - minute)])
    expect(rig.play(['preparing', 1, 'healthy'])).toEqual([])
  })

  test('reads a damaged history as far as it goes', () => {
    const damaged = { type: 'notice', at: 1, kind: 'conflict', message: '' } as unknown as HistoryEntry
    expect(toldBefore([damaged]).outage).toBe(true)
  })
})

test('a notice bears the time at which it is told', () => {
  const rig = new Rig()
  rig.play(['healthy', 'reconnecting', 4])
  expect(rig.notices.map(({ at, details }) => [at, details])).toEqual([[start + 3 * minute, { downMs: 3 * minute }]])
})
