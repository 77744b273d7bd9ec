import type { StateGraph } from '../src/diagram/graph.ts'
import { labelOf, termsOf } from '../src/diagram/words.ts'
import { type Card, cardOf, drawnCard } from './card.ts'
import { legend } from './overview.ts'
import type { Stroke } from './paint.ts'
import { edgeTextPitch, edgeTextSize, type Panel, panelOf, type Wire } from './panel.ts'
import { roleOf, strokeOf } from './role.ts'
import type { Box, Point } from './shape.ts'
import { edge, element, group, line, type Picture, rect, title } from './svg.ts'

const margin = 32
const gutter = 56
const gap = 48

/**
 * Healing to the left, the happy path in the middle, what needs people to the right; a state that no column names goes
 * to the right.
 */
const columns: readonly (readonly string[])[] = [
  ['reconnecting', 'pruningSessions'],
  ['stopped', 'preparing', 'online'],
  ['awaitingQr', 'conflicted', 'blocked'],
]

export interface Placed {
  readonly panel: Panel
  readonly at: Point
}

export interface ChartLayout {
  readonly width: number
  readonly height: number
  readonly anywhere: { readonly card: Card; readonly box: Box }
  readonly panels: readonly Placed[]
}

const headHeight = 190

export async function chartLayout(graph: StateGraph): Promise<ChartLayout> {
  const root = graph.states[0]
  if (!root) throw new Error('the machine has no states')
  const tops = graph.states.filter(({ parent }) => parent === '').map(({ id }) => id)
  const unnamed = tops.filter((id) => !columns.flat().includes(id))
  const panels = new Map<string, Panel>()
  for (const top of tops) panels.set(top, await panelOf(graph, top))
  const card = cardOf(graph, root)
  const placed: Placed[] = []
  let x = margin
  let bottom = 0
  for (const [index, names] of columns.entries()) {
    const column = [...names, ...(index === columns.length - 1 ? unnamed : [])].flatMap(
      (name) => panels.get(name) ?? [],
    )
    const width = Math.max(index === 0 ? card.w : 0, ...column.map(({ w }) => w))
    let y = index === 0 ? margin + headHeight + card.h + gap : margin
    for (const panel of column) {
      placed.push({ panel, at: { x: index === 1 ? x + (width - panel.w) / 2 : x, y } })
      y += panel.h + gap
    }
    bottom = Math.max(bottom, y - gap)
    x += width + gutter
  }
  const anywhere = { card, box: { x: margin, y: margin + headHeight, w: card.w, h: card.h } }
  return { width: Math.ceil(x - gutter + margin), height: Math.ceil(bottom + margin), anywhere, panels: placed }
}

function wireStroke(graph: StateGraph, { transitions }: Wire): Stroke {
  const kinds = new Set(transitions.map((transition) => strokeOf(graph, transition)))
  return kinds.size === 1 ? ([...kinds][0] ?? 'plain') : 'plain'
}

function drawnWire(graph: StateGraph, wire: Wire): string {
  const { transitions, label, points, source, target } = wire
  const middle = label ? label.x + label.w / 2 : 0
  return group(
    { 'data-edge': transitions.length > 0 ? `${source}>${target}` : undefined },
    edge(points, wireStroke(graph, wire), 8),
    ...(label ? [rect(label, { rx: 4, class: 'well' })] : []),
    ...transitions.map((transition, index) => {
      const stroke = strokeOf(graph, transition)
      const ink = stroke === 'after' || stroke === 'error' ? `tip-${stroke}` : 'ink'
      const y = (label?.y ?? 0) + 1 + edgeTextPitch * (index + 0.5)
      return group(
        { 'data-transition': transition.id },
        title([termsOf(transition), transition.why].filter((text) => text !== undefined).join('\n')),
        line(labelOf(transition), { x: middle, y }, { size: edgeTextSize, ink, anchor: 'middle' }),
      )
    }),
  )
}

function drawnPanel(graph: StateGraph, { panel, at }: Placed): string {
  const boxes = [...panel.cards].map(([id, { card, box }]) => {
    const role = roleOf(card.state)
    const outer = card.state.children.length > 0
    return group(
      { 'data-state': id },
      rect(box, { rx: outer ? 14 : 10, class: outer ? `box frame line-${role}` : `box box-${role}` }),
      drawnCard(graph, card, box),
    )
  })
  const starts = panel.starts.map(({ x, y, w }) =>
    element('circle', { cx: x + w / 2, cy: y + w / 2, r: w / 2, class: 'faint' }),
  )
  return group(
    { transform: `translate(${Math.round(at.x)} ${Math.round(at.y)})` },
    ...boxes,
    ...starts,
    ...panel.wires.map((wire) => drawnWire(graph, wire)),
  )
}

/** The arrows from panel to panel down the happy path. */
function drawnSpine({ panels }: ChartLayout): readonly string[] {
  const spine = panels.filter(({ panel }) => columns[1]?.includes(panel.id))
  return spine.slice(1).map((to, index) => {
    const from = spine[index] ?? to
    const x = to.at.x + to.panel.w / 2
    return edge(
      [
        { x, y: from.at.y + from.panel.h },
        { x, y: to.at.y },
      ],
      'happy',
    )
  })
}

function drawnHead(): string {
  const at = { x: margin, y: margin }
  return group(
    {},
    line('The statechart of one account', { x: at.x, y: at.y + 12 }, { size: 22, weight: 600, ink: 'ink' }),
    ...legend.flatMap(({ stroke, text }, index) => {
      const y = at.y + 48 + index * 20
      return [
        edge(
          [
            { x: at.x, y },
            { x: at.x + 40, y },
          ],
          stroke,
        ),
        line(text, { x: at.x + 52, y }, { size: 12, ink: 'faint' }),
      ]
    }),
  )
}

/**
 * Every state and every transition, a panel for each state of the first level; what leads out of a panel ends in the
 * name of its target.
 */
export async function chartPicture(graph: StateGraph): Promise<Picture> {
  const layout = await chartLayout(graph)
  const { card, box } = layout.anywhere
  return {
    width: layout.width,
    height: layout.height,
    name: 'The statechart of one account',
    description: 'Every state and every transition, with what sets it off; why it is taken is its tooltip.',
    body: [
      drawnHead(),
      group({ 'data-state': '' }, rect(box, { rx: 14, class: 'box frame' }), drawnCard(graph, card, box)),
      ...layout.panels.map((placed) => drawnPanel(graph, placed)),
      ...drawnSpine(layout),
    ],
  }
}
