import { describe, expect, test, vi } from 'vitest'
import { condensed, mostKept } from '../../../src/history/condensing.ts'
import { type Incident, timeToHeal } from '../../../src/history/incidents/index.ts'
import { runsIn, stateName } from '../../../src/history/recording.ts'
import { StepBatch } from '../../../src/history/step-batch.ts'
import { hour, minute, pruned, Story, second, unreadable } from '../story.ts'

const notice = (kind: string, details: object = {}) => ({ type: 'notice', kind, message: 'told.', details }) as const
const act = (what: string, more: object = {}) => ({ type: 'act', act: what, ...more }) as const
const would = (what: string, more: object = {}) => ({ type: 'would', act: what, why: 'it is unread', ...more }) as const
type Entry = Parameters<Story['add']>[0]

/** The sentence of an incident in which those things happened. */
const told = (entries: readonly Entry[], mode: 'heal' | 'observe' = 'heal') => {
  const story = new Story().start(mode).to('healthy').after(hour).to('degraded')
  for (const entry of entries) story.after(second).add(entry)
  return story.to('healthy').incidents[0]
}
const words = (story: Story) => story.incidents[0]?.events.map((event) => event.words)

describe('what an incident did to the account', () => {
  test.each<[string, readonly Entry[]]>([
    ['', [notice('outage'), act('sessions-set-aside'), { type: 'trouble', doing: 'x', message: 'y' }]],
    [
      '3 sessions made anew; credentials untouched; ',
      [act('sessions-renewed', { sessions: 3 }), act('sessions-renewed')],
    ],
    [
      '3 sessions set aside; credentials untouched; ',
      [notice('sessions-pruned', { addresses: ['a', 'b'] }), pruned(1)],
    ],
    ['', [notice('sessions-pruned')]],
    ['pre-key ids in the credentials repaired; ', [act('pre-keys-raised')]],
    [
      'credentials restored from their last good copy; ',
      [act('pre-keys-raised'), notice('credentials-restored'), act('pre-keys-raised')],
    ],
    ['4 messages arrived late, none lost; ', [{ type: 'arrived', late: 4, unread: 0, reread: 0 }]],
    [
      '4 messages arrived late; 3 could not be read: asked for again, and read; ',
      [
        { type: 'arrived', late: 4, unread: 3, reread: 1 },
        { type: 'arrived', late: 0, unread: 0, reread: 2 },
      ],
    ],
    ['linked for the first time; ', [notice('relinked', { first: true })]],
  ])('is told in its sentence: %s', (what, entries) => {
    const seconds = entries.length === 1 ? 'in a second' : `in ${entries.length} s`
    expect(told(entries)?.sentence.replace('in 1 s', 'in a second')).toBe(
      `connected throughout; ${what}healed ${seconds}`,
    )
  })

  test.each<[string, readonly Entry[]]>([
    [
      'would have made 4 sessions anew',
      [would('sessions-renewed', { sessions: 4 }), would('sessions-renewed', { sessions: 2 })],
    ],
    ['would have set 2 sessions aside', [would('sessions-renewed'), would('sessions-set-aside', { sessions: 2 })]],
    ['would have set all sessions aside', [would('sessions-set-aside'), would('sessions-set-aside', { sessions: 2 })]],
    ['would have put the last good credentials back', [would('credentials-restored'), would('pre-keys-raised')]],
  ])('is told as what would have been done: %s', (what, entries) => {
    const { sentence, wouldHave } = told(entries, 'observe') ?? {}
    expect(sentence).toBe(`connected throughout; ${what}; healed in 2 s; observing only`)
    expect(wouldHave).toBe(true)
  })
})

