import { createRequire } from 'node:module'
import { Resvg, type ResvgRenderOptions } from '@resvg/resvg-js'

const require = createRequire(import.meta.url)

const weights = {
  400: require.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  600: require.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
} as const
export type Weight = keyof typeof weights

/** First the font that everything is measured with; the rest are what a browser without it shows instead. */
export const family = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"

/** Only the font of the package, so that every machine measures and paints the same. */
export const fonts: NonNullable<ResvgRenderOptions['font']> = {
  loadSystemFonts: false,
  fontFiles: Object.values(weights),
  defaultFontFamily: 'Inter',
  sansSerifFamily: 'Inter',
}

const widths = new Map<string, number>()

/** Bars of known width on both sides keep the blanks and bearings at the ends of the text in the measure. */
const measured = (text: string, weight: Weight): number => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9999" height="99"><text x="0" y="50" font-family="Inter" font-size="20" font-weight="${weight}">${escaped(text)}</text></svg>`
  return (new Resvg(svg, { font: { ...fonts, fontFiles: [weights[weight]] } }).getBBox()?.width ?? 0) / 20
}

/** Text that may stand in XML. */
export const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`)

/** How wide a text is, in pixels at this size. */
export function widthOf(text: string, size: number, weight: Weight = 400): number {
  const key = `${weight}${text}`
  const known = widths.get(key) ?? measured(`|${text}|`, weight) - measured('||', weight)
  widths.set(key, known)
  return Math.round(known * size * 10) / 10
}

/** Breaks a text into lines no wider than `width`. */
export function wrapped(text: string, width: number, size: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(`${last} ${word}`, size) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
