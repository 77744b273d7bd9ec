import { type Bundle, bundlesOf, type Place, placeOf } from '../src/diagram/bundle.ts'
import type { StateGraph } from '../src/diagram/graph.ts'
import { labelOf } from '../src/diagram/words.ts'
import { badgePitch, badgeRows, badges, badgesWidth } from './badge.ts'
import { widthOf } from './font.ts'
import { legend, notes, type Port, stands, type Track, tracks } from './overview.ts'
import { type Request, routed } from './route.ts'
import { type Box, centred, grown, holds, legs, overlap, type Point } from './shape.ts'
import { edge, group, line, type Picture, rect, title } from './svg.ts'

const width = 1090
const height = 860
const labelSize = 13
const clearance = 10

const idOf = ({ from, to }: Pick<Track, 'from' | 'to'>): string => `${from}>${to}`

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

const paper: Box = { x: 8, y: 8, w: width - 16, h: height - 16 }

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
  const paths = routed(tracks.map(requestOf), { x: 0, y: 0, w: width, h: height })
  return { paths, labels: labelled(paths) }
}

const whys = ({ transitions }: Bundle): string =>
  transitions
    .map((transition) => `${labelOf(transition)}${transition.why === undefined ? '' : `: ${transition.why}`}`)
    .join('\n')

const drawnEdge = (track: Track, layout: OverviewLayout, bundles: readonly Bundle[]): string => {
  const id = idOf(track)
  const bundle = bundles.find((one) => idOf(one) === id)
  const label = layout.labels.find((one) => one.id === id)
  const middle = label ? label.box.x + label.box.w / 2 : 0
  return group(
    { 'data-edge': id, 'data-transitions': bundle?.transitions.map(({ id: one }) => one).join(' ') },
    title(bundle ? whys(bundle) : id),
    edge(layout.paths.get(id) ?? [], track.stroke),
    ...(label
      ? [
          rect(label.box, { rx: 5, class: holds(stands.online.box, label.box) ? 'well' : 'paper' }),
          ...label.lines.map((text, index) =>
            line(
              text,
              { x: middle, y: label.box.y + 10 + index * 16 },
              { size: labelSize, ink: 'ink', anchor: 'middle' },
            ),
          ),
        ]
      : []),
  )
}

/** The services that run while a place is shown; the one that closes a socket runs on every way out and is left out. */
function servicesOf(graph: StateGraph, place: Place): readonly string[] {
  const found = graph.states.filter(({ id }) => id !== '' && placeOf(id) === place).flatMap(({ invokes }) => invokes)
  return [...new Set(found)].filter((service) => service !== 'closeSocket')
}

function drawnPlace(place: Place, graph: StateGraph): string {
  const { box, role, caption } = stands[place]
  const state = graph.states.find(({ key }) => key === place)
  const about = title(state?.description ?? caption)
  const services = servicesOf(graph, place)
  if (place === 'online')
    return group(
      { 'data-state': 'online' },
      about,
      rect(box, { rx: 16, class: 'box frame' }),
      line('online', { x: box.x + 18, y: box.y + 22 }, { size: 15, weight: 600, ink: 'faint' }),
      line(caption, { x: box.x + 18, y: box.y + 42 }, { size: 12, ink: 'faint' }),
      ...badgeRows(services, 120).map((row, index) =>
        badges(row, { x: box.x + 18, y: box.y + 64 + index * badgePitch }, 'rest'),
      ),
    )
  const middle = box.x + box.w / 2
  const rows = badgeRows(services, box.w - 16)
  const head = box.y + (box.h - 38 - rows.length * badgePitch) / 2 + 10
  return group(
    { 'data-state': place },
    about,
    rect(box, { rx: 12, class: `box box-${role}` }),
    line(place, { x: middle, y: head }, { size: 17, weight: 600, ink: `ink-${role}`, anchor: 'middle' }),
    line(caption, { x: middle, y: head + 21 }, { size: 12, ink: `ink-${role}`, anchor: 'middle' }),
    ...rows.map((row, index) =>
      badges(row, { x: middle - badgesWidth(row) / 2, y: head + 43 + index * badgePitch }, role),
    ),
  )
}

function drawnLegend(at: Point): string {
  return group(
    {},
    line('The states of one account', { x: at.x, y: at.y + 10 }, { size: 18, weight: 600, ink: 'ink' }),
    ...legend.flatMap(({ stroke, text }, index) => {
      const y = at.y + 38 + index * 19
      const points = [
        { x: at.x, y },
        { x: at.x + 40, y },
      ]
      return [edge(points, stroke), line(text, { x: at.x + 50, y }, { size: 12, ink: 'faint' })]
    }),
  )
}

/** The ten states that owners see, with what leads from one to the other. */
export function overviewPicture(graph: StateGraph): Picture {
  const layout = overviewLayout()
  const bundles = bundlesOf(graph)
  const { online, ...others } = stands
  const places = Object.keys(others) as readonly Exclude<Place, 'online'>[]
  return {
    width,
    height,
    name: 'The states of one account',
    description:
      'From stopped over preparing and connecting to healthy; healing to the left, what needs people to the right.',
    body: [
      drawnPlace('online', graph),
      ...tracks.map((track) => drawnEdge(track, layout, bundles)),
      ...places.map((place) => drawnPlace(place, graph)),
      drawnLegend({ x: 20, y: 20 }),
      ...notes.map((text, index) =>
        line(text, { x: 20, y: online.box.y + online.box.h + 36 + index * 20 }, { size: 12, ink: 'faint' }),
      ),
    ],
  }
}
