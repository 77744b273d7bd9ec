import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assign, createMachine, setup } from 'xstate'
import { connectionMachine } from '../../machines/index.ts'
import { parseReplay, replayFile } from '../../src/history/incidents/replay-file.ts'
import { sentEvent } from '../../src/history/recorded-event.ts'
import { eventSaid, replay } from '../../src/history/replay.ts'
import { anyStep, perform } from '../machines/steps.ts'
import { cause } from '../machines/world.ts'
import { numberOf } from '../share.ts'
import { RecordedRig } from './recorded-rig.ts'

const minute = 60_000
const runs = Number(process.env.PROPERTY_RUNS ?? numberOf(200, 12))

describe('a recorded statechart', () => {
  test('passes the same states when it is replayed, whatever happened to it', async () => {
    const dice = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 8 })
    const steps = fc.array(anyStep, { minLength: 1, maxLength: 25, size: 'max' })
    let states = 0
    await fc.assert(
      fc.asyncProperty(
        steps,
        dice,
        fc.constantFrom('heal' as const, 'observe' as const),
        async (all, chances, mode) => {
          let draw = 0
          const rig = new RecordedRig({ mode, random: () => chances[draw++ % chances.length] ?? 0 })
          await rig.start()
          for (const [index, step] of all.entries()) await perform(rig, step, index)
          const { differences, steps: walked } = replay(rig.runs)
          states += walked.length
          expect(differences).toEqual([])
          expect(walked.at(-1)?.state).toBe(rig.state)
        },
      ),
      { numRuns: runs },
    )
    expect(states).toBeGreaterThan(0)
  })

  test('has each draw of chance once, with the step that drew it, and the number that the account is to have', async () => {
    let drawn = 0
    const random = () => {
      drawn += 1
      return 0.5
    }
    const rig = await new RecordedRig({ random }).healthy()
    for (let at = 0; at < 3; at++) {
      rig.world.close(cause('closed'))
      await rig.until('healthy', minute)
    }
    expect(drawn).toBeGreaterThan(1)
    expect(rig.records.flatMap((one) => ('event' in one ? (one.draws ?? []) : []))).toHaveLength(drawn)
    expect(rig.records[0]).toHaveProperty('expectedNumber')
  })

  test('is replayed from the last quiet moment as well', async () => {
    const rig = await new RecordedRig().healthy()
    for (let at = 0; at < 12; at++) {
      rig.world.close(cause('closed'))
      await rig.until('healthy', minute)
      await rig.advance(2 * minute)
    }
    for (const address of ['a.0', 'b.0', 'c.0', 'd.0', 'e.0', 'f.0']) {
      rig.world.contacts.add(address)
      rig.world.poisoned.add(address)
    }
    rig.world.close(cause('closed'))
    await rig.advance(20 * minute)
    const prune = rig.runs.find(({ steps }) => steps.some(({ state }) => state === 'pruningSessions.pruning'))
    expect(prune?.from).toBeDefined()
    if (!prune) return
    const { differences, steps } = replay([prune])
    expect(differences).toEqual([])
    expect(steps.at(-1)?.state).toBe(steps.at(-1)?.recorded)
    expect(steps.map(({ state }) => state)).toContain('pruningSessions.pruning')
  })

  test('names the place where another statechart goes another way', async () => {
    const rig = await new RecordedRig().healthy()
    rig.world.login = cause('outdated')
    rig.world.close(cause('closed'))
    await rig.until('blocked', minute)
    const other = connectionMachine.provide({ guards: { verdictIs: (_, { next }) => next === 'reconnect' } })
    const { differences } = replay(rig.runs, other as typeof connectionMachine)
    expect(differences[0]?.words).toBe(
      'On socket.close in online.connecting this version goes to reconnecting.closing; recorded was blocked.closing.',
    )
  })

  test('names a timer that has another time in another statechart', async () => {
    const rig = await new RecordedRig().healthy()
    rig.world.net = false
    rig.world.close(cause('link-lost'))
    await rig.advance(10 * minute)
    const slower = connectionMachine.provide({ delays: { retry: 120_000 } })
    const { differences } = replay(rig.runs, slower)
    expect(differences[0]?.words).toMatch(
      /^In this version the timer retry comes 120 s after it was set; recorded was [\d.]+ m?s\.$/,
    )
  })

  test('keeps no code, no number and no address', async () => {
    const rig = new RecordedRig()
    rig.world.creds = 'absent'
    rig.world.scansAfterMs = 30_000
    await rig.start()
    rig.send({ type: 'pairing.request', phone: '4917012345678' })
    await rig.until('healthy', 5 * minute)
    rig.unreadable(['4917099999999.0', '4917088888888.3'], ['1', '2', '3'], 'bad-session', true)
    await rig.advance(30 * minute)
    const text = JSON.stringify(rig.records)
    expect(text).toContain('awaitingQr.pairing.showing')
    expect(text).toContain('pruningSessions')
    for (const secret of ['49170', 'code-', 'ABCD1234', 'self@model']) expect(text).not.toContain(secret)
    expect(replay(rig.runs).differences).toEqual([])
  })

  test('names a timer that came sooner in another statechart, and one that it would not have waited for', async () => {
    const rig = await new RecordedRig().healthy()
    rig.world.net = false
    rig.world.close(cause('link-lost'))
    await rig.advance(10 * minute)
    const said = (ms: number) =>
      replay(rig.runs, connectionMachine.provide({ delays: { retry: ms } })).differences.map(({ words }) => words)
    expect(said(1)[0]).toMatch(/^In this version the timer retry comes 1 ms after it was set; recorded was \d+ m?s\.$/)
    const run = rig.runs.at(-1)
    if (!run) throw new Error('nothing was recorded')
    const late = run.steps.map((step) => ({
      ...step,
      t: step.t + (step.event.type === 'socket.close' ? 3_600_000 : 0),
    }))
    expect(replay([{ ...run, steps: late }]).differences[0]?.words).toMatch(
      /; recorded was nothing of it within 3600 s\.$/,
    )
  })

  test('names the event on which another statechart fails, and looks no further', async () => {
    const rig = await new RecordedRig().healthy()
    rig.world.close(cause('closed'))
    await rig.until('healthy', minute)
    const broken = connectionMachine.provide({
      guards: {
        verdictIs: () => {
          throw new Error('a fault of this version')
        },
      },
    })
    const { differences, steps } = replay(rig.runs, broken as typeof connectionMachine)
    expect(differences.map(({ words }) => words)).toEqual([
      expect.stringMatching(/^On socket\.close this version fails; recorded was /),
    ])
    expect(steps.at(-1)?.event).toBe('socket.close')
  })

  test.each([
    ['socket.close', 'socket.close'],
    ['xstate.after.retry', 'the timer retry'],
    ['xstate.done.actor.pruneSessions', 'the end of pruneSessions'],
    ['xstate.error.actor.open', 'the failure of open'],
    ['xstate.init', 'the end of '],
  ])('names an event: %s', (type, said) => {
    expect(eventSaid(type)).toBe(said)
  })

  test('fails with as much of an error as was kept of it', () => {
    const error = (more: object) =>
      Object(sentEvent({ type: 'xstate.error.actor.open', ...more }, {} as never).event).error
    expect(error({})).toEqual(new Error('not kept'))
    expect(error({ problem: { kind: 'disk' } }).problem).toEqual({ message: '', kind: 'disk' })
  })
})

