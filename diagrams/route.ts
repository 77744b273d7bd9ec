import type { Box, Point } from './shape.ts'

/** Distance between two tracks that edges may take. */
export const pitch = 10

export interface Request {
  readonly id: string
  /** Where the edge leaves and enters, on the border of its boxes, on the grid. */
  readonly from: Point
  readonly to: Point
  /** Unit vectors along which it leaves and enters. */
  readonly out: Point
  readonly into: Point
  /** Boxes that it goes around. */
  readonly around: readonly Box[]
  /** Edges with the same word here may run together. */
  readonly joins?: string | undefined
}

const bend = 8
const crossing = 30
const beside = 3
const together = 0.2

const directions: readonly Point[] = [
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: -1, y: 0 },
  { x: 0, y: -1 },
]

const key = ({ x, y }: Point): number => y * 10_000 + x
const step = (point: Point, by: Point, times = 1): Point => ({ x: point.x + by.x * times, y: point.y + by.y * times })
const toGrid = ({ x, y }: Point): Point => ({ x: Math.round(x / pitch), y: Math.round(y / pitch) })
const turnedTo = (direction: Point): number =>
  directions.findIndex(({ x, y }) => x === direction.x && y === direction.y)

interface Visit {
  readonly at: Point
  readonly heading: number
  readonly cost: number
  readonly before: Visit | undefined
}

/** Only the first and last step of an edge come closer to a box than two tracks. */
const margin = 1.5 * pitch

const inside = ({ x, y }: Point, box: Box): boolean =>
  x * pitch > box.x - margin &&
  x * pitch < box.x + box.w + margin &&
  y * pitch > box.y - margin &&
  y * pitch < box.y + box.h + margin

/** The tracks that are taken: per grid point, by which group of edges, across and along. */
class Tracks {
  readonly #across = new Map<number, string>()
  readonly #along = new Map<number, string>()

  take(points: readonly Point[], { id, joins = id }: Request): void {
    points.forEach((point, index) => {
      for (const other of [points[index - 1], points[index + 1]])
        if (other) (other.y === point.y ? this.#across : this.#along).set(key(point), joins)
    })
  }

  /** What a step onto this point costs, or undefined where another edge runs the same way. */
  toll(point: Point, heading: number, { id, joins = id }: Request): number | undefined {
    const [same, other] = heading % 2 === 0 ? [this.#across, this.#along] : [this.#along, this.#across]
    const owner = same.get(key(point))
    if (owner !== undefined) return owner === joins ? together : undefined
    const sideways = directions[(heading + 1) % 4] ?? point
    const near = [1, -1].filter((side) => same.has(key(step(point, sideways, side)))).length
    const crossed = other.get(key(point))
    return 1 + near * beside + (crossed === undefined || crossed === joins ? 0 : crossing)
  }
}

function shortest(request: Request, tracks: Tracks, bounds: Box): readonly Point[] | undefined {
  const start = step(toGrid(request.from), request.out)
  const goal = step(toGrid(request.to), request.into, -1)
  const arrival = turnedTo(request.into)
  const best = new Map<string, number>()
  const open: Visit[] = [{ at: start, heading: turnedTo(request.out), cost: 0, before: undefined }]
  const free = (point: Point): boolean =>
    point.x * pitch > bounds.x &&
    point.x * pitch < bounds.x + bounds.w &&
    point.y * pitch > bounds.y &&
    point.y * pitch < bounds.y + bounds.h &&
    !request.around.some((box) => inside(point, box))
  while (open.length > 0) {
    const next = open.reduce((least, visit, index) => (visit.cost < (open[least]?.cost ?? Infinity) ? index : least), 0)
    const visit = open.splice(next, 1)[0]
    if (!visit) break
    if (visit.at.x === goal.x && visit.at.y === goal.y && visit.heading === arrival) return trail(visit)
    for (const [heading, direction] of directions.entries()) {
      if ((heading + 2) % 4 === visit.heading) continue
      const turn = heading === visit.heading ? 0 : bend
      const at = turn === 0 ? step(visit.at, direction) : visit.at
      const toll = tracks.toll(at, heading, request)
      if (
        toll === undefined ||
        !(free(at) || (at.x === goal.x && at.y === goal.y) || (at.x === start.x && at.y === start.y))
      )
        continue
      const cost = visit.cost + (turn === 0 ? toll : turn)
      const place = `${key(at)}/${heading}`
      if (cost >= (best.get(place) ?? Infinity)) continue
      best.set(place, cost)
      open.push({ at, heading, cost, before: visit })
    }
  }
  return undefined
}

function trail(end: Visit): readonly Point[] {
  const points: Point[] = []
  for (let visit: Visit | undefined = end; visit; visit = visit.before) points.unshift(visit.at)
  return points
}

/** Only the ends and the bends. */
const corners = (points: readonly Point[]): readonly Point[] =>
  points.filter((point, index) => {
    const before = points[index - 1]
    const after = points[index + 1]
    return (
      !before ||
      !after ||
      !((before.x === point.x && point.x === after.x) || (before.y === point.y && point.y === after.y))
    )
  })

/**
 * Paths with right angles for every request, in order: short, with few bends and crossings, no two on one track. The
 * first have the free choice, so the most important come first. Throws if there is no way.
 */
export function routed(requests: readonly Request[], bounds: Box): ReadonlyMap<string, readonly Point[]> {
  const tracks = new Tracks()
  const paths = new Map<string, readonly Point[]>()
  for (const request of requests) {
    const found = shortest(request, tracks, bounds)
    if (!found) throw new Error(`no way is left for the edge ${request.id}: move its boxes or its ports`)
    const points = [toGrid(request.from), ...found, toGrid(request.to)].filter(
      (point, index, all) => index === 0 || key(point) !== key(all[index - 1] ?? { x: -1, y: -1 }),
    )
    tracks.take(points, request)
    paths.set(
      request.id,
      corners(points).map(({ x, y }) => ({ x: x * pitch, y: y * pitch })),
    )
  }
  return paths
}
