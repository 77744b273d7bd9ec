import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Assessment, allFine, allHeard, defaultPolicy, type OutboundAssessment } from '../../../machines/index.ts'
import { EvidenceMonitor } from '../../../src/line/services/evidence-monitor.ts'
import { Judgement } from '../../../src/line/services/judgement.ts'
import { OutboundMonitor } from '../../../src/line/services/outbound-monitor.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a judgement', () => {
  /** Evidence is a number; it is judged by whether it is above the limit, which it is once its time has come. */
  function judging() {
    const told: string[] = []
    const law = {
      none: { count: 0, from: 0 },
      fine: 'fine',
      asOf: (evidence: { count: number; from: number }, now: number) =>
        now < evidence.from - 10_000 ? { ...evidence, from: now } : evidence,
      judge: ({ count, from }: { count: number; from: number }, now: number) =>
        now >= from ? `bad ${count > 5 ? 'and more' : ''}` : 'fine',
      judgeAgainAt: ({ from }: { from: number }, now: number) => (now < from ? from : undefined),
      same: (a: string, b: string) => a === b,
    }
    return { told, judgement: new Judgement(law, (verdict) => told.push(verdict), Date.now) }
  }

  test('is told when it changes, by evidence or by time alone, a moment after that time, and once', () => {
    const { told, judgement } = judging()
    const from = Date.now() + 1_000
    judgement.fold({ count: 1, from })
    expect([told, judgement.verdict, vi.getTimerCount()]).toEqual([[], 'fine', 1])
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual([])
    vi.advanceTimersByTime(1)
    expect([told, judgement.verdict, vi.getTimerCount()]).toEqual([['bad '], 'bad ', 0])
    judgement.fold({ count: 2, from })
    expect(told).toEqual(['bad '])
    judgement.fold({ count: 9, from })
    expect(told).toEqual(['bad ', 'bad and more'])
  })

  test('is not made again of what has not changed, and of evidence as it counts now', () => {
    const { told, judgement } = judging()
    const evidence = { count: 1, from: Date.now() + 20_000 }
    judgement.fold(evidence)
    expect(told).toEqual(['bad '])
    expect(judgement.evidence).toEqual({ count: 1, from: Date.now() })
    const kept = judgement.evidence
    judgement.fold(kept)
    expect(judgement.evidence).toBe(kept)
  })

  test('leaves no timer once it is stopped, and holds nothing against anybody in a new run', () => {
    const { told, judgement } = judging()
    judgement.fold({ count: 1, from: Date.now() + 1_000 })
    judgement.fold({ count: 2, from: Date.now() + 2_000 })
    expect(vi.getTimerCount()).toBe(1)
    judgement.stop()
    expect([vi.getTimerCount(), judgement.evidence.count]).toEqual([0, 2])
    judgement.fold({ count: 3, from: Date.now() + 2_000 })
    judgement.reset()
    vi.advanceTimersByTime(10_000)
    expect([vi.getTimerCount(), judgement.evidence, judgement.verdict, told]).toEqual([
      0,
      { count: 0, from: 0 },
      'fine',
      [],
    ])
  })
})

