import { connectionMachine } from '../../../machines/index.ts'
import { type GraphTransition, graphOf } from '../../../src/diagram/graph.ts'

function keyOf({ source, target, trigger, guard, otherwise }: GraphTransition): string {
  const when = guard === undefined ? (otherwise ? ' otherwise' : '') : ` [${guard}]`
  const name = 'name' in trigger ? ` ${trigger.name}` : ''
  return `${source}  ${trigger.kind}${name}${when} → ${target ?? 'stays'}`
}

/**
 * Every transition of the statechart in words that stay while others come and go, by the id under which it is recorded.
 * One with several targets is one.
 */
export const transitionKeys: ReadonlyMap<string, string> = new Map(
  graphOf(connectionMachine.root)
    .transitions.filter(({ id }) => !/:\d+:\d+$/.test(id))
    .map((transition) => [transition.id, keyOf(transition)]),
)
