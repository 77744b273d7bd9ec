/** A terminal's cell is twice as tall as it is wide; eight by sixteen pixels is the classic one of 80 × 24. */
const cellWidth = 8
const cellHeight = 16

const blocks: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  ' ': () => false,
  '█': () => true,
  '▀': (_, y) => y < 0.5,
  '▄': (_, y) => y >= 0.5,
  '▌': (x) => x < 0.5,
  '▐': (x) => x >= 0.5,
}

/**
 * Which sixth of a cell each bit of a sextant fills, by the names of Unicode: BLOCK SEXTANT-1 is U+1FB00, SEXTANT-2
 * U+1FB01, SEXTANT-12 U+1FB02 …
 */
function sextant(character: string): (x: number, y: number) => boolean {
  const named: number[] = []
  for (let cells = 1; cells < 63; cells += 1) if (cells !== 0b010101 && cells !== 0b101010) named.push(cells)
  const cells = named[(character.codePointAt(0) ?? 0) - 0x1fb00]
  if (cells === undefined) throw new Error(`${JSON.stringify(character)} is no block`)
  return (x, y) => (cells & (1 << (Math.floor(y * 3) * 2 + Math.floor(x * 2)))) !== 0
}

/** RGBA of rows of text as a terminal draws them: block characters fill their part of a cell, ink on paper. */
export function pixelsOf(rows: readonly string[], { inkIsLight }: { readonly inkIsLight: boolean }) {
  const cells = rows.map((row) => [...row])
  const width = Math.max(...cells.map((row) => row.length)) * cellWidth
  const height = rows.length * cellHeight
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const character = cells[Math.floor(y / cellHeight)]?.[Math.floor(x / cellWidth)] ?? ' '
      const filled = blocks[character] ?? sextant(character)
      const ink = filled(((x % cellWidth) + 0.5) / cellWidth, ((y % cellHeight) + 0.5) / cellHeight)
      data.fill(ink === inkIsLight ? 255 : 0, (y * width + x) * 4, (y * width + x) * 4 + 3)
      data[(y * width + x) * 4 + 3] = 255
    }
  }
  return { data, width, height }
}
