import { type ConnectionEvent, connectionMachine, type StateName, stateNameOf } from '../../machines/index.ts'
import { bundlesOf, placeOf } from '../diagram/bundle.ts'
import { type GraphTransition, graphOf, isWithin, type StateGraph, type Trigger } from '../diagram/graph.ts'
import { placesIn } from '../diagram/places.ts'
import type { HistoryEntry } from '../history/entry.ts'
import type { TrailView } from './wire.ts'

type Step = Extract<HistoryEntry, { type: 'transition' }>

const graph: StateGraph = graphOf(connectionMachine.root)
const initials = new Map(graph.states.map(({ id, initial }) => [id, initial]))
const edges = new Set(bundlesOf(graph).map(({ from, to }) => `${from}>${to}`))
const edgeOf = new Map(
  bundlesOf(graph).flatMap(({ from, to, transitions }) => transitions.map(({ id }) => [id, `${from}>${to}`] as const)),
)
/** States within the box `online` of the drawings. */
const online: ReadonlySet<StateName> = new Set(['connecting', 'healthy', 'degraded'])

const settledIn = (id: string): string => {
  const initial = initials.get(id)
  return initial === undefined ? id : settledIn(initial)
}

/** A transition that changes the owner's state, with the states that it may leave and the one that it leads to. */
const steps = graph.transitions.flatMap((transition) => {
  if (transition.target === undefined) return []
  const from = new Set(
    graph.states.filter(({ id }) => id !== '' && isWithin(id, transition.source)).map(({ id }) => placeOf(id)),
  )
  return [{ transition, from, to: placeOf(settledIn(transition.target)) }]
})

/** Told of a close, the statechart judges it and takes the transition of `close.judged`. */
const closes: ReadonlySet<string> = new Set<ConnectionEvent['type']>(['socket.close', 'liveness.lost'])

/** How well an event of the history fits a trigger: 2 exactly, 1 if it was taken on the way, 0 not at all. */
function fitness(trigger: Trigger, event: string): 0 | 1 | 2 {
  switch (trigger.kind) {
    case 'event':
      return trigger.name === event || (trigger.name === 'close.judged' && closes.has(event)) ? 2 : 0
    case 'after':
      return event.startsWith(`xstate.after.${trigger.name}`) ? 2 : 0
    case 'done':
    case 'error':
      return event.startsWith(`xstate.${trigger.kind}.`) && (trigger.name === '*' || event.includes(`.${trigger.name}`))
        ? 2
        : 0
    case 'always':
      return 1
  }
}

/**
 * The transition of the chart that a step of the history was: the one that says the same why, else the innermost that
 * fits.
 */
function transitionOf({ from, to, event, why }: Step): GraphTransition | undefined {
  let best: { readonly transition: GraphTransition; readonly score: number } | undefined
  for (const step of steps) {
    if (step.to !== to || !step.from.has(from)) continue
    const fits = fitness(step.transition.trigger, event)
    if (fits === 0) continue
    const { source, why: reason } = step.transition
    const score = (reason !== undefined && reason === why ? 100 : 0) + fits * 10 + source.split('.').length
    if (!best || score > best.score) best = { transition: step.transition, score }
  }
  return best?.transition
}

function edge({ from, to }: Step, transition: GraphTransition | undefined): string | undefined {
  const drawn = transition && edgeOf.get(transition.id)
  if (drawn !== undefined) return drawn
  return [`${from}>${to}`, ...(online.has(from) ? [`online>${to}`] : [])].find((one) => edges.has(one))
}

const found = new Map<string, Pick<TrailView, 'transition' | 'edge'>>()

/** Where a step is drawn. There are only so many different ones, so each is looked for once. */
function drawn(step: Step): Pick<TrailView, 'transition' | 'edge'> {
  const key = `${step.from}>${step.to} ${step.event} ${step.why}`
  const known = found.get(key)
  if (known) return known
  const transition = transitionOf(step)
  const line = edge(step, transition)
  const place = {
    ...(transition === undefined ? {} : { transition: transition.id }),
    ...(line === undefined ? {} : { edge: line }),
  }
  if (found.size < 1_000) found.set(key, place)
  return place
}

const longest = 8

/** The last changes of state, newest last, as they are drawn. */
export function trailOf(history: readonly HistoryEntry[]): readonly TrailView[] {
  const trail: TrailView[] = []
  for (let at = history.length - 1; at >= 0 && trail.length < longest; at--) {
    const entry = history[at]
    if (entry?.type !== 'transition' || entry.from === entry.to) continue
    const { from, to, why } = entry
    trail.push({ at: entry.at, from, to, ...drawn(entry), ...(why === undefined ? {} : { why }) })
  }
  return trail.reverse()
}

/** The ids that are lit for a state value of the machine, or for the owner's state where there is no more to go by. */
export function litPlaces(state: StateName, value: unknown): readonly string[] {
  const within = stateNameOf(value) === state ? placesIn(value) : []
  return [...new Set([...(online.has(state) ? ['online'] : []), ...within, state])]
}
