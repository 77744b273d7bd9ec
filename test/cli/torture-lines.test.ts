import { expect, test } from 'vitest'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import { headLines, runLines, summaryLines } from '../../src/cli/torture-lines.ts'
import type { TorturedRun } from '../../src/rehearsal/torture/torture.ts'

const paint: Paint = {
  ...paintFor(process.stdout, { NO_COLOR: '1' }),
  ...{ width: 80, colour: false, rows: undefined },
  ...{ good: (text: string) => `good:${text}`, bad: (text: string) => `bad:${text}` },
}
const well: TorturedRun = {
  ...{ seed: 7, schedule: '503 +440', broken: [], path: ['preparing', 'healthy'], healMs: 1_230, tookMs: 9_000 },
  messages: { sent: 4, read: 4 },
  answers: { sent: 3, read: 3 },
}
const broken: TorturedRun = {
  ...well,
  broken: [{ rule: 'nothing left', found: '2 × timer', remedy: 'Clear it.' }],
  messages: { sent: 4, read: 3 },
}

test('a run that went well is one row, under a head of the same columns', () => {
  const [head = ''] = headLines(paint)
  const [row = '', ...others] = runLines(well, paint)
  expect(row).toMatch(/^7 +ok +1\.2 s +4\/4 +3\/3 +503 \+440$/)
  expect(row.indexOf('503')).toBe(head.indexOf('steps'))
  expect(others).toEqual([])
})

test('under a broken run stand the promise, the cure, the way it took and the steps that are enough, with their meaning', () => {
  expect(runLines({ ...broken, shortest: '+440 503 nothing-known' }, paint).map((line) => line.trimEnd())).toEqual([
    expect.stringMatching(/^bad:7 +BROKEN +3\/4 +3\/3 +503 \+440$/),
    '  nothing left: 2 × timer',
    '    Clear it.',
    '  states: preparing → healthy',
    '  enough: +440 503 nothing-known',
    expect.stringMatching(/^ {4}440 {15}\S/),
    expect.stringMatching(/^ {4}503 {15}\S/),
  ])
})

test('of a long way the last states are told; what broke without a fault says so', () => {
  const path = Array.from({ length: 20 }, (_, n) => `s${n}`)
  const text = runLines({ ...broken, path, shortest: '' }, paint).join('\n')
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`states: … → ${path.slice(-15).join(' → ')}`)
  expect(text).toContain('  enough: no fault at all')
  expect(runLines({ ...broken, path: [] }, paint).join('\n')).not.toContain('states:')
})

test('the end says how many failed, how the heap grew, what was left out and how to play it again', () => {
  const all = summaryLines(
    { ok: true, runs: [well, well], leftOut: 0, heapBytesPerRun: -1_500 },
    '--connect ./c.js',
    paint,
  )
  expect(all).toEqual(['', 'good:2 runs, every promise held. Heap: -1.5 kB per run.'])
  const failed = { ...broken, shortest: '440' }
  const some = summaryLines(
    { ok: false, runs: [well, failed], leftOut: 1, heapBytesPerRun: 20 },
    '--connect ./c.js',
    paint,
  )
  expect(some).toEqual([
    '',
    'bad:2 runs, 1 failed. Heap: +20 B per run.',
    '1 run left out: nothing works before the account can be linked.',
    'Again: lifeline torture --connect ./c.js --seed 7 --runs 1',
    'Or:    lifeline torture --connect ./c.js --runs 1 --steps "440"',
  ])
  const bare = summaryLines({ ok: false, runs: [{ ...broken, shortest: '' }], leftOut: 0 }, '--connect ./c.js', paint)
  expect(bare.slice(1)).toEqual(['bad:1 run, 1 failed.', 'Again: lifeline torture --connect ./c.js --seed 7 --runs 1'])
})