describe('a small statechart that is replayed', () => {
  const told = (why: (args: { readonly context: Noted; readonly event: never }) => string) =>
    assign(({ context, event }: { context: Noted; event: unknown }) => ({
      reason: { why: why({ context, event: event as never }) },
    }))
  interface Noted {
    readonly env: { now(): number; random(): number }
    readonly reason?: { readonly why: string } | undefined
  }
  const bell = createMachine({ initial: 'set', states: { set: { after: { 1: 'rung' } }, rung: {} } })
  const machine = setup({ actors: { bell }, delays: { wait: 100_000, short: 1_000 } }).createMachine({
    context: ({ input }) => input as never,
    initial: 'idle',
    on: {
      same: {},
      why: { actions: told(({ context: { env } }) => `${env.now()} ${env.random()} ${env.random()}`) as never },
      number: { actions: told(({ context }) => String(Reflect.get(context, 'expectedNumber'))) as never },
      silent: { actions: assign({ reason: undefined } as never) },
      'evidence.changed': {
        actions: told(({ event }) => Object(event).evidence.addresses.join()) as never,
      },
    },
    states: {
      idle: { on: { go: 'waiting', hurry: 'hurrying', alone: 'alone' } },
      waiting: { after: { wait: {} }, on: { back: 'idle' } },
      hurrying: { after: { short: 'idle' } },
      alone: { invoke: { src: 'bell' }, on: { back: 'idle' } },
    },
  }) as unknown as typeof connectionMachine
  const own = 'xstate.after.wait.(machine).waiting'
  interface More {
    readonly event?: object
    readonly state?: string
    readonly draws?: readonly number[]
  }
  const nothing: More = {}
  type Step = readonly [t: number, event: string, more?: More]
  const began = 1_700_000_000_000
  const leads: Record<string, string> = { go: 'waiting', hurry: 'hurrying', alone: 'alone', back: 'idle' }
  const walked = (steps: readonly Step[], run: object = {}) => {
    let recorded = 'idle'
    const kept = steps.map(([t, type, { event, state, ...rest } = nothing]) => {
      recorded = state ?? leads[type] ?? recorded
      return { ...{ at: began + t, t, event: { type, ...event }, state: recorded }, ...rest }
    })
    const first = { type: 'run', v: 1, at: began, t: 0, mode: 'heal', generation: 1 }
    return replay([{ ...first, steps: kept, ...run } as never], machine)
  }
  const differences = (...steps: readonly Step[]) => walked(steps).differences.map(({ words }) => words)
  const says = (is: string, was: string) => `In this version the timer ${is} after it was set; recorded was ${was}.`

  test('may be a fifth of its time away from when its timer fired, or two seconds, and no further', () => {
    const fires = (t: number) => differences([500, 'go'], [500 + t, own])
    expect([80_000, 100_000, 120_000].flatMap(fires)).toEqual([])
    expect(fires(79_999)).toEqual([says('wait comes 100 s', '80 s')])
    expect(fires(120_001)).toEqual([says('wait comes 100 s', '120 s')])
    const hurries = (t: number) =>
      differences([500, 'hurry'], [500 + t, 'xstate.after.short.(machine).hurrying', { state: 'idle' }])
    expect([0, 3_000].flatMap(hurries)).toEqual([])
    expect(hurries(3_001)).toEqual([says('short comes 1000 ms', '3001 ms')])
    expect(hurries(10_000)).toEqual([says('short comes 1000 ms', '10 s')])
  })

  test('is told once that a timer was never met, and not while it may still come, or once it was left or met', () => {
    expect(differences([0, 'go'], [50_000, 'same'], [120_000, 'same'])).toEqual([])
    const never = [says('wait comes 100 s', 'nothing of it within 120 s')]
    expect(differences([0, 'go'], [120_001, 'same'], [300_000, 'same'], [400_000, own])).toEqual(never)
    expect(differences([0, 'go'], [50_000, 'back'], [300_000, 'same'])).toEqual([])
    expect(differences([0, 'go'], [100_000, own], [300_000, 'same'])).toEqual([])
    expect(differences([0, 'alone'], [300_000, 'same'])).toEqual([])
  })

  test('is told where it parts from the recording, once, and again where it parts after they had met', () => {
    const { steps, differences: found } = walked([
      [1, 'go', { state: 'idle' }],
      [2, 'same', { state: 'idle' }],
      [3, 'same', { state: 'waiting' }],
      [4, 'same', { state: 'hurrying' }],
    ])
    expect(found.map(({ at, words }) => [at - began, words])).toEqual([
      [1, 'On go in idle this version goes to waiting; recorded was idle.'],
      [4, 'On same in waiting this version goes to waiting; recorded was hurrying.'],
    ])
    expect(steps[3]).toEqual({ at: began + 4, event: 'same', state: 'waiting', recorded: 'hurrying' })
    const many = walked(Array.from({ length: 60 }, (_, t) => [t, 'same', { state: t % 2 ? 'idle' : 'waiting' }]))
    expect(many.differences).toHaveLength(20)
  })

  test('has the time and the chance that were recorded, and its reason with the step that gave it', () => {
    const { steps } = walked([
      [5, 'why', { draws: [0.1] }],
      [6, 'same'],
      [7, 'silent'],
      [8, 'why', { draws: [0.2, 0.3, 0.4] }],
      [9, 'why'],
    ])
    expect(steps.map((step) => ('why' in step ? step.why : 'none'))).toEqual([
      `${began + 5} 0.1 0.5`,
      'none',
      'none',
      `${began + 8} 0.2 0.3`,
      `${began + 9} 0.5 0.5`,
    ])
  })

  test('knows of contacts by what has changed since the recording began, and the number that is expected', () => {
    const evidence = { level: 'failing', suspected: true, messages: 1, addresses: ['a'], curable: [] }
    const more = (name: string): Step => [1, 'evidence.changed', { event: { evidence: { ...evidence, more: [name] } } }]
    const whys = (steps: readonly Step[], run?: object) => walked(steps, run).steps.map(({ why }) => why)
    expect(whys([more('b'), more('c')])).toEqual(['b', 'b,c'])
    expect(whys([[1, 'number']], { expectedNumber: '4917' })).toEqual(['4917'])
    expect(whys([more('b')], { from: { value: 'idle', context: { evidence } } })).toEqual(['a,b'])
  })
})

