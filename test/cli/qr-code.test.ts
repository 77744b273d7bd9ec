import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import { qrLines } from '../../src/cli/qr-code.ts'

/** As long as a code of Baileys 7 is. */
const code = `https://wa.me/settings/linked_devices#2@${'Ab3/'.repeat(50)},1`
const plain: Paint = paintFor(process.stdout, { NO_COLOR: '1' })
const { size, data } = encode(code, { ecc: 'L', boostEcc: false, border: 2 })

/** Dark modules, read off half blocks whose ink is light, or dark where the paper is coloured. */
function modules(lines: readonly string[], inkIsLight: boolean): boolean[][] {
  return lines.flatMap((line) => {
    const upper = [...line].map((glyph) => '█▀'.includes(glyph) !== inkIsLight)
    const lower = [...line].map((glyph) => '█▄'.includes(glyph) !== inkIsLight)
    return [upper, lower]
  })
}

test('what is drawn is the code, module for module, in at most 31 rows and 80 columns', () => {
  const lines = qrLines(code, { ...plain, rows: undefined })
  expect(lines.length).toBeLessThanOrEqual(31)
  expect(lines.every((line) => line.length === size && size <= 80)).toBe(true)
  expect(modules(lines, true).slice(0, size)).toEqual(data)
})

test('on a terminal with colour it is dark on light, whatever the colours of the terminal are', () => {
  const lines = qrLines(code, { ...plain, colour: true, rows: undefined, onPaper: (text) => `<${text}>` })
  expect(lines.every((line) => line.startsWith('<') && line.endsWith('>'))).toBe(true)
  expect(
    modules(
      lines.map((line) => line.slice(1, -1)),
      false,
    ).slice(0, size),
  ).toEqual(data)
})

test('a window that is too small is told how large it has to be', () => {
  const small = qrLines(code, { ...plain, rows: 24 })
  expect(small.slice(-2).join(' ')).toMatch(/needs \d+ rows and \d+ columns/)
  const large = qrLines(code, { ...plain, rows: 40 })
  expect(large.join(' ')).not.toContain('needs')
})
