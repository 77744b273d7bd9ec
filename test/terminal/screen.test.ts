import { expect, test } from 'vitest'
import { printQr } from '../../src/terminal/print-qr.ts'
import { qrLines } from '../../src/terminal/qr-code.ts'
import { draw, glyphSets } from '../../src/terminal/qr-glyphs.ts'
import { type Screen, screenOf } from '../../src/terminal/screen.ts'
import { wrap } from '../../src/terminal/wrap.ts'

const stream = (more: object = {}) => ({ isTTY: true, columns: 100, rows: 30, ...more }) as NodeJS.WriteStream

test.each<[string, object, NodeJS.ProcessEnv, Partial<Screen>]>([
  ['a large terminal', {}, { TERM: 'xterm' }, { colour: true, width: 80, rows: 30, sextants: true }],
  ['a narrow one', { columns: 60 }, { TERM: 'xterm' }, { width: 60 }],
  ['one that is narrower than any text', { columns: 20 }, { TERM: 'xterm' }, { width: 40 }],
  ['one that does not say', { columns: undefined }, { TERM: 'xterm' }, { width: 80 }],
  ['one without colour by wish', {}, { TERM: 'xterm', NO_COLOR: '1' }, { colour: false, sextants: true }],
  ['one with an empty wish', {}, { TERM: 'xterm', NO_COLOR: '' }, { colour: true }],
  ['a dumb one', {}, { TERM: 'dumb' }, { colour: false, sextants: false, rows: 30 }],
  ['a console of Linux', {}, { TERM: 'linux' }, { colour: true, sextants: false }],
  ['one that does not say what it is', {}, {}, { colour: true, sextants: false }],
  ['a pipe', { isTTY: undefined }, { TERM: 'xterm' }, { colour: false, rows: undefined, sextants: false }],
])('of %s is known what it can show', (_, parts, env, known) => {
  expect(screenOf(stream(parts), env)).toMatchObject(known)
})

test('a terminal is followed in its size, and paper is dark on light only where there is colour', () => {
  const terminal = stream()
  const screen = screenOf(terminal, { TERM: 'xterm' })
  terminal.rows = 12
  expect(screen.rows).toBe(12)
  expect(screen.onPaper('x')).toContain('\u001b[107m\u001b[30mx')
  expect(screenOf(terminal, { NO_COLOR: '1' }).onPaper('x')).toBe('x')
})

test.each<[string, number, readonly string[]]>([
  ['', 10, ['']],
  ['one two', 7, ['one two']],
  ['one two', 6, ['one', 'two']],
  ['  one\n two  three ', 9, ['one two', 'three']],
  ['extraordinary a b', 5, ['extraordinary', 'a b']],
])('%j in %i columns is %j', (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines)
})

test('each way of filling a sextant has its own character, in the order of Unicode', () => {
  const { glyph } = glyphSets.sextants
  const all = Array.from({ length: 64 }, (_, cells) => glyph(cells))
  expect(new Set(all).size).toBe(64)
  expect([all[0], all[0b010101], all[0b101010], all[0b111111]]).toEqual([' ', '▌', '▐', '█'])
  const drawn = all.filter((one) => (one.codePointAt(0) ?? 0) >= 0x1fb00).map((one) => one.codePointAt(0))
  expect(drawn).toEqual(Array.from({ length: 60 }, (_, at) => 0x1fb00 + at))
})

test.each([
  [false, ['▀▄▀', '▀ ▀']],
  [true, ['▀▄▀', '█▄█']],
])('what lies beyond the square is ink where that is said: %s', (beyond, rows) => {
  const ink = [
    [true, false, true],
    [false, true, false],
    [true, false, true],
  ]
  expect(draw(ink, glyphSets.halves, beyond)).toEqual(rows)
})

const code = '2@'.padEnd(240, 'abcdefghij')
const screen = (more: Partial<Screen> = {}): Screen => ({
  ...{ colour: false, width: 80, rows: undefined, sextants: false, onPaper: (text) => `<${text}>` },
  ...more,
})

test('a code has the broader border where there is room, the smaller one where there is not, to the row', () => {
  const broad = qrLines(code, screen())
  const exactly = (rows: number, beneath: readonly string[] = []) => qrLines(code, screen({ rows }), { beneath })
  expect(exactly(broad.length + 1)).toEqual(broad)
  const narrow = exactly(broad.length)
  expect(narrow.length).toBe(broad.length - 1)
  expect(exactly(narrow.length + 1)).toEqual(narrow)
  const warned = exactly(narrow.length)
  expect(warned.slice(0, narrow.length)).toEqual(narrow)
  expect(warned.slice(narrow.length).join(' ')).toContain(`The code needs ${narrow.length + 1} rows and `)
  const beneath = exactly(narrow.length + 2, ['beneath'])
  expect(beneath).toEqual([...narrow, 'beneath'])
  expect(exactly(narrow.length + 1, ['beneath']).join(' ')).toContain(`needs ${narrow.length + 2} rows`)
  const columns = [...(narrow[0] ?? '')].length
  expect(qrLines(code, screen({ width: columns }))).toEqual(narrow)
  expect(qrLines(code, screen({ width: columns - 1 })).join(' ')).toContain(`${columns} columns`)
})

test('a code is on paper with colour alone, and nothing beneath it is', () => {
  const plain = qrLines(code, screen({ rows: 60 }), { beneath: ['beneath'] })
  const coloured = qrLines(code, screen({ rows: 60, colour: true }), { beneath: ['beneath'] })
  expect(plain.some((line) => line.startsWith('<'))).toBe(false)
  expect(coloured.slice(0, -1).every((line) => /^<.*>$/.test(line))).toBe(true)
  expect(coloured.at(-1)).toBe('beneath')
})

test('a code is printed to the stream that is given, in the way that is asked for, with an end of line', () => {
  const written: string[] = []
  const pipe = { write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream
  printQr(code, { stream: pipe })
  printQr(code, { stream: pipe, style: 'sextants' })
  expect(written).toEqual([
    `${qrLines(code, screenOf(pipe)).join('\n')}\n`,
    `${qrLines(code, screenOf(pipe), { style: 'sextants' }).join('\n')}\n`,
  ])
  expect(written[0]).not.toBe(written[1])
})
