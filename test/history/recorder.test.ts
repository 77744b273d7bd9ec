import { describe, expect, test } from 'vitest'
import { allFine, allHeard, type Context, resolvePolicy } from '../../machines/index.ts'
import { type Known, keptEvent, sentEvent } from '../../src/history/recorded-event.ts'
import { MachineRecorder } from '../../src/history/recorder.ts'
import type { RecordedRun, RunRecord, StepRecord } from '../../src/history/recording.ts'
import { replay } from '../../src/history/replay.ts'
import { Rig } from '../machines/rig.ts'

const seal = (address: string) => `sealed ${address}`
const { context } = await new Rig().healthy()
const quiet = { online: { open: 'healthy' } }
const bad = (...addresses: readonly string[]) =>
  ({ level: 'failing', suspected: 1, messages: 2, addresses, curable: addresses }) as unknown as Context['evidence']
const deaf = (...addresses: readonly string[]) =>
  ({ level: 'failing', contacts: 1, ownPhone: false, companions: 0, messages: 2, addresses }) as Context['outbound']
const budget = { ...context.budget, addresses: { 'b.0': { at: [1], day: [1] } } } as unknown as Context['budget']
const input = { policy: resolvePolicy({ reconnect: { initialMs: 7 } }).policy }

function recording() {
  let time = 1_000
  const written: (RunRecord | StepRecord)[] = []
  const recorder = new MachineRecorder({
    env: { now: () => time, random: () => time / 10_000 },
    monotonic: () => time / 10 + 0.4,
    write: (record) => void written.push(record),
    seal,
  })
  const pass = (ms: number) => {
    time += ms
  }
  const step = (type = 'e', value: unknown = quiet, more: Partial<Context> = {}) => {
    recorder.stepped({ type }, { value, context: { ...context, ...more } })
    return written.at(-1)
  }
  return { recorder, written, pass, step }
}

