import { type AnyActorRef, type AnyStateNode, createActor } from 'xstate'
import { type Context, connectionMachine } from '../../machines/index.ts'
import { dotted } from '../machines/rig.ts'
import { expectedNumber } from '../machines/world.ts'
import type { Aspect } from './aspects.ts'
import { type Event, fromSocket, type Occurrence, occurrences } from './occurrences.ts'
import { progresses } from './progress.ts'
import type { Situation, Snapshot, Step } from './situation.ts'

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

/** The reason alone says nothing about what comes next. */
function sameButReason(before: Context, after: Context): boolean {
  if (before === after) return true
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Context>)
    if (key !== 'reason' && before[key] !== after[key]) return false
  return true
}

const unmoved = (before: Snapshot, after: Snapshot): boolean =>
  after === before || (stateOf(after) === stateOf(before) && sameButReason(before.context, after.context))

const names = new WeakMap<AnyStateNode, string>()

/** The dotted name of the state, found by its innermost part: in this chart no part is active beside another. */
function stateOf({ _nodes, value }: Snapshot): string {
  const innermost = _nodes.find(({ type }) => type === 'atomic')
  if (!innermost) throw new Error('no part of the state is its innermost')
  const known = names.get(innermost)
  if (known !== undefined) return known
  const name = dotted(value)
  if (name.includes('+')) throw new Error(`${name} has parts beside each other`)
  names.set(innermost, name)
  return name
}

/** Whether any active part of the chart has a transition for the event that does anything, guarded or not. */
const hears = ({ _nodes }: Snapshot, { type }: Event): boolean =>
  _nodes.some(({ transitions }) =>
    [...transitions].some(
      ([heard, ways]) =>
        (heard === type || (heard.endsWith('*') && type.startsWith(heard.slice(0, -1)))) &&
        ways.some(
          ({ target, actions }) =>
            target !== undefined || actions.some((action) => (action as { type: string }).type !== 'because'),
        ),
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
  /**
   * By state and name. What no part of a state listens to changes nothing, whatever the context: once for a state is
   * enough.
   */
  const heard = new Map<string, Map<string, boolean>>()
  /** By all that can happen, and by state: what of it some part of the state listens to. */
  const lists = new Map<readonly Occurrence[], Map<string, readonly Occurrence[]>>()
  let tried = 0
  let met = 0
  const seconds: Situation[] = []

  const keyOf = (state: string, snapshot: Snapshot, shut: boolean): string =>
    `${aspect.abstract(state, snapshot.context)},${shut ? 'shut' : ''}`
  const arrive = (snapshot: Snapshot, shut: boolean): Situation => {
    const state = stateOf(snapshot)
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

  const happens = ({ key, snapshot }: Situation, { event, name }: Occurrence, of: string): Snapshot => {
    try {
      return connectionMachine.transition(snapshot, event, scope)
    } catch (error) {
      throw new Error(`${name}${of} throws in ${key}`, { cause: error })
    }
  }
  const isHeard = (at: Situation, by: Occurrence, of: string): boolean => {
    const heardHere = heard.get(at.state) ?? new Map<string, boolean>()
    const known = heardHere.get(by.name)
    if (known !== undefined) return known
    const found = hears(at.snapshot, by.event)
    heard.set(at.state, heardHere.set(by.name, found))
    if (!found && !unmoved(at.snapshot, happens(at, by, of)))
      throw new Error(`${by.name}${of} changes ${at.key}, which does not listen to it`)
    return found
  }
  const heardOf = (at: Situation, all: readonly Occurrence[], of: string): readonly Occurrence[] => {
    const ofStates = lists.get(all) ?? new Map<string, readonly Occurrence[]>()
    const known = ofStates.get(at.state) ?? all.filter((by) => isHeard(at, by, of))
    lists.set(all, ofStates.set(at.state, known))
    return known
  }
  /** Tries all of them, and tells what those lead to that some part of the state listens to. */
  function* outcomes(at: Situation, all: readonly Occurrence[], of = ''): Generator<readonly [Occurrence, Snapshot]> {
    tried += all.length
    for (const by of heardOf(at, all, of)) {
      now = at.at + by.afterMs
      yield [by, happens(at, by, of)]
    }
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
    const { snapshot, key } = from
    for (const [stale, after] of outcomes(from, fromSocket(snapshot.context.generation - 1), ' of an old socket'))
      if (!unmoved(snapshot, after)) throw new Error(`${stale.name} of an old socket changes ${key}`)
    for (const [by, after] of outcomes(from, possible(from))) {
      if (after === snapshot) continue
      const to = arrive(after, shutAfter(from, by, after))
      const step = { from, by, after, to }
      onStep(step)
      const progress = (to === from && unmoved(snapshot, after)) || progresses(step)
      ways.push({ from: key, to: to.key, by: by.name, well: by.well, progress })
    }
  }

  const led = new Map(seconds.map(({ key }) => [key, new Map<string, string>()]))
  for (const { from, by, to } of ways) led.get(from)?.set(by, to)
  const different: string[] = []
  for (const second of seconds)
    for (const [by, after] of outcomes(second, possible(second))) {
      const to = after === second.snapshot ? undefined : keyOf(stateOf(after), after, shutAfter(second, by, after))
      const first = led.get(second.key)?.get(by.name)
      if ((to ?? second.key) !== (first ?? second.key))
        different.push(`${second.key} by ${by.name}: ${to}, not ${first}`)
    }
  return { situations, ways, tried, again: seconds.length, different }
}
