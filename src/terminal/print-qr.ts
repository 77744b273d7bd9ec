import { qrLines } from './qr-code.ts'
import type { QrStyle } from './qr-glyphs.ts'
import { screenOf } from './screen.ts'

/** Options of `printQr`. */
export interface PrintQrOptions {
  /** Where it is drawn. Default `process.stdout`. */
  readonly stream?: NodeJS.WriteStream
  /**
   * `halves` needs characters that every font has; `sextants` needs two thirds of the rows, and a font with Unicode 13.
   * Default `auto`: halves where they fit, else sextants.
   */
  readonly style?: QrStyle
}

/**
 * Draws a code in the terminal, to be scanned with the phone: `line.on('qr', ({ code }) => printQr(code))`. Where the
 * terminal is too small for it, it says how large it has to be. Whoever sees a code can link a phone: draw it where its
 * owner looks, not into a log.
 */
export function printQr(code: string, { stream = process.stdout, style = 'auto' }: PrintQrOptions = {}): void {
  stream.write(`${qrLines(code, screenOf(stream), { style }).join('\n')}\n`)
}