describe('what is recorded of a statechart', () => {
  test("is its input: the thresholds that are not the default's, and nothing secret of its facts", () => {
    const { recorder, written } = recording()
    const closes = [{ at: 1, cause: { kind: 'closed', message: 'of 4917', detail: 'stream' } }] as const
    const facts = { version: 1, savedAt: 5, attempt: 2, restartRun: 0, budget, conflicts: [], closes, clean: false }
    recorder.began({ ...input, mode: 'observe', generation: 4, expectedNumber: '4917', facts: facts as never })
    expect(written).toEqual([
      {
        ...{ type: 'run', at: 1_000, t: 100, v: 1, mode: 'observe', generation: 4, expectedNumber: '15550000001' },
        policy: { reconnect: { initialMs: 7 } },
        facts: {
          ...facts,
          budget: { ...budget, addresses: { 'sealed b.0': budget.addresses['b.0'] } },
          closes: [{ at: 1, cause: { kind: 'closed', message: '', detail: 'stream' } }],
        },
      },
    ])
    const other = recording()
    other.recorder.began({ policy: resolvePolicy({}).policy })
    expect(other.written).toEqual([{ type: 'run', at: 1_000, t: 100, v: 1, mode: 'heal', generation: 0, policy: {} }])
  })

  test('is each event with its time, the chance that was drawn for it, and the state where it is another one', () => {
    const { recorder, written, pass, step } = recording()
    recorder.began(input)
    step('xstate.init')
    expect(written).toHaveLength(1)
    expect(step('a', { stopped: 'idle' })).toEqual({ at: 1_000, t: 100, event: { type: 'a' } })
    pass(500)
    expect([recorder.env.now(), recorder.env.random(), recorder.env.random()]).toEqual([1_500, 0.15, 0.15])
    expect(step('b')).toEqual({
      ...{ at: 1_500, t: 150, event: { type: 'b' }, draws: [0.15, 0.15] },
      state: 'online.open.healthy',
    })
    expect(step('c')).toEqual({ at: 1_500, t: 150, event: { type: 'c' } })
  })

  test('is evidence as a change to what was known, and to nothing once a statechart begins anew', () => {
    const { recorder, written } = recording()
    const told = (...addresses: readonly string[]) => {
      const event = { type: 'evidence.changed', evidence: bad(...addresses) }
      recorder.stepped(event, { value: quiet, context: { ...context, evidence: bad(...addresses) } })
      return (written.at(-1) as StepRecord).event.evidence
    }
    const counts = { level: 'failing', suspected: 1, messages: 2 }
    recorder.began(input)
    expect(told('a')).toEqual({ ...counts, more: ['sealed a'], curable: ['sealed a'] })
    expect(told('a')).toEqual(counts)
    recorder.began(input)
    expect(told('a')).toEqual({ ...counts, more: ['sealed a'], curable: ['sealed a'] })
  })

  test('is all that it knows, at the first quiet moment after forty steps, and then again after as many', () => {
    const { recorder, written, step } = recording()
    recorder.began({ ...input, generation: 3, expectedNumber: '4917' })
    const runs = () => written.flatMap((record, at) => ('event' in record ? [] : [at]))
    for (let count = 0; count < 39; count += 1) step()
    expect(runs()).toEqual([0])
    const known = {
      ...{ renewed: { 'a.0': 1 }, told: { 'a.0': 2 }, budget, cure: { unread: ['a.0'], unheard: [] } },
      closes: [{ at: 1, cause: { kind: 'closed', message: 'of 4917' } }] as Context['closes'],
      pair: { ...context.pair, phone: '4917', pairingCode: 'ABCD' },
      ...{ evidence: { ...allFine, addresses: ['z.0', 'a.0'] }, outbound: { ...allHeard, addresses: ['a.0'] } },
    }
    step('e', quiet, known)
    expect(runs()).toEqual([0, 41])
    const run = written[41] as RunRecord
    expect(run).toMatchObject({ generation: 3, expectedNumber: '15550000001', policy: { reconnect: { initialMs: 7 } } })
    expect(run).not.toHaveProperty('facts')
    expect(run.from?.value).toEqual(quiet)
    expect(run.from?.context).toMatchObject({
      ...{ renewed: { 'sealed a.0': 1 }, told: { 'sealed a.0': 2 }, cure: { unread: [], unheard: [] } },
      budget: { addresses: { 'sealed b.0': budget.addresses['b.0'] } },
      closes: [{ at: 1, cause: { kind: 'closed', message: '' } }],
      evidence: { addresses: ['sealed a.0', 'sealed z.0'] },
      outbound: { addresses: ['sealed a.0'] },
      generation: context.generation,
    })
    const secret = [
      'env',
      'account',
      'mode',
      'policy',
      'expectedNumber',
      'self',
      'disk',
      'reason',
      'afterUnclean',
      'firstLook',
    ]
    expect(Object.keys(run.from?.context ?? {}).filter((name) => secret.includes(name))).toEqual([])
    expect(JSON.stringify(run)).not.toMatch(/4917|ABCD/)
    // A replay that begins here goes on from what is known here.
    const event = { type: 'evidence.changed', evidence: { ...allFine, addresses: ['a.0'] } }
    recorder.stepped(event, { value: quiet, context })
    expect((written.at(-1) as StepRecord).event.evidence).toMatchObject({ fewer: ['sealed z.0'] })
    for (let count = 0; count < 38; count += 1) step()
    expect(runs()).toEqual([0, 41])
    step()
    expect(runs()).toEqual([0, 41, 82])
  })

  test.each<[string, unknown, Partial<Context>]>([
    ['in another state', { online: { open: { degraded: 'watching' } } }, {}],
    ['while messages cannot be read', quiet, { evidence: bad('a') }],
    ['while somebody cannot read', quiet, { outbound: deaf('a') }],
    ['while the effect of a prune is watched', quiet, { verifying: { scope: 'all', addresses: [], why: '', at: 1 } }],
    ['while sessions are set aside', quiet, { prune: { scope: 'all', addresses: [], why: '' } }],
    ['while a disk fails', quiet, { disk: 'EIO' }],
  ])('is nothing of a moment %s', (_, value, more) => {
    const { recorder, written, step } = recording()
    recorder.began(input)
    for (let count = 0; count < 50; count += 1) step('e', value, more)
    expect(written.filter((record) => !('event' in record))).toHaveLength(1)
  })

  test('has another stand-in for an address in each recording, of which nobody finds the way back', () => {
    const stands = () => {
      const written: (RunRecord | StepRecord)[] = []
      const env = { now: () => 1, random: () => 0 }
      const recorder = new MachineRecorder({ env, monotonic: () => 1, write: (one) => void written.push(one) })
      recorder.began(input)
      for (let time = 0; time < 2; time += 1)
        recorder.stepped({ type: 'prune.proven', address: '4917.0' } as never, { value: quiet, context })
      return written.slice(1).map((one) => (one as StepRecord).event.address)
    }
    const [first, second] = [stands(), stands()]
    expect(first[0]).toMatch(/^c-[\w-]{8}$/)
    expect(first[1]).toBe(first[0])
    expect(second[0]).not.toBe(first[0])
  })
})