describe('who cannot be read', () => {
  const policy = defaultPolicy.decrypt
  function monitor() {
    const told: Assessment[] = []
    const proven: string[] = []
    const made = new EvidenceMonitor(policy, {
      changed: (one) => told.push(one),
      proven: (address) => proven.push(address),
    })
    const fails = (address: string, id: string) => made.failed({ address, id, reason: 'bad-session', peer: false })
    return { made, told, proven, fails }
  }

  test.each([
    [false, policy.graceMs],
    [true, policy.graceAfterUncleanMs],
  ])(
    'is judged after the grace that Baileys has for its own retries, after an unclean end (%s) %i ms',
    (unclean, grace) => {
      const { made, told, fails } = monitor()
      made.drained(unclean)
      for (const id of ['1', '2', '3']) fails('491.0', id)
      vi.advanceTimersByTime(grace - 1)
      expect(told.some(({ level }) => level !== 'fine')).toBe(false)
      vi.advanceTimersByTime(3)
      expect(told.at(-1)).toMatchObject({ level: 'failing', addresses: ['491.0'] })
      expect(made.assessment).toBe(told.at(-1))
      made.succeeded('491.0')
      expect([told.at(-1)?.level, made.awaitsSuccess]).toEqual(['fine', false])
      made.stop()
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test('is told again when another joins, and not when one more message of the same comes', () => {
    const { made, told, fails } = monitor()
    made.drained(true)
    vi.advanceTimersByTime(policy.graceAfterUncleanMs + 1)
    for (const id of ['1', '2', '3']) fails('491.0', id)
    const before = told.length
    fails('491.0', '4')
    expect(told).toHaveLength(before)
    for (const id of ['5', '6', '7']) fails('492.0', id)
    expect(told.length).toBeGreaterThan(before)
    expect(told.at(-1)?.addresses).toEqual(['491.0', '492.0'])
    made.stop()
  })

  test('is told again when it becomes a storm, or is no longer suspected, though it is the same who cannot be read', () => {
    const { made, told, fails } = monitor()
    made.drained(true)
    vi.advanceTimersByTime(policy.graceAfterUncleanMs + 1)
    for (let device = 0; device < policy.stormAddresses; device += 1)
      for (const id of ['1', '2', '3']) fails(`49${device}.0`, `${device} ${id}`)
    const { addresses } = made.assessment
    expect([made.assessment.level, addresses.length]).toEqual(['failing', policy.stormAddresses])
    const before = told.length
    vi.advanceTimersByTime(policy.stormMs + 2)
    expect(told.slice(before).map((one) => [one.level, one.addresses])).toContainEqual(['storm', addresses])
    made.stop()
  })

  test('is proven cured by the first message from a session that was set aside, once, and is forgotten in a new run', () => {
    const { made, proven, fails } = monitor()
    made.drained(true)
    for (const id of ['1', '2', '3']) fails('491.0', id)
    made.pruned('all', ['491.0', '492.0'])
    expect([made.assessment.level, made.awaitsSuccess]).toEqual(['fine', true])
    for (const address of ['493.0', '491.0', '491.0']) made.succeeded(address)
    expect(proven).toEqual(['491.0'])
    expect(made.awaitsSuccess).toBe(true)
    made.reset()
    made.succeeded('492.0')
    expect([proven, made.awaitsSuccess, made.assessment]).toEqual([['491.0'], false, allFine])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('who cannot read', () => {
  const policy = defaultPolicy.outbound
  function monitor() {
    const told: OutboundAssessment[] = []
    const made = new OutboundMonitor(policy, (one) => told.push(one))
    const asks = (address: string, id: string, own = false) => made.asked({ address, jid: `${address}@jid`, id, own })
    return { made, told, asks }
  }

  test('is counted apart for contacts and for devices of the account itself, also in a later run', () => {
    const { made, asks } = monitor()
    asks('491.0', '1')
    asks('491.0', '1')
    asks('4917.0', '2', true)
    made.reset()
    expect(made.retries).toEqual({ contacts: 2, own: 1 })
    expect(made.assessment).toEqual(allHeard)
  })

  test('is told after its grace, with what it asked for, the newest first, and is well once it has read it', () => {
    const { made, told, asks } = monitor()
    made.linkUp()
    expect([made.awaitsReached, made.missedBy('491.0')]).toEqual([false, undefined])
    for (const id of ['1', '2', '3']) asks('491.0', id)
    expect(made.missedBy('491.0')).toEqual({ jid: '491.0@jid', ids: ['3', '2', '1'] })
    expect(made.awaitsReached).toBe(true)
    vi.advanceTimersByTime(policy.graceMs + 2)
    expect(told.at(-1)).toMatchObject({ level: 'failing', contacts: 1 })
    const before = told.length
    asks('491.0', '4')
    expect(told).toHaveLength(before)
    for (const id of ['1', '2', '3', '4']) made.reached({ address: '491.0', id })
    expect([told.at(-1)?.level, made.awaitsReached]).toEqual(['fine', false])
    made.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    ['a phone', ['491.0'], '491.0', [0, 0]],
    ['a companion', ['491.2'], '491.2', [0, 1]],
    ['one companion of two', ['491.1', '491.2'], '491.2', [1, 1]],
  ])('is told anew once %s turns out to be of the account itself under the same address', (_, all, address, then) => {
    const { made, told, asks } = monitor()
    made.linkUp()
    for (const one of all) for (const id of ['1', '2', '3']) asks(one, id)
    vi.advanceTimersByTime(policy.graceMs + 2)
    for (const id of ['4', '5']) asks(address, id, true)
    expect(told.map(({ contacts, companions }) => [contacts, companions])).toEqual([[1, 0], then])
    made.stop()
  })

  test('does not grow worse while there is no link over which it could have read', () => {
    const { made, told, asks } = monitor()
    made.linkUp()
    for (const id of ['1', '2', '3']) asks('491.0', id)
    made.linkDown()
    vi.advanceTimersByTime(policy.graceMs * 10)
    expect(told).toEqual([])
    made.linkUp()
    vi.advanceTimersByTime(policy.graceMs * 10)
    expect(told.at(-1)).toMatchObject({ contacts: 1 })
    made.stop()
  })
})
