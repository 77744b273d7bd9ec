import { encode } from 'uqr'
import { draw, type GlyphSet, glyphSets, type QrStyle } from './qr-glyphs.ts'
import type { Screen } from './screen.ts'
import { wrap } from './wrap.ts'

// The least error correction gives the fewest modules: 57 to 61 for the 240 to 300 characters of a code of Baileys 7,
// 53 to 57 for one of Baileys 6.
const options = { ecc: 'L', boostEcc: false } as const
/**
 * Light modules around the code, tried from the left: the standard asks for four, phones are content with two and
 * mostly with one.
 */
const borders = [2, 1]

export interface QrLook {
  /** Default `auto`. */
  readonly style?: QrStyle | undefined
  /** What stands under the code and has to be on the screen with it. Default none. */
  readonly beneath?: readonly string[]
}

/**
 * The code as text and what stands beneath it: in the largest way that fits the terminal, with a warning if even the
 * smallest does not.
 */
export function qrLines(
  code: string,
  screen: Screen,
  { style = 'auto', beneath = [] }: QrLook = {},
): readonly string[] {
  const { rows, width } = screen
  // The cursor waits on a row of its own.
  const room = rows === undefined ? Number.POSITIVE_INFINITY : rows - beneath.length - 1
  const fits = (lines: readonly string[]) => lines.length <= room && across(lines) <= width
  const sets =
    style === 'auto' ? (screen.sextants ? (['halves', 'sextants'] as const) : (['halves'] as const)) : [style]
  const drawn = sets.flatMap((set) => borders.map((border) => pictured(code, set, border, screen)))
  const smallest = drawn.at(-1) ?? []
  const lines = drawn.find(fits) ?? smallest
  const warning = fits(lines) ? [] : wrap(tooSmall(lines.length + beneath.length, across(lines)), width)
  return [...lines.map((line) => (screen.colour ? screen.onPaper(line) : line)), ...warning, ...beneath]
}

const tooSmall = (rows: number, columns: number): string =>
  `The code needs ${rows + 1} rows and ${columns} columns: enlarge the window or make its letters smaller.`

/** Characters, not code units: sextants take two. */
const across = ([line = '']: readonly string[]): number => [...line].length

/**
 * With colour the dark modules are ink on paper, so that a light terminal shows no negative; without, light ones are
 * ink, for dark terminals.
 */
function pictured(code: string, set: GlyphSet, border: number, { colour }: Screen): readonly string[] {
  const { data } = encode(code, { ...options, border })
  const ink = colour ? data : data.map((row) => row.map((dark) => !dark))
  return draw(ink, glyphSets[set], !colour)
}
