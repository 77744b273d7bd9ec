import { print } from './output.ts'
import type { Paint } from './paint.ts'

/** Moves the cursor up, to the first column, and empties the screen from there on. */
const emptied = (rows: number): string => `\u001b[${rows}A\r\u001b[J`

/**
 * The code on a terminal. When it is used or has run out it goes from the screen, and so it does when the next one
 * comes; what was told beneath it stays. Without a terminal lines are only written.
 */
export class LiveCode {
  readonly #paint: Pick<Paint, 'rows'> | undefined
  /** How many rows the code takes that is on the screen. */
  #rows = 0
  #beneath: string[] = []

  constructor(paint: Pick<Paint, 'rows'> | undefined) {
    this.#paint = paint
  }

  draw(lines: readonly string[]): void {
    this.clear()
    for (const line of lines) print(line)
    this.#rows = this.#paint === undefined ? 0 : lines.length
  }

  print(lines: readonly string[]): void {
    for (const line of lines) print(line)
    if (this.#rows > 0) this.#beneath.push(...lines)
  }

  clear(): void {
    if (this.#rows === 0) return
    const beneath = this.#beneath
    const all = this.#rows + beneath.length
    // What has left the screen at its top cannot be reached: the cursor's own row is one of those that are seen.
    const seen = Math.min(all, (this.#paint?.rows ?? all + 1) - 1)
    process.stdout.write(emptied(seen))
    this.#rows = 0
    this.#beneath = []
    for (const line of beneath.slice(-seen)) print(line)
  }
}