describe('a replay file', () => {
  const step = (at: number) => ({ at, t: at, event: { type: 'e' } })
  const run = (at: number, more: object = {}) => ({
    type: 'run',
    v: 1,
    at,
    t: at,
    mode: 'heal',
    generation: 1,
    ...more,
  })
  const incident = { id: 'x', beganAt: 100, outcome: 'open', cause: 'network', sentence: '', wouldHave: false } as const
  const file = (more: object = {}) => ({
    format: 'baileys-lifeline-replay',
    version: 1,
    incident,
    runs: [{ ...run(1), steps: [step(2)] }],
    ...more,
  })
  const withRun = (more: object) => file({ runs: [{ ...run(1), steps: [], ...more }] })

  test.each<[string, unknown]>([
    ['is no JSON', '{"half'],
    ['is no replay file', 'null'],
    ['is no replay file', JSON.stringify({ ...file(), format: 'x' })],
    ['is a replay file of version 2', JSON.stringify(file({ version: 2 }))],
    ['is a replay file of version 0', JSON.stringify(file({ version: 0 }))],
    ['is a replay file of version undefined', JSON.stringify(file({ version: undefined }))],
    ['is a damaged replay file', JSON.stringify(file({ runs: {} }))],
    ['is a damaged replay file', JSON.stringify(file({ runs: [null] }))],
    ['is a damaged replay file', JSON.stringify(file({ incident: null }))],
    ['is a damaged replay file', JSON.stringify(withRun({ v: 2 }))],
    ['is a damaged replay file', JSON.stringify(withRun({ v: 0 }))],
    ['is a damaged replay file', JSON.stringify(withRun({ generation: '1' }))],
    ['is a damaged replay file', JSON.stringify(withRun({ type: 'steps' }))],
    ['is a damaged replay file', JSON.stringify(withRun({ t: '1' }))],
    ['is a damaged replay file', JSON.stringify(withRun({ steps: [null] }))],
    ['is a damaged replay file', JSON.stringify(withRun({ steps: undefined }))],
    ['is a damaged replay file', JSON.stringify(withRun({ mode: 'watch' }))],
  ])('is refused where it %s', (what, text) => {
    expect(() => parseReplay(String(text))).toThrow(
      expect.objectContaining({ code: 'REPLAY_INVALID', message: expect.stringContaining(what) }),
    )
  })

  test('is read as it was written', () => {
    for (const mode of ['heal', 'observe'])
      expect(parseReplay(JSON.stringify(withRun({ mode })))).toEqual(withRun({ mode }))
  })

  test('holds what an incident touches, to a little after its end, or all that followed', () => {
    const steps = { type: 'steps', at: 90, steps: [step(90), step(200), step(9_000)] }
    const kept = [run(1), run(80), steps, run(8_000)]
    const times = (endedAt?: number) =>
      replayFile({ ...incident, ...(endedAt === undefined ? {} : { endedAt }) } as never, kept).runs.map((one) => [
        one.at,
        ...one.steps.map(({ at }) => at),
      ])
    expect(times()).toEqual([[80, 90, 200, 9_000], [8_000]])
    expect(times(300)).toEqual([[80, 90, 200]])
    const { beganAt, ...rest } = incident
    expect(replayFile({ ...incident, endedAt: 300, events: [] } as never, kept).incident).toEqual({
      ...{ ...rest, beganAt, endedAt: 300 },
    })
    expect(replayFile({ ...incident, events: [] } as never, kept).incident).toEqual(incident)
    // From the beginning of a run, though nothing is left of before.
    expect(replayFile(incident as never, [run(200), run(300, { from: {} })]).runs.map(({ at }) => at)).toEqual([
      200, 300,
    ])
    expect(() => replayFile({ ...incident, events: [] } as never, [{ ...run(200), from: {} }])).toThrow(
      expect.objectContaining({ code: 'REPLAY_INCOMPLETE' }),
    )
  })
})
