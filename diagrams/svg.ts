import { escaped, type Weight, widthOf } from './font.ts'
import type { Stroke } from './paint.ts'
import type { Box, Point } from './shape.ts'

type Attributes = Readonly<Record<string, string | number | undefined>>

const figure = (value: number): string => String(Math.round(value * 10) / 10)

/** An element; attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? figure(value) : escaped(value ?? '')}"`)
    .join('')
  return children.length === 0 ? `<${name}${given}/>` : `<${name}${given}>${children.join('')}</${name}>`
}

export const group = (attributes: Attributes, ...children: readonly string[]): string =>
  element('g', attributes, ...children, '')

export const title = (text: string): string => element('title', {}, escaped(text))

export const rect = ({ x, y, w, h }: Box, attributes: Attributes): string =>
  element('rect', { x, y, width: w, height: h, ...attributes })

export interface Type {
  readonly size: number
  readonly weight?: Weight
  /** Class of its colour. */
  readonly ink: string
  readonly anchor?: 'start' | 'middle' | 'end'
}

/**
 * One line; `y` is its middle. Its length is fixed, so that another font in the reader's browser cannot burst the box
 * around it.
 */
export function line(text: string, { x, y }: Point, { size, weight = 400, ink, anchor = 'start' }: Type): string {
  return element(
    'text',
    {
      x,
      y: y + size * 0.36,
      class: weight === 600 ? `${ink} bold` : ink,
      'font-size': size,
      'text-anchor': anchor === 'start' ? undefined : anchor,
      textLength: widthOf(text, size, weight),
      lengthAdjust: 'spacingAndGlyphs',
    },
    escaped(text),
  )
}

const towards = (from: Point, to: Point, by: number): Point => {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  return { x: from.x + ((to.x - from.x) / length) * by, y: from.y + ((to.y - from.y) / length) * by }
}

const at = ({ x, y }: Point): string => `${figure(x)} ${figure(y)}`

/** A path with rounded corners. */
export function rounded(points: readonly Point[], radius: number): string {
  const [first, ...rest] = points
  if (!first) return ''
  const parts = rest.map((corner, index) => {
    const before = points[index] ?? corner
    const after = points[index + 2]
    if (!after) return `L${at(corner)}`
    const half = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y) / 2
    const reach = Math.min(radius, half(before, corner), half(corner, after))
    return `L${at(towards(corner, before, reach))}Q${at(corner)} ${at(towards(corner, after, reach))}`
  })
  return `M${at(first)}${parts.join('')}`
}

const tipLength = 9

/** A line without a tip, for an edge that ends in another one. */
export const wire = (points: readonly Point[], stroke: Stroke, radius = 10): string =>
  element('path', { class: `edge edge-${stroke}`, d: rounded(points, radius) })

/** An edge with its tip; the line ends where the tip begins, so that dashes do not show through it. */
export function edge(points: readonly Point[], stroke: Stroke, radius = 10): string {
  const last = points.at(-1)
  const before = points.at(-2)
  if (!last || !before) return ''
  const base = towards(last, before, tipLength)
  const side = { x: ((last.y - base.y) / tipLength) * 4.5, y: ((base.x - last.x) / tipLength) * 4.5 }
  const corners = [base, { x: base.x + side.x, y: base.y + side.y }, { x: base.x - side.x, y: base.y - side.y }]
  return (
    wire([...points.slice(0, -1), base], stroke, radius) +
    element('path', { class: `tip-${stroke}`, d: `M${at(last)}L${at(corners[1] ?? base)}L${at(corners[2] ?? base)}Z` })
  )
}

export interface Picture {
  readonly width: number
  readonly height: number
  readonly name: string
  readonly description: string
  readonly body: readonly string[]
}

/** The whole document, with its style inside, readable by itself. */
export function document({ width, height, name, description, body }: Picture, style: string): string {
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${figure(width)} ${figure(height)}`,
      role: 'img',
      'aria-labelledby': 'name description',
    },
    `\n${element('title', { id: 'name' }, escaped(name))}`,
    `\n${element('desc', { id: 'description' }, escaped(description))}`,
    `\n<style>\n${style}\n</style>\n`,
    rect({ x: 0, y: 0, w: width, h: height }, { class: 'paper' }),
    '\n',
    body.join('\n'),
    '\n',
  )}\n`
}
