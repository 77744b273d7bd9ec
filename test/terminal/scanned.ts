import { readQr } from '../read-qr.ts'
import { pixelsOf } from './terminal-pixels.ts'

/** What a phone sees in the rows that a dark terminal without colours shows; nothing if there is no code. */
export function scanned(rows: string): string {
  const { data, width, height } = pixelsOf(rows.trimEnd().split('\n'), { inkIsLight: true })
  return readQr(data, width, height)?.data ?? ''
}
