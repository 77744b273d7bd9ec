import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'

/** As in biome.json, whose formatter leaves comments as they are. */
const most = 120

const files = (...patterns: string[]): readonly string[] =>
  execFileSync('git', ['ls-files', ...patterns], { cwd: inProject('.'), encoding: 'utf8' })
    .trim()
    .split('\n')
const read = (name: string): string => readFileSync(inProject(name), 'utf8')

/** The lines that are too long, by their numbers from 1. */
const longIn = (text: string): readonly number[] =>
  text.split('\n').flatMap((line, at) => ([...line].length > most ? [at + 1] : []))

type Span = readonly [start: number, end: number]

/** Where a text in quotes or a pattern stands. Each is one piece, so that it can be searched for as it is shown. */
function textsIn(node: unknown): readonly Span[] {
  if (typeof node !== 'object' || node === null) return []
  if (Array.isArray(node)) return node.flatMap(textsIn)
  const { type, value, start, end } = node as { type?: string; value?: unknown; start: number; end: number }
  const isText = type === 'Literal' && (typeof value === 'string' || value instanceof RegExp)
  if (type === 'TemplateLiteral' || isText) return [[start, end]]
  return Object.values(node).flatMap(textsIn)
}

/** The code with each text in quotes cut to nothing, its lines as they were. */
function withoutTexts(name: string, code: string): string {
  let rest = ''
  let at = 0
  for (const [start, end] of textsIn(parseSync(name, code).program).toSorted(([a], [b]) => a - b)) {
    if (start < at) continue
    rest += code.slice(at, start) + code.slice(start, end).replace(/[^\n]/g, '')
    at = end
  }
  return rest + code.slice(at)
}

/** The rows of a Markdown table have to be one line. */
const withoutTables = (text: string): string => text.replace(/^\|.*$/gm, '')

test('no line of code, comment or prose is longer than 120 characters, a text or a pattern left out', () => {
  const folders = ['src', 'machines', 'test', 'bench', 'diagrams', 'pages']
  const code = files(...folders.flatMap((folder) => [`${folder}/*.ts`, `${folder}/*.mjs`]))
  const prose = files('*.md').filter((name) => !name.includes('/') || name.startsWith('docs/'))
  expect([code.length > 800, prose.length > 15]).toEqual([true, true])
  const long = [
    ...prose.flatMap((name) => longIn(withoutTables(read(name))).map((line) => `${name}:${line}`)),
    ...code.flatMap((name) => {
      const text = read(name)
      if (longIn(text).length === 0) return []
      return longIn(withoutTexts(name, text)).map((line) => `${name}:${line}`)
    }),
  ]
  expect(long).toEqual([])
})
