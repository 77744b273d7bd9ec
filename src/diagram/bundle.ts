import { type StateName, stateNames } from '../../machines/status.ts'
import type { GraphTransition, StateGraph } from './graph.ts'

/** A place on the overview: a state that owners know, or the box around the states that share the one socket. */
export type Place = StateName | 'online'

/** Everything that leads from one place to another. */
export interface Bundle {
  readonly from: Place
  readonly to: Place
  readonly transitions: readonly GraphTransition[]
}

/** What a person asks for at any time; it would hide what happens by itself. */
const commands: ReadonlySet<string> = new Set(['stop', 'reconnect', 'relink', 'prune', 'pairing.request'])

/** Whether a person sets it off, and not the course of things. */
export const isCommand = ({ trigger }: GraphTransition): boolean =>
  trigger.kind === 'event' && commands.has(trigger.name)

const isStateName = (key: string): key is StateName => (stateNames as readonly string[]).includes(key)

/** The place that a state belongs to. */
export const placeOf = (id: string): Place => id.split('.').findLast(isStateName) ?? 'online'

/** The state in which one that is entered from outside begins. */
function settledIn(graph: StateGraph, id: string): string {
  const initial = graph.states.find((state) => state.id === id)?.initial
  return initial === undefined ? id : settledIn(graph, initial)
}

/** From the box to one of the states in it: it leaves the one that the box begins with. */
function startOf(graph: StateGraph, { source }: GraphTransition, to: Place): Place {
  const from = placeOf(source)
  return from === 'online' && graph.states.some(({ id, key }) => key === to && id.startsWith(`${source}.`))
    ? placeOf(settledIn(graph, source))
    : from
}

/**
 * The transitions between places, bundled, in source order; a person's commands and what stays in one place are left
 * out.
 */
export function bundlesOf(graph: StateGraph): readonly Bundle[] {
  const bundles = new Map<string, Bundle>()
  for (const transition of graph.transitions) {
    if (transition.target === undefined || transition.source === '' || isCommand(transition)) continue
    const to = placeOf(settledIn(graph, transition.target))
    const from = startOf(graph, transition, to)
    if (from === to) continue
    const key = `${from}>${to}`
    bundles.set(key, { from, to, transitions: [...(bundles.get(key)?.transitions ?? []), transition] })
  }
  return [...bundles.values()]
}