describe('the course of an incident', () => {
  test('names each start in it, and how the run before it ended', () => {
    const story = new Story().start().to('healthy').after(hour).to('reconnecting', 'network').after(second)
    story.start('observe').after(second)
    story.add({ type: 'start', mode: 'heal', unclean: true }).to('preparing')
    expect(words(story)).toEqual(
      expect.arrayContaining([
        'Supervision started. Observing only.',
        'Started again after a run that ended without a stop.',
      ]),
    )
  })

  test('has a reason in place of a step that led nowhere, and nothing of signs of life', () => {
    const story = new Story().start().to('healthy').after(hour).to('degraded').add(unreadable(1))
    story.to('degraded').add({ type: 'alive' })
    story.entries.push({
      type: 'transition',
      at: story.at,
      from: 'degraded',
      to: 'degraded',
      event: 'e',
      why: 'it waits',
      generation: 1,
    })
    expect(words(story)).toEqual([
      'Connected, but messages cannot be read.',
      '1 contact unreadable, 1 message.',
      'It waits.',
    ])
  })

  test('has the word itself for a cause that a newer version wrote', () => {
    const story = new Story()
      .start()
      .to('healthy')
      .after(hour)
      .to('reconnecting', 'comet' as never, 7)
    expect(words(story)).toEqual(['Closed: comet (7). Disconnected; dials again after a pause.'])
  })

  test('counts no tries of which only one ended as the one before', () => {
    const story = new Story().start().to('healthy').after(hour).to('reconnecting', 'network')
    story.to('preparing').to('connecting').to('reconnecting', 'network').after(minute).to('blocked', 'banned')
    expect(words(story)).toHaveLength(5)
  })
})

test('the time to heal of an even number of incidents lies between the two in the middle', () => {
  const all = [9, 1, 4, 2].map((healMs) => ({ cause: 'network', healMs }) as Incident)
  expect(timeToHeal([...all, { cause: 'network' } as Incident])).toMatchObject([{ count: 4, medianMs: 3 }])
})

describe('a long history', () => {
  test('loses signs of life before anything else, and the oldest entries only where that is not enough', () => {
    const alive = Array.from({ length: mostKept }, (_, at) => ({ type: 'alive', at }) as const)
    const stops = Array.from({ length: mostKept }, (_, at) => ({ type: 'stop', at }) as const)
    const kept = condensed([...alive, ...stops.slice(0, 600)])
    expect(kept.filter(({ type }) => type === 'alive')).toEqual([alive.at(-1)])
    expect(kept).toHaveLength(601)
    expect(condensed([...stops, { type: 'stop', at: mostKept }])).toEqual([
      ...stops.slice(-1_499),
      { type: 'stop', at: mostKept },
    ])
  })

  test('is read as far as it can be: what is no record, or has no beginning, is left out', () => {
    const step = (at: number) => ({ at, t: at, event: { type: 'e' } })
    const steps = (at: number) => ({ type: 'steps', at, steps: [step(at)] })
    const run = { type: 'run', at: 2 }
    const kept = [
      null,
      7,
      {},
      { type: 'run' },
      { type: 'steps', at: 1 },
      { type: 'stop', at: 1 },
      steps(1),
      run,
      steps(3),
    ]
    expect(runsIn(kept)).toEqual([{ ...run, steps: [step(3)] }])
  })

  test('has a burst of steps in one line, at once when it is large', () => {
    const write = vi.fn()
    const batch = new StepBatch(write)
    const step = { at: 1, t: 1, event: { type: 'e' } }
    for (let at = 0; at < 64; at += 1) batch.add(step)
    expect(write.mock.calls).toEqual([[{ type: 'steps', at: 1, steps: Array.from({ length: 64 }, () => step) }]])
    batch.flush()
    expect(write).toHaveBeenCalledOnce()
  })

  test.each([
    ['stopped', 'stopped'],
    [{ online: {} }, 'online'],
    [{ online: { open: 'degraded' } }, 'online.open.degraded'],
    [{ online: { a: {}, b: { c: {} } } }, 'online.a+b.c'],
  ])('names a state %j', (value, name) => {
    expect(stateName(value)).toBe(name)
  })
})
