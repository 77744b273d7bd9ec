import type { AnyStateNode } from 'xstate'
import { guardText } from './guard.ts'

/** What sets a transition off. */
export type Trigger =
  | { readonly kind: 'event'; readonly name: string }
  /** `name` is the delay's name. */
  | { readonly kind: 'after'; readonly name: string }
  | { readonly kind: 'always' }
  /** `name` is the service that ended; `*` for any. */
  | { readonly kind: 'done'; readonly name: string }
  | { readonly kind: 'error'; readonly name: string }

export interface GraphState {
  /** The keys from the root on, joined with dots: `online.open.healthy`. Empty for the machine itself. */
  readonly id: string
  readonly key: string
  /** Id of the enclosing state; undefined for the machine itself. */
  readonly parent: string | undefined
  /** Ids, in source order. */
  readonly children: readonly string[]
  /** Id of the child that is entered first. */
  readonly initial: string | undefined
  readonly kind: AnyStateNode['type']
  readonly tags: readonly string[]
  readonly description: string | undefined
  /** Names of the services that run while the state lasts. */
  readonly invokes: readonly string[]
}

export interface GraphTransition {
  /** Stable while the order of a state's transitions is: `online:3`. */
  readonly id: string
  readonly source: string
  /** Undefined where the transition only acts and no state changes. */
  readonly target: string | undefined
  readonly trigger: Trigger
  readonly guard: string | undefined
  /** It is the last resort of several for the same trigger. */
  readonly otherwise: boolean
  readonly actions: readonly string[]
  readonly why: string | undefined
  readonly reenter: boolean
}

/** A statechart as plain data, in source order: what every picture of it is drawn from. */
export interface StateGraph {
  readonly name: string
  readonly states: readonly GraphState[]
  readonly transitions: readonly GraphTransition[]
}

type Definition = Readonly<NonNullable<AnyStateNode['always']>[number]>

const idOf = (node: AnyStateNode): string => node.path.join('.')

const afterEvent = 'xstate.after.'
const actorEvent = /^xstate\.(done|error)\.(?:actor\.)?(.+)$/

function triggerOf(node: AnyStateNode, { eventType }: Definition): Trigger {
  if (eventType === '') return { kind: 'always' }
  const suffix = `.${node.id}`
  if (eventType.startsWith(afterEvent))
    return { kind: 'after', name: eventType.slice(afterEvent.length, -suffix.length) }
  const [, end, actor] = actorEvent.exec(eventType) ?? []
  if (actor === undefined) return { kind: 'event', name: eventType }
  const service = node.invoke.find(({ id }) => id === actor)?.src
  return { kind: end === 'done' ? 'done' : 'error', name: typeof service === 'string' ? service : actor }
}

const nameOf = (action: unknown): string =>
  typeof action === 'string' ? action : ((action as { type?: string }).type ?? 'inline')

function transitionsOf(node: AnyStateNode): readonly GraphTransition[] {
  const definitions: readonly Definition[] = [...[...node.transitions.values()].flat(), ...(node.always ?? [])]
  return definitions.flatMap((definition, index) => {
    const guard = guardText(definition.guard)
    const earlier = definitions.slice(0, index)
    const targets: readonly (AnyStateNode | undefined)[] = definition.target?.length ? definition.target : [undefined]
    return targets.map((target, n) => ({
      id: `${idOf(node)}:${index}${n === 0 ? '' : `:${n}`}`,
      source: idOf(node),
      target: target && idOf(target),
      trigger: triggerOf(node, definition),
      guard,
      otherwise: guard === undefined && earlier.some(({ eventType }) => eventType === definition.eventType),
      // `because` notes the description, which is shown as the reason already.
      actions: definition.actions.map(nameOf).filter((name) => name !== 'because'),
      why: definition.description,
      reenter: definition.reenter,
    }))
  })
}

function stateOf(node: AnyStateNode): GraphState {
  const children: readonly AnyStateNode[] = Object.values(node.states)
  return {
    id: idOf(node),
    key: node.key,
    parent: node.parent && idOf(node.parent),
    children: children.map(idOf),
    initial: node.initial.target.map(idOf)[0],
    kind: node.type,
    tags: node.tags,
    description: node.description,
    invokes: node.invoke.map(({ src }) => String(src)),
  }
}

const within = (node: AnyStateNode): readonly AnyStateNode[] => [
  node,
  ...Object.values<AnyStateNode>(node.states).flatMap(within),
]

/** The graph of a machine, from its root: `graphOf(connectionMachine.root)`. */
export function graphOf(root: AnyStateNode): StateGraph {
  const nodes = within(root)
  return { name: root.key, states: nodes.map(stateOf), transitions: nodes.flatMap(transitionsOf) }
}

/** Whether `id` is `ancestor` or lies within it. */
export const isWithin = (id: string, ancestor: string): boolean =>
  ancestor === '' || id === ancestor || id.startsWith(`${ancestor}.`)
