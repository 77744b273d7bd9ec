/** How many modules a character holds, and the character for each way of filling them. */
export interface Glyphs {
  readonly across: number
  readonly down: number
  /** `cells` has a bit for each module of the character that is ink, row by row from the upper left. */
  readonly glyph: (cells: number) => string
}

/** Two modules to a character, one above the other: they come out square, and every font has these four. */
const halves: Glyphs = { across: 1, down: 2, glyph: (cells) => ' ▀▄█'.charAt(cells) }

const leftHalf = 0b010101
const rightHalf = 0b101010
const firstSextant = 0x1fb00

/**
 * Six modules to a character, two across and three down, in two thirds of the rows. They come out a quarter narrower
 * than tall, as if the code were looked at from the side, which readers put right. Unicode 13 has them from U+1FB00 on,
 * but for the four that were there already.
 */
const sextants: Glyphs = {
  across: 2,
  down: 3,
  glyph: (cells) => {
    if (cells === 0) return ' '
    if (cells === leftHalf) return '▌'
    if (cells === rightHalf) return '▐'
    if (cells === 0b111111) return '█'
    const skipped = 1 + (cells > leftHalf ? 1 : 0) + (cells > rightHalf ? 1 : 0)
    return String.fromCodePoint(firstSextant + cells - skipped)
  },
}

export const glyphSets = { halves, sextants } as const
export type GlyphSet = keyof typeof glyphSets

/** `auto`: halves where they fit, else sextants. */
export type QrStyle = 'auto' | GlyphSet
export const qrStyles: readonly QrStyle[] = ['auto', 'halves', 'sextants']

/** Rows of text for a square of modules; what lies beyond its edge is ink where `beyond` says so. */
export function draw(ink: readonly (readonly boolean[])[], { across, down, glyph }: Glyphs, beyond: boolean): string[] {
  const rows: string[] = []
  for (let y = 0; y < ink.length; y += down) {
    let row = ''
    for (let x = 0; x < ink.length; x += across) {
      let cells = 0
      for (let dy = 0; dy < down; dy += 1)
        for (let dx = 0; dx < across; dx += 1) if (ink[y + dy]?.[x + dx] ?? beyond) cells |= 1 << (dy * across + dx)
      row += glyph(cells)
    }
    rows.push(row)
  }
  return rows
}