describe('an event, as it is kept and as it is sent again', () => {
  const nothing: Known = { evidence: allFine, outbound: allHeard }
  const cause = { kind: 'closed', message: 'of 4917' } as const
  test.each<[string, object, object, object]>([
    ['start', {}, {}, {}],
    ['socket.scanned', { generation: 2, secret: 'x' }, { generation: 2 }, { generation: 2 }],
    [
      'socket.close',
      { generation: 2, cause: { ...cause, code: 428 } },
      { generation: 2, cause: { kind: 'closed', code: 428 } },
      { generation: 2, cause: { kind: 'closed', code: 428, message: '' } },
    ],
    [
      'liveness.lost',
      { generation: 2, cause },
      { generation: 2, cause: { kind: 'closed' } },
      { generation: 2, cause: { kind: 'closed', message: '' } },
    ],
    ['socket.open', { generation: 2 }, { generation: 2 }, { generation: 2 }],
    [
      'socket.open',
      { generation: 2, self: { id: '4917:3@s.whatsapp.net', name: 'me' } },
      { generation: 2, self: { id: '15550000001@s.whatsapp.net' } },
      { generation: 2, self: { id: '15550000001@s.whatsapp.net' } },
    ],
    [
      'socket.qr',
      { generation: 2, code: 'secret', expiresAt: 9 },
      { generation: 2, expiresAt: 9 },
      { generation: 2, expiresAt: 9, code: 'not kept' },
    ],
    ['socket.pairingCode', { generation: 2, code: 'ABCD' }, { generation: 2 }, { generation: 2, code: 'not kept' }],
    ['socket.codeRefused', { generation: 2 }, { generation: 2 }, { generation: 2 }],
    ['socket.codeRefused', { code: 429, waitMs: 5 }, { code: 429, waitMs: 5 }, { code: 429, waitMs: 5 }],
    [
      'auth.failed',
      { generation: 2, problem: { kind: 'disk', message: 'EIO in /home/me' } },
      { generation: 2, problem: { kind: 'disk' } },
      { generation: 2, problem: { kind: 'disk', message: '' } },
    ],
    ['prune.proven', { address: 'a.0' }, { address: 'sealed a.0' }, { address: 'sealed a.0' }],
    ['prune', { scope: 'all' }, { scope: 'all' }, { scope: 'all' }],
    ['pairing.request', { phone: '4917' }, {}, { phone: '15550000000' }],
    ['disk.trouble', { message: 'EIO in /home/me' }, {}, { message: 'not kept' }],
    [
      'xstate.done.actor.prepare',
      { output: { link: 'linked', reason: 'x', other: 'y' } },
      { output: { link: 'linked', reason: 'x' } },
      { output: { link: 'linked', reason: 'x' } },
    ],
    [
      'xstate.done.actor.prune',
      { output: { addresses: ['a.0', 7] } },
      { output: { addresses: ['sealed a.0'] } },
      { output: { addresses: ['sealed a.0'] } },
    ],
    ['xstate.done.actor.close', { output: {} }, { output: {} }, { output: {} }],
    ['xstate.done.actor.close', { output: null }, {}, {}],
    ['xstate.done.actor.close', { output: 'said' }, {}, {}],
    ['xstate.error.actor.open', { error: new Error('of 4917') }, {}, { error: new Error('not kept') }],
  ])('%s: %j', (type, given, kept, sent) => {
    const found = keptEvent({ type, ...given }, { ...nothing, seal, expected: '4917' })
    expect(found).toEqual({ ...nothing, event: { type, ...kept } })
    expect(sentEvent(JSON.parse(JSON.stringify(found.event)), nothing)).toEqual({
      ...nothing,
      event: { type, ...sent },
    })
  })

  test('has the kind of a failure, and no more of it', () => {
    const error = Object.assign(new Error('of 4917'), { problem: { kind: 'creds', message: 'of 4917' } })
    const { event } = keptEvent({ type: 'xstate.error.actor.open', error } as never, {
      ...{ ...nothing, seal, expected: undefined },
    })
    expect(event).toEqual({ type: 'xstate.error.actor.open', problem: { kind: 'creds' } })
    const sent = sentEvent(event, nothing).event
    expect(Object(sent).error.problem).toEqual({ kind: 'creds', message: '' })
    const odd = keptEvent({ type: 'xstate.error.x', error: { problem: { kind: 7 } } } as never, {
      ...{ ...nothing, seal, expected: undefined },
    })
    expect(odd.event).toEqual({ type: 'xstate.error.x' })
  })
})

describe('a replay', () => {
  test('tells each step: where it stands, where the recorded one stood, and why', () => {
    const run: RecordedRun = {
      ...{ type: 'run', at: 1, t: 1, v: 1, mode: 'heal', policy: {}, generation: 0 },
      steps: [
        { at: 5, t: 5, event: { type: 'start' }, state: 'preparing.closing' },
        { at: 6, t: 6, event: { type: 'network.back' } },
        { at: 7, t: 7, event: { type: 'stop' }, state: 'elsewhere' },
        { at: 8, t: 8, event: { type: 'network.back' } },
      ],
    }
    const { steps, differences } = replay([run, { ...run, steps: [] }])
    expect(steps.map(({ at, event, recorded }) => [at, event, recorded])).toEqual([
      [5, 'start', 'preparing.closing'],
      [6, 'network.back', 'preparing.closing'],
      [7, 'stop', 'elsewhere'],
      [8, 'network.back', 'elsewhere'],
    ])
    expect(steps[0]?.state.startsWith('preparing')).toBe(true)
    expect(steps[1]?.state).toBe(steps[0]?.state)
    for (const { why } of steps) {
      const sentences = why?.split(/(?<=\.) /) ?? []
      expect(new Set(sentences).size).toBe(sentences.length)
    }
    expect(differences.at(-1)).toMatchObject({ at: 7, words: expect.stringContaining('recorded was elsewhere') })
    expect(differences.filter(({ at }) => at === 8)).toEqual([])
  })
})
