import { type AnyActorRef, createActor } from 'xstate'
import { connectionMachine } from '../../machines/index.ts'
import { dotted } from '../machine/rig.ts'
import { expectedNumber } from '../machine/world.ts'
import type { Aspect } from './aspects.ts'
import { type Event, fromSocket, type Occurrence, occurrences } from './occurrences.ts'
import { progresses } from './progress.ts'

export type Snapshot = ReturnType<ReturnType<typeof createActor<typeof connectionMachine>>['getSnapshot']>

/** A situation of the model: the abstract state, and whether the newest socket is shut off, which the machine cannot know but has to see to. */
export interface Situation {
  readonly key: string
  readonly state: string
  readonly snapshot: Snapshot
  readonly at: number
  /** The newest socket can write no more. */
  readonly shut: boolean
}

/** What one occurrence led to, where it changed anything. */
export interface Step {
  readonly from: Situation
  readonly by: Occurrence
  /** What the machine made of it, in full. */
  readonly after: Snapshot
  readonly to: Situation
}

/** What is kept of a step: a hundred thousand snapshots would be more than a worker can hold with ease. */
export interface Way {
  /** Keys of situations. */
  readonly from: string
  readonly to: string
  readonly by: string
  readonly well: boolean
  /** It costs time, or uses something up, or a person or the world outside takes it. */
  readonly progress: boolean
}

export interface Graph {
  /** By key. */
  readonly situations: ReadonlyMap<string, Situation>
  readonly ways: readonly Way[]
  /** Every occurrence in every situation, those that change nothing too. */
  readonly tried: number
  /** How many situations that were met again in another shape were gone on from. */
  readonly again: number
  /** Those of them that were led elsewhere than the first: what the abstraction leaves out does matter. */
  readonly different: readonly string[]
}

export interface Exploration {
  readonly aspect: Aspect
  /** Called with each step when it is taken. */
  readonly onStep: (step: Step) => void
  /** Of so many situations that are met again one is gone on from. */
  readonly againOneIn: number
}

const mostSituations = 40_000

/** Whether the newest socket is shut off after a step. */
function shutAfter(before: Situation, by: Occurrence, after: Snapshot): boolean {
  if (after.context.generation !== before.snapshot.context.generation) return false
  return before.shut || (by.name === 'closeSocket done' && before.snapshot.hasTag('closing'))
}

/** What a step would do. */
export interface Effect {
  readonly type: string
  readonly params?: unknown
}

/** The part of an actor's scope that a transition needs; its effects are told and not carried out. */
export const inert = (
  actor: AnyActorRef,
  onEffect: (effect: Effect) => void = () => undefined,
): Parameters<typeof connectionMachine.transition>[2] =>
  ({
    self: actor,
    id: '',
    sessionId: '',
    system: actor.system,
    logger: () => undefined,
    defer: () => undefined,
    emit: () => undefined,
    stopChild: () => undefined,
    actionExecutor: onEffect,
  }) as unknown as Parameters<typeof connectionMachine.transition>[2]

const unmoved = (before: Snapshot, after: Snapshot): boolean =>
  after === before || (after.context === before.context && dotted(after.value) === dotted(before.value))

/** Whether any active part of the chart has a transition for the event that does anything, guarded or not. */
const hears = ({ _nodes }: Snapshot, { type }: Event): boolean =>
  _nodes.some(({ transitions }) =>
    [...transitions].some(
      ([heard, ways]) =>
        (heard === type || (heard.endsWith('*') && type.startsWith(heard.slice(0, -1)))) &&
        ways.some(({ target, actions }) => target !== undefined || actions.length > 0),
    ),
  )

/** Walks from the start to every situation that any order of occurrences can lead to. */
export function explore({ aspect, againOneIn, onStep }: Exploration): Graph {
  let now = 1_700_000_000_000
  const env = { now: () => now, random: () => 0.5 }
  const actor = createActor(connectionMachine, {
    input: { env, account: 'model', policy: aspect.policy, mode: aspect.mode, expectedNumber },
  })
  const scope = inert(actor)
  const situations = new Map<string, Situation>()
  const queue: Situation[] = []
  const ways: Way[] = []
  /** By state and name. What no part of a state listens to changes nothing, whatever the context: once for a state is enough. */
  const heard = new Map<string, Map<string, boolean>>()
  let tried = 0
  let met = 0
  const seconds: Situation[] = []

  const keyOf = (state: string, snapshot: Snapshot, shut: boolean): string =>
    `${aspect.abstract(state, snapshot.context)},${shut ? 'shut' : ''}`
  const arrive = (snapshot: Snapshot, shut: boolean): Situation => {
    const state = dotted(snapshot.value)
    const key = keyOf(state, snapshot, shut)
    const known = situations.get(key)
    if (known) {
      if (known.snapshot !== snapshot && ++met % againOneIn === 0) seconds.push({ ...known, snapshot, at: now })
      return known
    }
    const situation = { key, state, snapshot, at: now, shut }
    situations.set(key, situation)
    queue.push(situation)
    if (situations.size > mostSituations) throw new Error('the abstraction misses something that grows')
    return situation
  }

  const happens = ({ key, state, snapshot }: Situation, { event, name }: Occurrence, of = ''): Snapshot => {
    tried += 1
    const heardHere = heard.get(state) ?? new Map<string, boolean>()
    const isHeard = heardHere.get(name)
    if (isHeard === false) return snapshot
    let after: Snapshot
    try {
      after = connectionMachine.transition(snapshot, event, scope)
    } catch (error) {
      throw new Error(`${name}${of} throws in ${key}`, { cause: error })
    }
    if (isHeard) return after
    heard.set(state, heardHere.set(name, hears(snapshot, event)))
    if (heardHere.get(name)) return after
    if (!unmoved(snapshot, after)) throw new Error(`${name}${of} changes ${key}, which does not listen to it`)
    return snapshot
  }
  const always = occurrences.filter(aspect.occurs)
  const ofGenerations = new Map<number, readonly Occurrence[]>()
  const possible = ({ snapshot }: Situation): readonly Occurrence[] => {
    const { generation } = snapshot.context
    const known = ofGenerations.get(generation) ?? [...always, ...fromSocket(generation).filter(aspect.occurs)]
    ofGenerations.set(generation, known)
    return known
  }

  arrive(actor.getSnapshot(), true)
  for (const from of queue) {
    const { snapshot, at, key } = from
    now = at
    for (const stale of fromSocket(snapshot.context.generation - 1))
      if (!unmoved(snapshot, happens(from, stale, ' of an old socket')))
        throw new Error(`${stale.name} of an old socket changes ${key}`)
    for (const by of possible(from)) {
      now = at + by.afterMs
      const after = happens(from, by)
      if (after === snapshot) continue
      const to = arrive(after, shutAfter(from, by, after))
      const step = { from, by, after, to }
      onStep(step)
      const progress = (to === from && unmoved(snapshot, after)) || progresses(step)
      ways.push({ from: key, to: to.key, by: by.name, well: by.well, progress })
    }
  }

  const led = new Map(ways.map(({ from, by, to }) => [`${from} ${by}`, to]))
  const different: string[] = []
  for (const second of seconds)
    for (const by of possible(second)) {
      now = second.at + by.afterMs
      const after = happens(second, by)
      const to = after === second.snapshot ? undefined : keyOf(dotted(after.value), after, shutAfter(second, by, after))
      const first = led.get(`${second.key} ${by.name}`)
      if ((to ?? second.key) !== (first ?? second.key))
        different.push(`${second.key} by ${by.name}: ${to}, not ${first}`)
    }
  return { situations, ways, tried, again: seconds.length, different }
}
