import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Assessment, allFine, allHeard, type CloseCause, type StateName } from '../../machines/index.ts'
import { condensed, mostKept } from '../../src/history/condensing.ts'
import { type HistoryEntry, isEntry } from '../../src/history/entry.ts'
import { LineHistory } from '../../src/history/history.ts'
import { keptEvent, sentEvent } from '../../src/history/recorded-event.ts'
import { runsIn } from '../../src/history/recording.ts'
import { sealedCause, sealedSelf } from '../../src/history/sealed.ts'
import { StepBatch } from '../../src/history/step-batch.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('what is left of a long history', () => {
  const went = (at: number, from: StateName, to: StateName, kind?: CloseCause['kind']): HistoryEntry => ({
    ...{ type: 'transition', at, from, to, event: 'x', generation: 1 },
    ...(kind === undefined ? {} : { cause: { kind, message: '' } }),
  })
  const alive = (at: number): HistoryEntry => ({ type: 'alive', at })
  const filler = (count: number): HistoryEntry[] => Array.from({ length: count }, (_, at) => ({ type: 'stop', at }))
  /** Looked at in the older part of a history that is too long. */
  const left = (older: readonly HistoryEntry[]) => {
    const rest = filler(mostKept)
    const kept = condensed([...older, ...rest])
    return older.filter((entry) => kept.includes(entry))
  }

  test('are the tries that say something new: another cause than the one before, and the way in and out', () => {
    const down = went(1, 'healthy', 'reconnecting', 'network')
    const tries = [
      went(2, 'reconnecting', 'connecting'),
      went(3, 'connecting', 'reconnecting', 'network'),
      went(4, 'reconnecting', 'connecting'),
      went(5, 'connecting', 'reconnecting', 'server'),
      went(6, 'reconnecting', 'connecting'),
      went(7, 'connecting', 'reconnecting', 'server'),
    ]
    const up = went(8, 'connecting', 'healthy')
    // Few enough are left then, so that none of these goes for its age.
    const entries = [down, ...tries, up, ...Array.from({ length: mostKept }, (_, at) => tries[at % 2] as HistoryEntry)]
    const kept = condensed(entries).slice(0, 3)
    expect(kept).toEqual([down, tries[3], up])
  })

  test('are all ways out, though each has the cause of the one before', () => {
    const outages = Array.from({ length: 4 }, (_, at) => [
      went(at, 'healthy', 'reconnecting', 'network'),
      went(at, 'reconnecting', 'healthy', 'network'),
    ]).flat()
    const tries = Array.from({ length: mostKept }, (_, at) => went(at, 'reconnecting', 'connecting'))
    expect(condensed([...outages, ...tries]).slice(0, outages.length)).toEqual(outages)
  })

  test('are the last sign of life of each row, and the newest entries just as they are', () => {
    const signs = [alive(1), alive(2), alive(3)]
    const end: HistoryEntry = { type: 'stop', at: 4 }
    const repeats = Array.from({ length: mostKept }, (_, at) => alive(10 + at))
    const kept = condensed([...signs, end, ...repeats])
    expect(kept.slice(0, 2)).toEqual([alive(3), end])
    expect(kept.slice(-500)).toEqual(repeats.slice(-500))
    expect(kept).toHaveLength(502)
  })

  test('are the newest where that is not enough', () => {
    const all = filler(mostKept + 1)
    expect(condensed(all)).toEqual(all.slice(-1_500))
    expect(left([]).length).toBe(0)
    expect(condensed(filler(mostKept))).toHaveLength(mostKept)
    // Once that is enough, nothing goes for its age.
    const few = [...Array.from({ length: 300 }, (_, at) => alive(at)), ...filler(1_800)]
    expect(condensed(few)).toEqual(few.slice(299))
    const signs = Array.from({ length: 600 }, (_, at) => alive(at))
    expect(condensed(signs)).toEqual(signs)
  })
})

describe('the history of a line', () => {
  test('is read once, comes before what is new, and is written on after a disk that failed', async () => {
    let reads = 0
    let broken = true
    const written: unknown[] = []
    const history = new LineHistory({
      readHistory: async () => {
        reads += 1
        return [{ type: 'stop', at: 1 }, { type: 'run', at: 1 }, { type: 'x', at: 1 }, 'no entry']
      },
      appendHistory: async (entry) => {
        if (broken) throw new Error('EIO')
        written.push(entry)
      },
    })
    history.add({ type: 'stop', at: 2 })
    await history.settled()
    broken = false
    await history.load()
    await history.load()
    history.add({ type: 'stop', at: 3 })
    await history.settled()
    expect(history.list().map(({ at }) => at)).toEqual([1, 2, 3])
    expect([reads, written]).toEqual([1, [{ type: 'stop', at: 3 }]])
    expect([{ type: 'steps', at: 1 }, { type: 'stop' }, null, { type: 'claim', at: 1 }].map(isEntry)).toEqual([
      ...[false, false, false, true],
    ])
  })
})

