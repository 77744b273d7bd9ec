import { renderUnicodeCompact } from 'uqr'
import { wrap } from './columns.ts'
import type { Paint } from './paint.ts'

// Two modules to a character, so that they are square; the least error correction gives the fewest rows. A code of Baileys has 240 to 300
// characters: 57 to 65 modules, 29 to 33 rows, more than the 24 of a small terminal. Smaller glyphs exist (quadrants, Braille), but phones do not read them.
const options = { ecc: 'L', boostEcc: false } as const
/** Light modules around the code: the standard asks for four, phones are content with two. */
const border = 2
const smallBorder = 1

/** The code as text, with the least border that fits, and a warning if even that does not. */
export function qrLines(code: string, paint: Paint): readonly string[] {
  const { rows, width } = paint
  const drawn = draw(code, border)
  const lines = rows !== undefined && drawn.length >= rows ? draw(code, smallBorder) : drawn
  const across = lines[0]?.length ?? 0
  const fits = (rows === undefined || lines.length < rows) && across <= width
  return [...lines.map((line) => paper(line, paint)), ...(fits ? [] : wrap(tooSmall(lines.length, across), width))]
}

const tooSmall = (rows: number, columns: number): string =>
  `The code needs ${rows + 1} rows and ${columns} columns: enlarge the window or make its letters smaller.`

function draw(code: string, width: number): readonly string[] {
  return renderUnicodeCompact(code, { ...options, border: width }).split('\n')
}

/** uqr draws light modules as ink, for dark terminals. With colour they become paper, so that a light terminal shows no negative. */
function paper(line: string, paint: Paint): string {
  if (!paint.colour) return line
  const negative: Readonly<Record<string, string>> = { '█': ' ', ' ': '█', '▀': '▄', '▄': '▀' }
  return paint.onPaper(line.replace(/[█▀▄ ]/g, (glyph) => negative[glyph] ?? glyph))
}
