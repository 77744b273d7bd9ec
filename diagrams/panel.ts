import elkModule, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js'
import { type GraphState, type GraphTransition, isWithin, type StateGraph } from '../src/diagram/graph.ts'
import { labelOf } from '../src/diagram/words.ts'
import { type Card, cardOf, isDrawn, isUpward } from './card.ts'
import { widthOf } from './font.ts'
import type { Box, Point } from './shape.ts'

/** The module is CommonJS, so its default export sits one level deeper. */
const Elk = elkModule.default

export const edgeTextSize = 11
export const edgeTextPitch = 15

/** Transitions between the same two boxes share one edge, each with a line of its label. */
export interface Wire {
  readonly id: string
  readonly source: string
  readonly target: string
  /** Empty for the mark that shows where a state begins. */
  readonly transitions: readonly GraphTransition[]
  readonly points: readonly Point[]
  readonly label: Box | undefined
}

/** A state that owners may see, with all that lies in it, laid out by itself with its corner at 0, 0. */
export interface Panel {
  readonly id: string
  readonly w: number
  readonly h: number
  readonly cards: ReadonlyMap<string, { readonly card: Card; readonly box: Box }>
  readonly starts: readonly Box[]
  readonly wires: readonly Wire[]
}

const options: Readonly<Record<string, string>> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
}

const startOf = (id: string): string => `${id}/start`

const lineWidth = (transition: GraphTransition): number => widthOf(labelOf(transition), edgeTextSize)

function nodeOf(graph: StateGraph, cards: ReadonlyMap<string, Card>, state: GraphState): ElkNode {
  const { w, h } = cards.get(state.id) ?? { w: 0, h: 0 }
  if (state.children.length === 0) return { id: state.id, width: w, height: h }
  const inner = graph.states.filter(({ parent }) => parent === state.id).map((child) => nodeOf(graph, cards, child))
  return {
    id: state.id,
    layoutOptions: {
      ...options,
      'elk.padding': `[top=${h + 6},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${w},${h})`,
    },
    children: [{ id: startOf(state.id), width: 10, height: 10 }, ...inner],
  }
}

interface Cable {
  readonly id: string
  readonly source: string
  readonly target: string
  readonly transitions: readonly GraphTransition[]
  /**
   * It leads to a state further up in the source, so it is laid out the other way round: what comes first stands above.
   */
  readonly upward: boolean
}

function cablesOf(graph: StateGraph, top: string): readonly Cable[] {
  const starts = graph.states
    .filter(({ id, initial }) => isWithin(id, top) && initial !== undefined)
    .map(({ id, initial = '' }) => ({
      id: startOf(id),
      source: startOf(id),
      target: initial,
      transitions: [],
      upward: false,
    }))
  const drawn = graph.transitions.filter((transition) => isWithin(transition.source, top) && isDrawn(graph, transition))
  const cables = new Map<string, Cable>()
  for (const transition of drawn) {
    const { source, target = '' } = transition
    const id = `${source}>${target}`
    const upward = isUpward(graph, transition)
    cables.set(id, { id, source, target, upward, transitions: [...(cables.get(id)?.transitions ?? []), transition] })
  }
  return [...starts, ...cables.values()]
}

const wireOf = (cable: Cable, edge: ElkExtendedEdge): Wire => {
  const { startPoint, bendPoints = [], endPoint } = edge.sections?.[0] ?? {}
  const label = edge.labels?.[0]
  const points = startPoint && endPoint ? [startPoint, ...bendPoints, endPoint] : []
  return {
    ...cable,
    points: cable.upward ? points.toReversed() : points,
    label: label && { x: label.x ?? 0, y: label.y ?? 0, w: label.width ?? 0, h: label.height ?? 0 },
  }
}

const edgeOf = ({ id, source, target, transitions, upward }: Cable): ElkExtendedEdge => ({
  id,
  sources: [upward ? target : source],
  targets: [upward ? source : target],
  labels:
    transitions.length === 0
      ? []
      : [
          {
            text: id,
            width: Math.ceil(Math.max(...transitions.map(lineWidth))) + 8,
            height: transitions.length * edgeTextPitch + 2,
            layoutOptions: { 'elk.edgeLabels.placement': 'CENTER', 'elk.edgeLabels.inline': 'true' },
          },
        ],
})

const within = (node: ElkNode): readonly ElkNode[] => [node, ...(node.children ?? []).flatMap(within)]

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: ElkNode): Box => ({ x, y, w: width, h: height })

/** Lays out one state of the machine's first level with everything in it. */
export async function panelOf(graph: StateGraph, top: string): Promise<Panel> {
  const states = graph.states.filter(({ id }) => isWithin(id, top))
  const cards = new Map(states.map((state) => [state.id, cardOf(graph, state)]))
  const root = states[0]
  if (!root) throw new Error(`the machine has no state ${top}`)
  const cables = cablesOf(graph, top)
  const whole: ElkNode = {
    id: '/',
    layoutOptions: { ...options, 'elk.padding': '[top=0,left=0,bottom=0,right=0]' },
    children: [nodeOf(graph, cards, root)],
    edges: cables.map(edgeOf),
  }
  const laid: ElkNode = await new Elk().layout(whole)
  const nodes = new Map(within(laid).map((node) => [node.id, boxOf(node)]))
  const edges = new Map((laid.edges ?? []).map((edge) => [edge.id, edge]))
  const placed = [...cards].flatMap(([id, card]) => {
    const box = nodes.get(id)
    return box ? [[id, { card, box }] as const] : []
  })
  return {
    id: top,
    w: laid.width ?? 0,
    h: laid.height ?? 0,
    cards: new Map(placed),
    starts: states.flatMap(({ id }) => nodes.get(startOf(id)) ?? []),
    wires: cables.flatMap((cable) => {
      const edge = edges.get(cable.id)
      return edge ? [wireOf(cable, edge)] : []
    }),
  }
}
