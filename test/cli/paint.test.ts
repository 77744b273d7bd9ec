import { expect, test } from 'vitest'
import { paintFor } from '../../src/cli/paint.ts'

/** A terminal of that many columns, as Node shows one. */
const terminal = (columns?: number) => ({ isTTY: true, columns, rows: 24 }) as NodeJS.WriteStream
const pipe = { isTTY: false } as NodeJS.WriteStream

test.each<[string, NodeJS.WriteStream, NodeJS.ProcessEnv, boolean, boolean]>([
  ['a terminal', terminal(80), { TERM: 'xterm-256color' }, true, true],
  ['a pipe', pipe, { TERM: 'xterm-256color' }, false, false],
  ['NO_COLOR on a terminal', terminal(80), { TERM: 'xterm', NO_COLOR: '1' }, false, true],
  ['an empty NO_COLOR', terminal(80), { TERM: 'xterm', NO_COLOR: '' }, true, true],
  ['a dumb terminal', terminal(80), { TERM: 'dumb' }, false, false],
  ['a console of Linux, of which the fonts are small', terminal(80), { TERM: 'linux' }, true, false],
  ['a terminal that does not say what it is', terminal(80), {}, true, false],
])(
  '%s: colour where there is one, sextants where fonts are likely to have them',
  (_, stream, env, colour, sextants) => {
    const paint = paintFor(stream, env)
    expect(paint).toMatchObject({ colour, sextants })
    expect(paint.good('well') !== 'well').toBe(colour)
    expect(paint.state('blocked', 'x')).toBe(paint.bad('x'))
    expect(paint.onPaper('x') !== 'x').toBe(colour)
  },
)

test('text is set for 80 columns, for fewer on a narrower terminal, never for less than 40; rows are those of the terminal', () => {
  const widths = [terminal(200), terminal(60), terminal(10), terminal(), pipe].map(
    (stream) => paintFor(stream, {}).width,
  )
  expect(widths).toEqual([80, 60, 40, 80, 80])
  const grown = terminal(80)
  const paint = paintFor(grown, {})
  expect(paint.rows).toBe(24)
  grown.rows = 50
  expect([paint.rows, paintFor(pipe, {}).rows]).toEqual([50, undefined])
})
