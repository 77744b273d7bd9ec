import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { inProject } from '../../root.ts'
import { type Mutant, mutantsOf, mutated } from '../mutant.ts'
import { careless } from './careless.ts'
import { hollow } from './hollow.ts'
import { noticedBy } from './noticed.ts'
import { importedBy, quickTests, testsOf } from './reach.ts'
import { judged } from './shares.ts'
import type { Request } from './trial.ts'

/** Every careless change of a source. */
const changes = (source: string): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'))
  writeFileSync(join(folder, 'a.ts'), source)
  return mutantsOf(folder, 'a.ts', careless).map((fault) => mutated(source, fault))
}

test.for<[string, string, readonly string[]]>([
  ['a condition in a chain', 'const f = a && b', ['const f = (a)', 'const f = (b)']],
  ['a fallback', 'const f = a ?? b', ['const f = (a)', 'const f = (b)']],
  ['a choice', 'const f = a ? b : c', ['const f = (b)', 'const f = (c)']],
  ['an early return', 'for (;;) { if (a) continue; b = c }', ['for (;;) { ; b = c }']],
  ['two arguments', 'const f = g(a, b.c, 1)', ['const f = g(b.c, a, 1)']],
  ['of two that are the same either way round nothing', 'const f = Math.max(a, b)', []],
  ['a difference', 'const f = a - b', ['const f = b - a']],
  ['a wait', 'async function f() { await a() }', ['async function f() { void a() }']],
  [
    'a read after a wait',
    'async function f() { await a(); const b = c.d; e(b) }',
    ['async function f() { const b = c.d; await a(); e(b) }', 'async function f() { void a(); const b = c.d; e(b) }'],
  ],
  ['nothing that is written out', 'async function f() { const a = await b(); const c = 7 }', []],
  ['no function', 'async function f() { const a = await b(); const c = () => d.e }', []],
  ['what is remembered', 'cache.forget()', [';']],
  ['an error', "const f = code === 'ENOENT'", ["const f = code === 'EACCES'"]],
  ['a clock', 'const f = Date.now()', ['const f = performance.now()']],
  ['what happens once', "a.once('x', b)", ["a.on('x', b)"]],
  ['a listener', 'signal.removeEventListener(a)', ['undefined']],
  ['a listener that is taken away later', 'const f = () => all.delete(a)', ['const f = () => undefined']],
])('%s is changed carelessly', ([, source, expected]) => {
  expect(changes(source)).toEqual(expected)
})

test('a hollow source has every name, and nothing of it is right', () => {
  const source = 'export class A { constructor(b) { this.b = b } c() { return 1 } }\nexport const d = () => 2'
  expect(hollow('a.ts', source, 'emptied')).toBe(
    'export class A { constructor(b) { this.b = b } c() {} }\nexport const d = () => undefined',
  )
  expect(hollow('a.ts', 'const f = (a) => (a ? 1 : 2)', 'inverted')).toBe('const f = (a) => (!(a) ? 1 : 2)')
})

test('the nearest tests of a source are its own, and no fast test starts a process', () => {
  expect(testsOf('src/notices/words.ts')[0]).toBe('test/notices/words.test.ts')
  expect(testsOf('src/stores/rows/row-store.ts')).toContain('test/stores/every-store/staging.test.ts')
  expect(quickTests).not.toContain('test/stores/kills/kills.test.ts')
  expect(importedBy('test/notices/words.test.ts')).toContain('src/notices/words.ts')
  // By an index, which has nothing of its own.
  expect(importedBy('test/rehearsal/fake-whatsapp/server.test.ts')).toContain('src/rehearsal/fake-whatsapp/server.ts')
})

test('the report names each survivor without a reason, each reason without a survivor, and the shares', () => {
  const tried = ['a', 'b', 'c'].map((id, shown) => ({ folder: 'x', fault: { id }, noticed: id === 'a', shown }))
  expect(judged(tried, { b: 'it changes nothing', c: 'nor does it' })).toEqual({
    holds: true,
    lines: ['x: 1 of 3 noticed (33 %), 2 more have a reason', 'all: 1 of 3 noticed (33 %), 2 more have a reason'],
  })
  expect(judged(tried, { a: 'x', b: 'x' })).toMatchObject({
    holds: false,
    lines: [
      'no test that was asked notices, and no reason is given: c',
      'is noticed now, so it leaves the list: a',
      expect.anything(),
      expect.anything(),
    ],
  })
})

test('a case that fails because of those before it, whatever is changed, has noticed nothing', async () => {
  const unfit: unknown[] = []
  /** Case 1 fails on the change, case 2 after case 0, and case 3 on the change after case 0. */
  const ask = async ({ run, fault }: Request) => {
    const at = (run[0]?.cases ?? []).find(
      (one, place, all) =>
        (one === 1 && fault) || (one === 2 && all.indexOf(0) === place - 1) || (one === 3 && fault && all.includes(0)),
    )
    return { noticed: at === undefined ? undefined : { test: 'a', at, title: '' }, of: 4, measured: [] }
  }
  const by = async (...shown: readonly number[]) => {
    const chosen = () => [{ test: 'a', cases: shown.filter((at) => !unfit.includes(at)) }]
    const all = { bound: () => 0, unfit: (_: string, at: number) => unfit.push(at) }
    return (await noticedBy({ ask, end: () => undefined }, all, { fault: {} as Mutant }, chosen))?.at
  }
  expect([await by(0, 1), await by(0, 3), unfit.length]).toEqual([1, 3, 0])
  expect([await by(0, 2), unfit, await by(0, 2, 3)]).toEqual([undefined, [2], 3])
})

test.each([
  ['notices', 20, 2, true],
  ['notices', 20, 3, false],
  ['fleet', 20, 3, true],
  ['fleet', 20, 4, false],
  ['notices', 3, 1, true],
  ['notices', 3, 2, false],
])('in %s, of %i faults, %i may survive without a reason: %s', (folder, count, survive, holds) => {
  const tried = Array.from({ length: count }, (_, at) => ({
    ...{ folder, fault: { id: `${at}` } },
    ...{ noticed: at >= survive, shown: 1 },
  }))
  expect(judged(tried, {}).holds).toBe(holds)
})

test('the README has the figures of the page', () => {
  const [readme, page] = ['README.md', 'docs/noticed.md'].map((path) => readFileSync(inProject(path), 'utf8'))
  const [, tried, noticed] = /\| \*\*all\*\* \| (\d+) \| (\d+) /.exec(page ?? '') ?? []
  const words = (readme ?? '').replaceAll('\n', ' ')
  const said = `careless changes of the source, drawn by chance, the fast tests among them noticed`
  expect(words).toContain(`Of ${tried} ${said} ${noticed} at first`)
})

test('what is known to survive carelessness is a fault that there is, and has its reason', () => {
  const path = fileURLToPath(inProject('test/mutants/faults/survivors.json'))
  const known = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)
  const root = fileURLToPath(inProject('.'))
  const files = [...new Set(known.map(([id]) => id.slice(0, id.indexOf(' '))))]
  const ids = new Set(files.flatMap((file) => mutantsOf(root, file, careless).map(({ id }) => id)))
  expect(known.filter(([id, reason]) => !ids.has(id) || reason.length < 10)).toEqual([])
})
