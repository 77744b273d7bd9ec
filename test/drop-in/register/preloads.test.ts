import { expect, test } from 'vitest'
import { isFirstPreload } from '../../../src/drop-in/register/preloads.ts'

const ours = '/a b/baileys-lifeline/lib/register.cjs'

const rows: readonly (readonly [string, string, readonly string[], boolean])[] = [
  ['required by the environment', `--require="${ours}" --import=tsx`, ['--require', './first.js'], true],
  ['required after another one', `--require ./first.js --require="${ours}"`, [], false],
  ['imported on the command line', '', ['--import', 'baileys-lifeline/register'], true],
  ['imported after another one', '', ['--import', 'tsx', '--import=baileys-lifeline/register'], false],
  ['imported while another one is required', '-r ./first.js', ['--import', 'baileys-lifeline/register'], false],
  ['beside a loader', `--require="${ours}"`, ['--experimental-loader', './loader.mjs'], false],
  ['imported by the program itself', '', [], false],
]

test.each(rows)('a preload that is %s comes first, or not: NODE_OPTIONS=%s, %j', (_, options, argv, first) => {
  expect(isFirstPreload(argv, options)).toBe(first)
})
