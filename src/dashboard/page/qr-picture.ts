import { encode } from 'uqr'
import { s } from './element.ts'

/** Modules of white around the code, as the standard asks for. */
const quiet = 4

/**
 * A QR code as a drawing: one path, dark on white in both themes, since cameras want it so. Correction level L makes
 * its modules as large as they can be: on a screen nothing is torn off, and size is what a bad camera needs.
 */
export function qrPicture(code: string): SVGSVGElement {
  const { data, size } = encode(code, { ecc: 'L', border: 0 })
  const runs: string[] = []
  for (const [y, row] of data.entries())
    for (let x = 0; x < size; x += 1) {
      if (!row[x]) continue
      const from = x
      while (row[x + 1]) x += 1
      runs.push(`M${from + quiet} ${y + quiet}h${x - from + 1}v1h${from - x - 1}z`)
    }
  const whole = size + 2 * quiet
  return s(
    'svg',
    { viewBox: `0 0 ${whole} ${whole}`, class: 'qr', role: 'img', 'shape-rendering': 'crispEdges' },
    s('rect', { width: whole, height: whole, fill: '#fff' }),
    s('path', { d: runs.join(''), fill: '#000' }),
  )
}
