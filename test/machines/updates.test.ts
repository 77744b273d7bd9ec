import { expect, test } from 'vitest'
import { type Input, initialContext } from '../../machines/context.ts'
import { allFine, allHeard, defaultPolicy } from '../../machines/index.ts'
import { problemOf } from '../../machines/services.ts'
import * as update from '../../machines/updates.ts'

const now = 1_700_000_000_000
const input: Input = { env: { now: () => now, random: () => 0.5 }, account: 'a', policy: defaultPolicy }
const context = initialContext(input)
const self = { id: '491700000002:1@s.whatsapp.net' }
const damaged = { level: 'storm', suspected: true, addresses: ['a.0'], curable: ['a.0'], messages: 9 } as const

test('an account begins as one that heals, lets every number in, and has not dialled', () => {
  expect(context).toMatchObject({ mode: 'heal', generation: 0, attempt: 0, closes: [], since: now })
  expect(context).not.toHaveProperty('expectedNumber')
  expect(initialContext({ ...input, mode: 'observe', generation: 7, expectedNumber: '49170' })).toMatchObject({
    mode: 'observe',
    generation: 7,
    expectedNumber: '49170',
  })
})

test('with nothing planned nothing is set aside and nothing is charged', () => {
  expect(update.pruneInput(context)).toMatchObject({ scope: 'failing', addresses: [] })
  expect(update.spent(context).budget).toEqual({ addresses: {}, all: [] })
})

test('a prune that found no file still settles what was held against the addresses, and names no quarantine', () => {
  const prune = { scope: 'failing', addresses: ['a.0'], why: 'test' } as const
  const after = update.afterPrune({ ...context, evidence: damaged, prune }, { addresses: [] })
  expect(after).toMatchObject({ evidence: { level: 'fine' }, prune: undefined, verifying: { addresses: [], at: now } })
  expect(after.verifying).not.toHaveProperty('quarantine')
})

test('what was tried for messages that can be read now is over though others cannot read, but not while a prune is being watched', () => {
  const tried = { live: true, failing: true, all: false }
  const outbound = { ...allHeard, level: 'failing', addresses: ['u.0'] } as const
  const verifying = { scope: 'failing', addresses: ['a.0'], why: 'test', at: now } as const
  const both = { ...context, evidence: damaged, exhausted: 'test', tried, outbound }
  expect(update.weighed(both, allFine)).toMatchObject({ tried: { live: false, failing: false }, exhausted: undefined })
  expect(update.weighed({ ...both, verifying }, allFine)).not.toHaveProperty('tried')
  expect(update.weighed({ ...both, outbound: allHeard }, allFine)).not.toHaveProperty('tried')
  expect(update.weighed(both, damaged)).not.toHaveProperty('tried')
})

test('what a prune leaves behind is still held against its addresses', () => {
  const evidence = { ...damaged, addresses: ['a.0', 'b.0'], curable: ['a.0', 'b.0'] }
  const prune = { scope: 'failing', addresses: ['a.0'], why: 'test' } as const
  expect(update.afterPrune({ ...context, evidence, prune }, { addresses: ['a.0'], quarantine: 'q' })).toMatchObject({
    evidence: { level: 'storm', addresses: ['b.0'], curable: ['b.0'] },
    verifying: { quarantine: 'q', addresses: ['a.0'] },
  })
})

test.for([
  [1, '1 session would be set aside now'],
  [2, '2 sessions would be set aside now'],
] as const)('observing says that %i would be set aside', ([count, words]) => {
  const curable = ['a.0', 'b.0'].slice(0, count)
  const observing = { ...context, mode: 'observe', evidence: { ...damaged, curable } } as const
  expect(update.rung(observing)).toEqual({ rung: 'exhausted', why: `observing only: ${words}` })
})

test('observing says that all sessions would be set aside, once the failing ones are no longer the answer', () => {
  const tried = { live: true, failing: true, all: false }
  expect(update.rung({ ...context, mode: 'observe', evidence: damaged, tried })).toEqual({
    rung: 'exhausted',
    why: 'observing only: all sessions would be set aside now',
  })
})

test('a rare look is over with its close, whatever the cause', () => {
  for (const kind of ['replaced', 'link-lost'] as const)
    expect(update.counted({ ...context, conflictProbe: true }, { kind, message: 'm' })).toMatchObject({
      conflictProbe: false,
    })
})

test('a 440 with evidence prunes while one failing address can still be afforded, and no longer', () => {
  const replaced = { kind: 'replaced', message: 'm' } as const
  const failing = { ...context, evidence: damaged }
  expect(update.judge(failing, replaced)).toMatchObject({ next: 'prune', scope: 'failing' })
  const spent = { addresses: { 'a.0': [now, now, now] }, all: [] }
  expect(update.judge({ ...failing, budget: spent }, replaced)).toMatchObject({ next: 'reconnect', pace: 'conflict' })
})

test('new credentials begin with nothing that was held against the old ones, and with the budget as it is', () => {
  const prune = { scope: 'all', addresses: [], why: 'test' } as const
  const held = {
    ...{ restartRun: 1, restarts: 1, refusedRun: 1, conflicts: [now], conflictProbe: true, evidence: damaged },
    ...{ degradedSince: now, verifying: { ...prune, at: now }, withheld: prune },
    ...{ exhausted: 'why', tried: { live: true, failing: true, all: true } },
    budget: { addresses: {}, all: [now] },
  }
  expect({ ...context, ...held, ...update.newlyLinked }).toEqual({
    ...context,
    ...{ degradedSince: undefined, verifying: undefined, withheld: undefined, exhausted: undefined },
    budget: held.budget,
  })
})

test('the last twenty closes are remembered', () => {
  let after = context
  for (let at = 0; at < 25; at += 1)
    after = { ...after, ...update.counted(after, { kind: 'network', message: String(at) }) }
  expect(after.closes.map(({ cause }) => cause.message)).toEqual(Array.from({ length: 20 }, (_, at) => String(at + 5)))
})

test('a service may reject with anything; only what names its problem is told apart', () => {
  const problem = { kind: 'disk', message: 'full' } as const
  expect([null, undefined, 'text', 7, {}, new Error('text'), { problem }].map(problemOf)).toEqual([
    ...Array.from({ length: 6 }, () => undefined),
    problem,
  ])
})

test('a 440 is forgotten when its window is over', () => {
  const { windowMs } = defaultPolicy.conflict
  const conflicts = [now - windowMs, now - windowMs + 1]
  const after = update.counted({ ...context, conflicts }, { kind: 'replaced', message: 'm' })
  expect(after.conflicts).toEqual([now - windowMs + 1, now])
})

test('only another number than the expected one is a stranger', () => {
  const opened = { type: 'socket.open', generation: 1, self } as const
  const expecting = { ...context, expectedNumber: '491700000001' }
  expect(update.strangerIn(expecting, opened)).toBe('491700000002')
  expect(update.strangerIn({ ...context, expectedNumber: '491700000002' }, opened)).toBeUndefined()
  expect(update.strangerIn(context, opened)).toBeUndefined()
  expect(update.strangerIn(expecting, { type: 'socket.open', generation: 1 })).toBeUndefined()
  expect(update.strangerIn(expecting, { ...opened, self: { id: '1@lid' } })).toBeUndefined()
  expect(update.strangerIn(expecting, { type: 'disk.well' })).toBeUndefined()
})