describe('steps that are gathered', () => {
  const step = (at: number) => ({ at, t: at, event: { type: 'e' } })
  const run = { type: 'run', at: 5, t: 5, v: 1, mode: 'heal', policy: {}, generation: 1 } as const
  const batch = () => {
    vi.useFakeTimers()
    const written: (readonly unknown[])[] = []
    const made = new StepBatch((record) =>
      written.push(record.type === 'run' ? ['run', record.at] : record.steps.map(({ at }) => at)),
    )
    return { made, written }
  }

  test('belong to the run that they came in, and are written after a moment, once', () => {
    const { made, written } = batch()
    made.add(step(1))
    made.add(step(2))
    made.add(run)
    made.add(step(6))
    expect(written).toEqual([
      [1, 2],
      ['run', 5],
    ])
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(250)
    made.add(step(7))
    vi.advanceTimersByTime(250)
    expect(written.slice(2)).toEqual([[6], [7]])
    made.flush()
    expect([written.length, vi.getTimerCount()]).toEqual([4, 0])
  })

  test('leave no timer once they are written, and are written at once where there are many', () => {
    const { made, written } = batch()
    for (let at = 0; at < 65; at += 1) made.add(step(at))
    expect(written.map(({ length }) => length)).toEqual([64])
    made.flush()
    expect([written.length, vi.getTimerCount()]).toEqual([2, 0])
  })

  test('go to the last run that began before them', () => {
    const steps = (at: number) => ({ type: 'steps', at, steps: [step(at)] })
    const runs = runsIn([
      steps(0),
      run,
      steps(6),
      { ...run, at: 8 },
      steps(9),
      steps(10),
      null,
      { type: 'steps', at: 1 },
      { type: 'steps', at: 1, steps: 7 },
      { type: 'stop', at: 1, steps: [step(11)] },
    ])
    expect(runs.map(({ at, steps: its }) => [at, ...its.map((one) => one.at)])).toEqual([
      [5, 6],
      [8, 9, 10],
    ])
  })
})

describe('what is kept of an event', () => {
  const seal = (address: string) => `sealed ${address}`
  const nothing = { evidence: allFine, outbound: allHeard }
  const evidence = (addresses: readonly string[], curable: readonly string[], messages = addresses.length) =>
    ({ level: 'failing', suspected: addresses.length, messages, addresses, curable }) as unknown as Assessment
  const outbound = (...addresses: readonly string[]) => ({
    ...{ level: 'failing', contacts: addresses.length, ownPhone: false, companions: 0, messages: addresses.length },
    addresses,
  })

  test('of evidence is the change to the one before, which comes to the same on the way back, in whatever order', () => {
    const events = [
      { type: 'evidence.changed', evidence: evidence(['a'], []) },
      { type: 'outbound.changed', outbound: outbound('x', 'y') },
      { type: 'evidence.changed', evidence: evidence(['a', 'b', 'c'], ['a', 'b'], 7) },
      { type: 'evidence.changed', evidence: evidence(['b', 'c', 'd'], ['b']) },
      { type: 'outbound.changed', outbound: outbound('y', 'z') },
      { type: 'outbound.changed', outbound: outbound('z') },
      { type: 'evidence.changed', evidence: evidence([], []) },
    ]
    let keeping = nothing
    let sending = nothing
    for (const event of events) {
      const kept = keptEvent(event, { ...keeping, seal, expected: undefined })
      keeping = { evidence: kept.evidence, outbound: kept.outbound }
      // As a file gives it back.
      const sent = sentEvent(JSON.parse(JSON.stringify(kept.event)), sending)
      sending = { evidence: sent.evidence, outbound: sent.outbound }
      expect(sending).toEqual(keeping)
      const told = 'evidence' in event ? event.evidence : event.outbound
      const found = Reflect.get(sent.event, 'evidence' in event ? 'evidence' : 'outbound')
      expect(found).toEqual({
        ...told,
        addresses: told?.addresses.map(seal),
        ...('evidence' in event ? { curable: event.evidence?.curable.map(seal) } : {}),
      })
    }
  })

  test('names no number: neither in the detail of a close nor as the account, which is the expected one or another', () => {
    expect(sealedCause({ kind: 'closed', message: 'of 4917012345678', detail: 'for-491701234567' })).toEqual({
      kind: 'closed',
      message: '',
    })
    for (const detail of ['read from 10.0.0.1', 'host.example', 'x'.repeat(41), ''])
      expect(sealedCause({ kind: 'closed', message: 'x', detail })).toEqual({ kind: 'closed', message: '' })
    expect(sealedCause({ kind: 'closed', code: 428, message: 'x', detail: 'conflict', expiresInMs: 5 })).toEqual({
      ...{ kind: 'closed', code: 428, message: '', detail: 'conflict', expiresInMs: 5 },
    })
    const [expected, other] = ['15550000001@s.whatsapp.net', '15550000002@s.whatsapp.net']
    expect(sealedSelf('491701234567:3@s.whatsapp.net', '491701234567')).toEqual({ id: expected })
    expect(sealedSelf('491701234567:3@s.whatsapp.net', '491701234568')).toEqual({ id: other })
    expect(sealedSelf('491701234567:3@s.whatsapp.net', undefined)).toEqual({ id: other })
    expect(sealedSelf('99@lid', '491701234567')).toEqual({ id: 'nobody@lid' })
  })
})
