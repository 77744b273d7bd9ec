import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { allFine, allHeard, defaultPolicy, type Facts } from '../../machines/index.ts'
import { LineHistory } from '../../src/history/history.ts'
import { LineJournal } from '../../src/line/journal.ts'
import type { Notice } from '../../src/notices/notice.ts'
import { silent } from '../baileys/lines.ts'

const start = 1_000_000_000_000
beforeEach(() => {
  vi.useFakeTimers()
  vi.setSystemTime(start)
})
afterEach(() => vi.useRealTimers())

/** A journal, what it has listed, what it has written beside, and what the owner's log was told. */
function journal(options: { readonly written?: () => { count: number } | undefined; readonly kept?: unknown[] } = {}) {
  const written: { type: string }[] = []
  const logged: unknown[] = []
  const history = new LineHistory({
    appendHistory: async (entry) => void written.push(entry as { type: string }),
    readHistory: async () => options.kept ?? [],
  })
  const log =
    (level: string) =>
    (...args: unknown[]) =>
      void logged.push([level, ...args])
  const made = new LineJournal('a', { ...silent, info: log('info'), warn: log('warn') }, history, options.written)
  return { made, history, written, logged, list: () => history.list() }
}

const facts = (more: Partial<Facts> = {}): Facts => ({
  ...{ version: 1, savedAt: start - 50, attempt: 0, restartRun: 0, clean: true, conflicts: [], closes: [] },
  budget: { addresses: {}, all: [] },
  ...more,
})

