import { type GraphState, type GraphTransition, isWithin, type StateGraph } from '../src/diagram/graph.ts'
import { labelOf, termsOf } from '../src/diagram/words.ts'
import { badgePitch, badgeRows, badges, badgesWidth } from './badge.ts'
import { widthOf, wrapped } from './font.ts'
import { roleOf, strokeOf } from './role.ts'
import type { Box, Point } from './shape.ts'
import { edge, group, line, rect, title } from './svg.ts'

const padding = 12
const rowPitch = 21
const textPitch = 14
const arrow = 34
const nameSize = 14
const rowSize = 11.5
const noteSize = 10.5
const chipSize = 11

/** A transition that a card lists: it leads out of the panel, into the state itself, or nowhere. */
interface Row {
  readonly transition: GraphTransition
  readonly label: string
  readonly chip: { readonly text: string; readonly state: GraphState } | undefined
  readonly acts: string
}

/** What is written in the box of a state. */
export interface Card {
  readonly state: GraphState
  readonly about: readonly string[]
  readonly badges: readonly (readonly string[])[]
  readonly rows: readonly Row[]
  /** Width of the writing; the box may be wider. */
  readonly inner: number
  readonly w: number
  readonly h: number
}

const topOf = (id: string): string => id.split('.')[0] ?? id

const outside = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf('.')))

/** Whether the target comes before the source in the code. */
export const isUpward = (graph: StateGraph, { source, target }: GraphTransition): boolean => {
  const order = graph.states.map(({ id }) => id)
  return target !== undefined && order.indexOf(target) < order.indexOf(source)
}

/**
 * Whether a transition is drawn as an edge between two boxes of one panel; the others are rows. An edge that leads up
 * and out of an inner box would cross what is written at its head, so it is a row, too.
 */
export const isDrawn = (graph: StateGraph, transition: GraphTransition): boolean => {
  const { source, target } = transition
  if (target === undefined || topOf(source) !== topOf(target)) return false
  if (isWithin(source, target) || isWithin(target, source)) return false
  return outside(source) === outside(target) || !isUpward(graph, transition)
}

function rowOf(graph: StateGraph, transition: GraphTransition): Row {
  const { source, target, actions, reenter } = transition
  const shown = target === undefined || topOf(source) === topOf(target) ? target : topOf(target)
  const state = graph.states.find(({ id }) => id === shown)
  return {
    transition,
    label: labelOf(transition),
    chip: state && { text: reenter && source === target ? 'again' : state.key, state },
    acts: target !== undefined ? '' : actions.length > 0 ? actions.join(', ') : 'ignored',
  }
}

const chipWidth = (text: string): number => widthOf(text, chipSize, 600) + 16

const rowWidth = ({ label, chip, acts }: Row): number =>
  widthOf(label, rowSize) + (chip ? arrow + 14 + chipWidth(chip.text) : 10 + widthOf(acts, noteSize))

/** Long words about a state are broken so that they widen its box no more than this. */
const most = 250

export function cardOf(graph: StateGraph, state: GraphState): Card {
  const rows = graph.transitions
    .filter((transition) => transition.source === state.id && !isDrawn(graph, transition))
    .map((transition) => rowOf(graph, transition))
  const widest = Math.max(0, ...rows.map(rowWidth))
  const about = state.description === undefined ? [] : wrapped(state.description, Math.max(widest, most), noteSize)
  const badgesIn = badgeRows(state.invokes, most)
  const inner = Math.max(
    widthOf(state.key, nameSize, 600),
    widest,
    ...about.map((text) => widthOf(text, noteSize)),
    ...badgesIn.map(badgesWidth),
  )
  const h =
    2 * padding -
    2 +
    17 +
    about.length * textPitch +
    badgesIn.length * badgePitch +
    (badgesIn.length > 0 ? 3 : 0) +
    rows.length * rowPitch +
    (rows.length > 0 ? 4 : 0)
  return { state, about, badges: badgesIn, rows, inner, w: Math.ceil(inner + 2 * padding), h: Math.ceil(h) }
}

const tooltip = (transition: GraphTransition): string =>
  [termsOf(transition), transition.why].filter((text) => text !== undefined).join('\n')

function drawnRow(graph: StateGraph, { transition, label, chip, acts }: Row, { x, y }: Point, w: number): string {
  const stroke = strokeOf(graph, transition)
  const text = line(
    label,
    { x, y },
    { size: rowSize, ink: stroke === 'after' || stroke === 'error' ? `tip-${stroke}` : 'ink' },
  )
  if (!chip)
    return group(
      { 'data-transition': transition.id },
      title(tooltip(transition)),
      text,
      line(acts, { x: x + w, y }, { size: noteSize, ink: 'faint', anchor: 'end' }),
    )
  const cw = chipWidth(chip.text)
  const from = x + w - cw
  const role = roleOf(chip.state)
  return group(
    { 'data-transition': transition.id, 'data-target': transition.target },
    title(tooltip(transition)),
    text,
    edge(
      [
        { x: from - arrow, y },
        { x: from - 3, y },
      ],
      stroke,
    ),
    rect({ x: from, y: y - 8.5, w: cw, h: 17 }, { rx: 8.5, class: `chip box-${role}` }),
    line(chip.text, { x: from + cw / 2, y }, { size: chipSize, weight: 600, ink: `ink-${role}`, anchor: 'middle' }),
  )
}

/** The writing of a card, from the upper left corner of its box on. */
export function drawnCard(graph: StateGraph, card: Card, box: Box): string {
  const role = roleOf(card.state)
  const x = box.x + padding
  let y = box.y + padding + 7
  const parts = [line(card.state.key, { x, y }, { size: nameSize, weight: 600, ink: `ink-${role}` })]
  y += 17
  for (const text of card.about) {
    parts.push(line(text, { x, y: y - 1 }, { size: noteSize, ink: 'faint' }))
    y += textPitch
  }
  y += 4
  for (const row of card.badges) {
    parts.push(badges(row, { x, y }, role))
    y += badgePitch
  }
  if (card.rows.length > 0) y += 4
  for (const row of card.rows) {
    parts.push(drawnRow(graph, row, { x, y }, card.inner))
    y += rowPitch
  }
  return parts.join('')
}
