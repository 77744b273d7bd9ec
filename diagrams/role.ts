import { type Place, placeOf } from '../src/diagram/bundle.ts'
import { type GraphState, type GraphTransition, isWithin, type StateGraph } from '../src/diagram/graph.ts'
import { stands, tracks } from './overview.ts'
import type { Role, Stroke } from './paint.ts'

const tagRoles: Readonly<Record<string, Role>> = {
  person: 'person',
  waiting: 'waiting',
  open: 'open',
  working: 'working',
  closing: 'rest',
}

/** The colour of a state: that of the state which owners see, else by its tag. */
export function roleOf({ key, tags }: GraphState): Role {
  if (Object.hasOwn(stands, key)) return stands[key as Place].role
  return tags.map((tag) => tagRoles[tag]).find((role) => role !== undefined) ?? 'rest'
}

/** The look of a transition: timers and failures by what sets them off, the others as on the overview. */
export function strokeOf(graph: StateGraph, { trigger, source, target }: GraphTransition): Stroke {
  if (trigger.kind === 'after' || trigger.kind === 'error') return trigger.kind
  if (target === undefined || source === '') return 'plain'
  const initial = graph.states.find(({ id }) => id === target)?.initial
  const [from, to] = [placeOf(source), placeOf(initial !== undefined && isWithin(initial, 'online') ? initial : target)]
  const track = tracks.find((one) => one.from === from && one.to === to)
  return track === undefined || track.stroke === 'after' ? 'plain' : track.stroke
}