describe('the begin of a run', () => {
  test.each<[string, unknown[], Facts | undefined, object]>([
    ['the first one', [], undefined, { unclean: false }],
    ['one after a clean end', [{ type: 'stop', at: start - 9 }], facts(), { unclean: false }],
    ['one after a kill', [{ type: 'alive', at: start - 9 }], undefined, { unclean: true, lastSeenAt: start - 9 }],
    ['one whose facts are newer', [{ type: 'alive', at: 1 }], facts({ clean: false }), { lastSeenAt: start - 50 }],
    ['one with facts alone', [], facts({ clean: false }), { unclean: true, lastSeenAt: start - 50 }],
    ['one after the clock was set back', [{ type: 'alive', at: start + 9 }], undefined, { lastSeenAt: start }],
  ])('%s says whether the run before ended as asked, and when it was last seen', async (_, kept, saved, said) => {
    const { made, history, list } = journal({ kept })
    await history.load()
    made.begin('observe', saved)
    expect(list().at(-1)).toEqual({ type: 'start', at: start, mode: 'observe', unclean: true, ...said })
    made.end()
    expect(list().at(-1)).toEqual({ type: 'stop', at: start })
  })

  test('with writes that are counted says how many there were, at each sign of life, each claim and the end', () => {
    let count = 0
    const { made, list } = journal({ written: () => ({ count: ++count }) })
    made.begin('heal', undefined)
    vi.advanceTimersByTime(900_000)
    made.claimed()
    made.end()
    made.end()
    vi.advanceTimersByTime(900_000)
    expect(list()).toEqual([
      { type: 'start', at: start, mode: 'heal', unclean: false, written: { count: 1 } },
      { type: 'alive', at: start + 900_000, written: { count: 2 } },
      { type: 'claim', at: start + 900_000, written: { count: 3 } },
      { type: 'stop', at: start + 900_000, written: { count: 4 } },
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('without such a count says nothing of it, and begun twice gives one sign of life in a quarter of an hour', async () => {
    const { made, written, history } = journal()
    made.begin('heal', undefined)
    made.begin('heal', undefined)
    made.claimed()
    vi.advanceTimersByTime(900_000)
    made.end()
    expect(vi.getTimerCount()).toBe(0)
    await history.settled()
    expect(written.map(({ type }) => type)).toEqual(['start', 'start', 'alive', 'stop'])
    expect(written[2]).toEqual({ type: 'alive', at: start + 900_000 })
  })

  test('gives the statechart the clock and the chance of the process, and a clock that nobody sets', async () => {
    const { made, written, history } = journal()
    const recorder = made.begin('heal', undefined)
    const { env } = recorder
    expect(env.now()).toBe(start)
    expect(env.random()).toBeLessThan(1)
    const input = { policy: defaultPolicy, mode: 'heal', facts: undefined, generation: 1 } as const
    recorder.began(input)
    vi.setSystemTime(start - 3_600_000)
    recorder.began(input)
    made.end()
    await history.settled()
    expect(written.map(({ type }) => type)).toEqual(['start', 'run', 'run', 'stop'])
    const [, first, second] = written.map((one) => ({ at: Reflect.get(one, 'at'), t: Reflect.get(one, 't') }))
    expect(second).toEqual({ at: start - 3_600_000, t: first?.t })
  })
})

describe('contacts that cannot be read, or cannot read', () => {
  const evidence = (level: 'fine' | 'failing' | 'storm', addresses: readonly string[]) => ({
    ...{ ...allFine, level, addresses, messages: addresses.length },
  })

  test('are written when the judgement changes, and those that join meanwhile with the next entry', () => {
    const { made, list } = journal()
    made.begin('heal', undefined)
    made.unreadable(evidence('fine', []))
    made.unreadable(evidence('failing', ['491.0', '491.3', '492_1.0']))
    made.unreadable(evidence('failing', ['491.0', '492_1.0', '493.0']))
    made.unreadable(evidence('failing', ['491.0', '492_1.0', '493.0', '494.0']))
    made.act('sessions-renewed', 4, 'why')
    made.unreadable(evidence('storm', ['491.0']))
    made.unreadable(evidence('fine', []))
    made.unreadable(evidence('fine', []))
    const said = { type: 'unreadable', at: start }
    expect(list().slice(1)).toEqual([
      { ...said, contacts: 2, messages: 3, level: 'failing' },
      { ...said, contacts: 4, messages: 4, level: 'failing' },
      { type: 'act', at: start, act: 'sessions-renewed', sessions: 4, why: 'why' },
      { ...said, contacts: 1, messages: 1, level: 'storm' },
      { ...said, contacts: 0, messages: 0, level: 'fine' },
    ])
  })

  test('are counted apart from devices of the account itself, and anew in each run', () => {
    const { made, list } = journal()
    const outbound = { ...allHeard, level: 'failing', contacts: 2, ownPhone: true, companions: 3, messages: 9 } as const
    made.unheard(allHeard)
    made.unheard(outbound)
    made.unheard({ ...outbound, ownPhone: false })
    made.begin('heal', undefined)
    made.unheard({ ...outbound, contacts: 1, ownPhone: false })
    // At once, not with the next entry as what only grew.
    expect(list()).toHaveLength(4)
    made.unheard(allHeard)
    const said = { type: 'unheard', at: start }
    expect(list()).toEqual([
      { ...said, contacts: 2, own: 4, messages: 9 },
      { ...said, contacts: 2, own: 3, messages: 9 },
      expect.objectContaining({ type: 'start' }),
      { ...said, contacts: 1, own: 3, messages: 9 },
      { ...said, contacts: 0, own: 0, messages: 0 },
    ])
    made.end()
  })
})

test('what was done is written with what is known of it, and what would have been done is said in the log as well', () => {
  const { made, list, logged } = journal()
  made.act('pre-keys-raised')
  made.would('sessions-renewed', 2, 'why')
  made.wouldPrune({ scope: 'all', addresses: ['491.0'], why: 'all of them' })
  made.wouldPrune({ scope: 'failing', addresses: ['491.0', '492.0'], why: 'two of them' })
  const would = { type: 'would', at: start, act: 'sessions-set-aside' }
  expect(list()).toEqual([
    { type: 'act', at: start, act: 'pre-keys-raised' },
    { type: 'would', at: start, act: 'sessions-renewed', sessions: 2, why: 'why' },
    { ...would, why: 'all of them' },
    { ...would, sessions: 2, why: 'two of them' },
  ])
  expect(logged).toHaveLength(3)
  expect(logged[0]).toEqual([
    'info',
    { account: 'a', act: 'sessions-renewed', why: 'why' },
    expect.stringMatching(/^lifeline: Observing: .*2 sessions/i),
  ])
})

describe('trouble', () => {
  test('of one kind is written once in a minute, and said in the log each time', () => {
    const { made, list, logged } = journal()
    const [first, other] = [new Error('EIO'), new Error('ENOSPC')]
    const said = () => list().map((entry) => entry.type === 'trouble' && [entry.at - start, entry.doing, entry.message])
    made.trouble(first, 'saving')
    vi.advanceTimersByTime(59_999)
    made.trouble(first, 'saving')
    vi.advanceTimersByTime(1)
    made.trouble(first, 'saving')
    made.trouble(other, 'saving')
    made.trouble(other, 'reading')
    expect(said()).toEqual([
      [0, 'saving', 'EIO'],
      [60_000, 'saving', 'EIO'],
      [60_000, 'saving', 'ENOSPC'],
      [60_000, 'reading', 'ENOSPC'],
    ])
    expect(logged).toHaveLength(5)
    expect(logged[0]).toEqual([
      'warn',
      { account: 'a', doing: 'saving', message: 'EIO' },
      'lifeline: something failed; supervision goes on',
    ])
  })

  test('that Baileys stumbled over by itself is told once in a run for each kind', () => {
    const { made, logged } = journal()
    made.begin('heal', undefined)
    const stumbles = () => {
      made.stray(new Error('Bad MAC'), 'reading')
      made.stray(new Error('Bad MAC'), 'reading')
      made.stray(new Error('Bad MAC'), 'writing')
    }
    stumbles()
    expect(logged).toHaveLength(2)
    made.begin('heal', undefined)
    stumbles()
    expect(logged).toHaveLength(4)
    made.end()
  })

  test('with the log of the owner harms nothing, thrown or rejected', async () => {
    const thrown = new LineJournal(
      'a',
      {
        ...silent,
        warn: () => {
          throw new Error('no log')
        },
      },
      journal().history,
    )
    expect(() => thrown.trouble(new Error('EIO'), 'saving')).not.toThrow()
    const rejected = vi.fn(async () => {
      throw new Error('no log')
    })
    new LineJournal('a', { ...silent, warn: rejected }, journal().history).trouble(new Error('EIO'), 'saving')
    await Promise.allSettled(rejected.mock.results.map(({ value }) => value))
    expect(rejected).toHaveBeenCalledTimes(1)
  })
})

test.each<[string, Notice['details'], string, object]>([
  ['keeps its details', { reason: 'x' }, 'It is so.', { reason: 'x' }],
  [
    'names no address',
    { addresses: ['491.0', '492.0'], unheard: { addresses: ['493.0'], n: 1 } },
    'It is so.',
    {
      sessions: 2,
      unheard: { sessions: 1, n: 1 },
    },
  ],
  ['takes what is no list as it is', { addresses: 7, unheard: 'x' }, 'It is so.', {}],
  ['takes what is nothing as it is', { unheard: null }, 'It is so.', {}],
  ['says what it says where no own number is named', { self: 7 }, 'It is so as 7.', {}],
  ['does not name the own number', { self: '4917:1@s.whatsapp.net' }, 'It is so.', {}],
])('a notice in the history %s', (_, details, message, kept) => {
  const { made, list, logged } = journal()
  const self = typeof details.self === 'string' ? ` as ${details.self}` : ''
  const notice: Notice = { id: '1', account: 'a', kind: 'relinked', at: 5, message: `${message}${self}`, details }
  made.notice(notice)
  expect(list()).toEqual([{ type: 'notice', at: 5, kind: 'relinked', message, details: kept }])
  expect(logged).toEqual([['info', { account: 'a', kind: 'relinked', ...details }, notice.message]])
})
