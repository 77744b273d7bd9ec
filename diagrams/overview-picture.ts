import { type Bundle, bundlesOf, type Place, placeOf } from '../src/diagram/bundle.ts'
import type { StateGraph } from '../src/diagram/graph.ts'
import { labelOf } from '../src/diagram/words.ts'
import { badgePitch, badgeRows, badges, badgesWidth } from './badge.ts'
import { legend, notes, stands, type Track, tracks } from './overview.ts'
import { idOf, labelSize, type OverviewLayout, overviewLayout, paperSize } from './overview-layout.ts'
import { pitch } from './route.ts'
import { holds, type Point, untilMet } from './shape.ts'
import { edge, group, line, type Picture, rect, title, wire } from './svg.ts'

/** An edge that runs together with an earlier one ends where the two meet. */
function drawnPath(track: Track, paths: OverviewLayout['paths']): string {
  const points = paths.get(idOf(track)) ?? []
  const earlier = tracks
    .slice(0, tracks.indexOf(track))
    .filter(({ joins }) => joins !== undefined && joins === track.joins)
  const met = earlier
    .map((one) => untilMet(points, paths.get(idOf(one)) ?? [], pitch))
    .find((path) => path !== undefined)
  return met ? wire(met, track.stroke) : edge(points, track.stroke)
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
    drawnPath(track, layout.paths),
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
    ...paperSize,
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
