import { widthOf } from './font.ts'
import { type Port, stands, type Track, tracks } from './overview.ts'
import { type Request, routed } from './route.ts'
import { type Box, centred, grown, holds, legs, overlap, type Point } from './shape.ts'

/** The size of the overview in pixels; a README shows it a little smaller. */
export const paperSize = { width: 1090, height: 860 } as const

export const labelSize = 13
const clearance = 10

export const idOf = ({ from, to }: Pick<Track, 'from' | 'to'>): string => `${from}>${to}`

const outward: Readonly<Record<Port['side'], Point>> = {
  top: { x: 0, y: -1 },
  right: { x: 1, y: 0 },
  bottom: { x: 0, y: 1 },
  left: { x: -1, y: 0 },
}

function spot({ x, y, w, h }: Box, { side, along }: Port): Point {
  if (side === 'top' || side === 'bottom') return { x: x + along, y: side === 'top' ? y : y + h }
  return { x: side === 'left' ? x : x + w, y: y + along }
}

const backward = ({ x, y }: Point): Point => ({ x: 0 - x, y: 0 - y })

function requestOf(track: Track): Request {
  const [from, to] = [stands[track.from].box, stands[track.to].box]
  return {
    id: idOf(track),
    from: spot(from, track.out),
    to: spot(to, track.into),
    out: outward[track.out.side],
    into: backward(outward[track.into.side]),
    joins: track.joins,
    around: Object.values(stands)
      .map(({ box }) => box)
      .filter((box) => box === from || box === to || !(holds(box, from) || holds(box, to))),
  }
}

const paper: Box = { x: 8, y: 8, w: paperSize.width - 16, h: paperSize.height - 16 }

export interface Label {
  readonly id: string
  readonly box: Box
  readonly lines: readonly string[]
}

const labelBox = (at: Point, lines: readonly string[]): Box =>
  centred(at, Math.max(...lines.map((text) => widthOf(text, labelSize))) + 10, lines.length * 16 + 4)

/** Spots along a path for its label, the middle of the longest legs first. */
function spots(points: readonly Point[]): readonly Point[] {
  const shares = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]
  return legs(points)
    .toSorted((a, b) => b.w + b.h - (a.w + a.h))
    .flatMap(({ x, y, w, h }) => shares.map((share) => ({ x: x + w * share, y: y + h * share })))
}

/** Labels sit on their own edge where they hide no box, no other label and no other edge. */
function labelled(paths: ReadonlyMap<string, readonly Point[]>): readonly Label[] {
  const placed: Label[] = []
  for (const track of tracks.filter(({ label }) => label.length > 0)) {
    const id = idOf(track)
    const together = tracks.filter(({ joins }) => joins !== undefined && joins === track.joins).map(idOf)
    const others = [...paths].flatMap(([other, points]) =>
      other === id || together.includes(other) ? [] : legs(points),
    )
    const boxes = Object.values(stands).map(({ box }) => box)
    const fits = (box: Box): boolean =>
      holds(paper, box) &&
      boxes.every((other) => !overlap(box, other, clearance) || holds(other, grown(box, clearance))) &&
      !boxes.some((other) => other !== stands.online.box && overlap(box, other, 4)) &&
      placed.every((other) => !overlap(box, other.box, 3)) &&
      others.every((leg) => !overlap(box, leg, 2))
    const box = spots(paths.get(id) ?? [])
      .map((at) => labelBox(at, track.label))
      .find(fits)
    if (!box) throw new Error(`no room is left for the label of the edge ${id}: move its boxes or shorten it`)
    placed.push({ id, box, lines: track.label })
  }
  return placed
}

export interface OverviewLayout {
  readonly paths: ReadonlyMap<string, readonly Point[]>
  readonly labels: readonly Label[]
}

export function overviewLayout(): OverviewLayout {
  const paths = routed(tracks.map(requestOf), { x: 0, y: 0, w: paperSize.width, h: paperSize.height })
  return { paths, labels: labelled(paths) }
}
