import { Resvg } from '@resvg/resvg-js'
import { fonts } from './font.ts'

/** The picture as PNG, `zoom` pixels for one of the SVG. */
export const toPng = (svg: string, zoom: number): Buffer =>
  new Resvg(svg, { font: fonts, fitTo: { mode: 'zoom', value: zoom } }).render().asPng()
