import { mkdtempSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { judge } from './judgement.ts'
import { mutantsOf, mutated } from './mutant.ts'
import { operators } from './operators.ts'
import { targets } from './targets.ts'

const root = fileURLToPath(inProject('.'))

/** Every change of a source, without its name. */
const changes = (source: string): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'))
  writeFileSync(join(folder, 'a.ts'), source)
  return mutantsOf(folder, 'a.ts', operators).map((mutant) => mutated(source, mutant))
}

test.for<[string, string, readonly string[]]>([
  ['a comparison', 'export const f = a < b', ['export const f = a <= b']],
  ['a condition', 'if (a) b = c', ['if (!(a)) b = c', 'if (a) ;']],
  ['a negation', 'export const f = !a', ['export const f = a']],
  ['a fallback', 'export const f = a ?? b', ['export const f = a']],
  ['a number', 'export const f: number = 3', ['export const f: number = 4']],
  ['a flag', 'export const f = true as const', ['export const f = false as const']],
  ['a filter', 'export const f = a.filter(b)', ['export const f = a']],
  ['a bound', 'export const f = Math.min(a, b)', ['export const f = Math.max(a, b)']],
  ['a call', 'fence()', [';']],
  ['a list', 'export const f = [a, b]', ['export const f = [...[], b]', 'export const f = [a, ...[]]']],
  ['an entry', 'export const f = { a, description: b }', ['export const f = {  description: b }']],
  [
    'a target',
    "export const f = { target: 'a' }",
    ['export const f = {  }', "export const f = { target: '#connection.reconnecting' }"],
  ],
])('%s is mutated', ([, source, expected]) => {
  expect(changes(source)).toEqual(expected)
})

test('neighbours in a table and transitions in their order change places', () => {
  expect(changes('const t: T = { a: x, b: y, c: z }')).toContain('const t: T = { a: y, b: x, c: z }')
  expect(changes('const t = [{ guard: x }, { guard: y }]')).toContain('const t = [{ guard: y }, { guard: x }]')
})

test('types and texts are left alone', () => {
  expect(changes('type A = 1 | 2\ninterface B { readonly a: 3 }')).toEqual([])
  expect(changes("const t = { why: 'a', description: 'b' }")).toEqual([])
})

test('every mutant has a name of its own', () => {
  const ids = targets.flatMap(({ files, operators: own }) =>
    files.flatMap((file) => mutantsOf(root, file, own).map(({ id }) => id)),
  )
  expect(ids.length).toBeGreaterThan(2_000)
  expect(new Set(ids).size).toBe(ids.length)
})

test('what is known to survive is a mutant that there is, and has its reason', async () => {
  const ids = new Set(
    targets.flatMap(({ files, operators: own }) =>
      files.flatMap((file) => mutantsOf(root, file, own).map(({ id }) => id)),
    ),
  )
  const known = JSON.parse(await readFile(join(root, 'test/mutants/survivors.json'), 'utf8')) as Record<string, string>
  expect(Object.keys(known).filter((id) => !ids.has(id))).toEqual([])
  expect(Object.values(known).filter((reason) => reason.length < 10)).toEqual([])
  expect(Object.keys(known).length).toBeLessThanOrEqual(ids.size * 0.05)
})

test('the judgement names each survivor without a reason, and each reason without a survivor', () => {
  const many = Array.from({ length: 97 }, (_, at) => `m${at}`)
  const all = [...many, 'a', 'b', 'c']
  expect(judge(all, ['a'], { a: 'it changes nothing' }, true)).toMatchObject({ holds: true })
  expect(judge(all, ['a', 'b'], { a: 'it changes nothing' }, true)).toMatchObject({
    holds: false,
    lines: ['no test notices, and no reason is given: b', '100 mutants, 98 noticed (98.0 %), 2 survive'],
  })
  expect(judge(all, [], { a: 'x' }, true).lines[0]).toMatch(/^is noticed now, so it leaves the list: a$/)
  expect(judge(all, [], { gone: 'x' }, true).lines[0]).toMatch(/^is no mutant any more/)
  expect(judge(all, [], { gone: 'x' }, false).holds).toBe(true)
  const six = all.slice(0, 6)
  expect(judge(all, six, Object.fromEntries(six.map((id) => [id, 'x'])), true).holds).toBe(false)
})
