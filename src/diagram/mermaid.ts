import type { GraphState, GraphTransition, StateGraph } from './graph.ts'
import { labelOf } from './words.ts'

/** Mermaid reads these as syntax, in labels too. */
const escaped = (text: string): string =>
  text.replace(/[#;:"<>{}]/g, (sign) => `#${sign.codePointAt(0)};`).replace(/\s+/g, ' ')

const nameOf = (id: string): string => id.replaceAll('.', '_')

const actsText = (transition: GraphTransition): string =>
  transition.actions.length === 0 ? '' : ` / ${transition.actions.join(', ')}`

/** What happens within a state without leaving it. */
function actsIn(graph: StateGraph, id: string): readonly string[] {
  return graph.transitions
    .filter(({ source, target }) => source === id && target === undefined)
    .map((transition) => escaped(labelOf(transition) + actsText(transition)))
}

function notesOf(graph: StateGraph, state: GraphState): readonly string[] {
  const lines = [
    ...(state.description === undefined ? [] : [escaped(state.description)]),
    ...state.invokes.map((service) => `runs ${escaped(service)}`),
    ...actsIn(graph, state.id),
  ]
  return lines.length === 0
    ? []
    : [`note right of ${nameOf(state.id)}`, ...lines.map((line) => `  ${line}`), 'end note']
}

function block(graph: StateGraph, state: GraphState): readonly string[] {
  const name = nameOf(state.id)
  const declared = `state "${escaped(state.key)}" as ${name}`
  if (state.children.length === 0) return [declared]
  const children = graph.states.filter(({ parent }) => parent === state.id)
  return [
    `${declared} {`,
    ...(state.initial === undefined ? [] : [`  [*] --> ${nameOf(state.initial)}`]),
    ...children.flatMap((child) => block(graph, child)).map((line) => `  ${line}`),
    '}',
  ]
}

function arrow(graph: StateGraph, { source, target = '', ...rest }: GraphTransition): string {
  const label = escaped(labelOf({ source, target, ...rest }))
  // The machine itself has no box of its own: what leads out of it leads out of anywhere.
  const from =
    source === '' ? graph.states.filter(({ parent }) => parent === '') : graph.states.filter(({ id }) => id === source)
  return from.map(({ id }) => `${nameOf(id)} --> ${nameOf(target)} : ${label}`).join('\n')
}

/**
 * The statechart as Mermaid text, in source order: every state, every transition, with what runs in a state as a note.
 */
export function toMermaid(graph: StateGraph): string {
  const roots = graph.states.filter(({ parent }) => parent === '')
  const moving = graph.transitions.filter(({ target }) => target !== undefined)
  const initial = graph.states.find(({ id }) => id === '')?.initial
  const anywhere = actsIn(graph, '')
  const lines = [
    ...(initial === undefined ? [] : [`[*] --> ${nameOf(initial)}`]),
    ...roots.flatMap((state) => block(graph, state)),
    ...moving.map((transition) => arrow(graph, transition)),
    ...graph.states.filter(({ id }) => id !== '').flatMap((state) => notesOf(graph, state)),
    ...(anywhere.length === 0 || initial === undefined
      ? []
      : [`note left of ${nameOf(initial)}`, '  anywhere', ...anywhere.map((line) => `  ${line}`), 'end note']),
  ]
  return ['stateDiagram-v2', ...lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`), ''].join('\n')
}
