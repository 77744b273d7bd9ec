import { createHash } from 'node:crypto'
import { createActor } from 'xstate'
import { connectionMachine, factsOf, stateNameOf, statusOf } from '../../machines/index.ts'
import { dotted } from '../machines/rig.ts'
import { expectedNumber } from '../machines/world.ts'
import type { Aspect } from './aspects.ts'
import { type Effect, inert } from './graph.ts'
import { fromSocket, type Occurrence, occurrences } from './occurrences.ts'
import type { Snapshot } from './situation.ts'

/** What one occurrence leads to from the situations of a state that were looked at. */
interface Outcome {
  readonly to: Set<string>
  readonly effects: Set<string>
  /** All that the machine then knows, says and would keep. */
  readonly known: string[]
}

/** Names and plain values of what a step does; actors and functions are left out. */
const told = ({ type, params }: Effect): string => {
  const plain = (key: string, value: unknown) =>
    ['actorRef', 'env', 'policy', 'self', 'src'].includes(key) ? '' : value
  return `${type.replace('xstate.', '')} ${JSON.stringify(params, plain) ?? ''}`
}

const plainly = ({ context, value, tags }: Snapshot): string => {
  const { env: _e, policy: _p, ...known } = context
  return JSON.stringify([known, [...tags].sort(), statusOf(stateNameOf(value), context), factsOf(context)])
}

/** Every event there is, in the first situations of every state: a line for each state and event that does something. */
export function walk(aspect: Aspect, perState: number): readonly string[] {
  let now = 1_700_000_000_000
  let draw = 0
  const env = { now: () => now, random: () => (draw++ % 7) / 7 }
  const actor = createActor(connectionMachine, {
    input: { env, account: 'model', policy: aspect.policy, mode: aspect.mode, expectedNumber },
  })
  const done: Effect[] = []
  const scope = inert(actor, (effect) => done.push(effect))
  const lines = new Map<string, Outcome>()
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  const queue: { readonly snapshot: Snapshot; readonly at: number }[] = []
  const arrive = (snapshot: Snapshot): void => {
    const state = dotted(snapshot.value)
    const key = aspect.abstract(state, snapshot.context)
    const count = counts.get(state) ?? 0
    if (seen.has(key) || count >= perState) return
    seen.add(key)
    counts.set(state, count + 1)
    queue.push({ snapshot, at: now })
  }
  const happens = (snapshot: Snapshot, { event, name }: Occurrence): void => {
    done.length = 0
    draw = 0
    const after = connectionMachine.transition(snapshot, event, scope)
    if (after === snapshot || (done.length === 0 && after.context === snapshot.context)) return
    const key = `${dotted(snapshot.value)} | ${name}`
    const outcome = lines.get(key) ?? { to: new Set(), effects: new Set(), known: [] }
    lines.set(key, outcome)
    outcome.to.add(dotted(after.value))
    for (const { type } of done) outcome.effects.add(type.replace('xstate.', ''))
    outcome.known.push(plainly(after), ...done.map(told))
    arrive(after)
  }
  arrive(actor.getSnapshot())
  for (const { snapshot, at } of queue)
    for (const by of [...occurrences, ...fromSocket(snapshot.context.generation)].filter(aspect.occurs)) {
      now = at + by.afterMs
      happens(snapshot, by)
    }
  return [...lines]
    .map(([key, { to, effects, known }]) => {
      const digest = createHash('sha256').update(known.join('\n')).digest('hex').slice(0, 8)
      return `${key} | ${[...to].sort().join(', ')} | ${[...effects].sort().join(', ')} | ${digest}`
    })
    .sort()
}
