export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly w: number
  readonly h: number
}

export const overlap = (a: Box, b: Box, gap = 0): boolean =>
  a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h + gap && b.y < a.y + a.h + gap

export const holds = (outer: Box, inner: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.w <= outer.x + outer.w &&
  inner.y + inner.h <= outer.y + outer.h

export const grown = ({ x, y, w, h }: Box, by: number): Box => ({ x: x - by, y: y - by, w: w + 2 * by, h: h + 2 * by })

export const centred = ({ x, y }: Point, w: number, h: number): Box => ({ x: x - w / 2, y: y - h / 2, w, h })

/** The legs of a path, each as a thin box. */
export const legs = (points: readonly Point[]): readonly Box[] =>
  points.slice(1).map((to, index) => {
    const from = points[index] ?? to
    return {
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      w: Math.abs(to.x - from.x),
      h: Math.abs(to.y - from.y),
    }
  })

const within = ({ x, y }: Point, { x: left, y: top, w, h }: Box): boolean =>
  x >= left && x <= left + w && y >= top && y <= top + h

/** The path up to where it first meets another one, in steps of `pitch`; undefined if it never does. */
export function untilMet(
  points: readonly Point[],
  other: readonly Point[],
  pitch: number,
): readonly Point[] | undefined {
  const taken = legs(other)
  for (const [index, from] of points.entries()) {
    const to = points[index + 1]
    if (!to) return undefined
    const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y)) / pitch
    for (let step = 0; step <= steps; step++) {
      const at = { x: from.x + ((to.x - from.x) * step) / steps, y: from.y + ((to.y - from.y) * step) / steps }
      if (taken.some((leg) => within(at, leg))) return [...points.slice(0, index + 1), at]
    }
  }
  return undefined
}
