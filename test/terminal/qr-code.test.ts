import { describe, expect, test } from 'vitest'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import { type QrLook, qrLines } from '../../src/terminal/qr-code.ts'
import { readQr } from '../read-qr.ts'
import { pixelsOf } from './terminal-pixels.ts'

const base64 = (bytes: number): string =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 37) % 251)).toString('base64')
/** Four parts: the reference that the server hands out, and three keys of 32 bytes. */
const parts = (ref: string): string => [ref, base64(32), base64(32), base64(32)].join(',')
const codes = {
  'Baileys 7': `https://wa.me/settings/linked_devices#${parts(`2@${base64(48)}`)},1`,
  'Baileys 6': parts(`2@${base64(48)}`),
  'a server with long references': `https://wa.me/settings/linked_devices#${parts(`2@${base64(72)}`)},1`,
}

const plain: Paint = { ...paintFor(process.stdout, { NO_COLOR: '1' }), colour: false, sextants: true, width: 80 }
const coloured: Paint = { ...plain, colour: true, onPaper: (text) => text }
const beneath = ['one line beneath']

const read = (lines: readonly string[], inkIsLight: boolean): string | undefined => {
  const { data, width, height } = pixelsOf(lines, { inkIsLight })
  // Not every phone reads a negative.
  return readQr(data, width, height, { inversionAttempts: 'dontInvert' })?.data
}
const inRows = (rows: number | undefined, code: string, paint: Paint, look: QrLook = {}) =>
  qrLines(code, { ...paint, rows }, look)

describe.each(Object.entries(codes))('a code of %s', (_, code) => {
  test.each([
    ['with colour, dark on light', coloured, false],
    ['without colour, light on dark', plain, true],
  ])(
    'is read from the pixels of a terminal of 80 × 24, %s, with its line beneath on the same screen',
    (_, paint, light) => {
      const lines = inRows(24, code, paint, { beneath })
      expect(lines.length).toBeLessThanOrEqual(23)
      expect(lines.at(-1)).toBe(beneath[0])
      expect(lines.every((line) => [...line].length <= 80)).toBe(true)
      expect(read(lines.slice(0, -1), light)).toBe(code)
    },
  )

  test('is drawn in halves, which every font has, where there are rows enough, and read from them', () => {
    for (const paint of [coloured, plain]) {
      const lines = inRows(40, code, paint, { beneath })
      expect(lines.slice(0, -1).join('')).toMatch(/^[█▀▄ ]+$/)
      expect(read(lines.slice(0, -1), !paint.colour)).toBe(code)
    }
  })

  test('is drawn in halves in a file or a pipe, and in the way that was asked for', () => {
    expect(inRows(undefined, code, { ...plain, sextants: false }).join('')).toMatch(/^[█▀▄ ]+$/)
    expect(read(inRows(60, code, plain, { style: 'sextants' }), true)).toBe(code)
    expect(inRows(60, code, plain, { style: 'sextants' }).length).toBeLessThan(23)
  })
})

test('a terminal that has neither room nor sextants is told how large it has to be', () => {
  const small = inRows(24, codes['Baileys 7'], { ...plain, sextants: false })
  expect(small.slice(-2).join(' ')).toMatch(/needs \d+ rows and \d+ columns/)
  expect(inRows(12, codes['Baileys 6'], plain).slice(-2).join(' ')).toMatch(/needs 2\d rows/)
  expect(inRows(24, codes['Baileys 7'], plain).join(' ')).not.toContain('needs')
})
