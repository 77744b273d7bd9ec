import { appendFileSync } from 'node:fs'
import type { AnyStateNode, AnyTransitionDefinition, InspectionEvent } from 'xstate'

/** Where `npm run transitions` wants to be told; in other runs nothing is recorded. */
const file = process.env.LIFELINE_TRANSITIONS
const known = new Set<string>()

/** The same ids as in the graph that the drawings are made from. */
function idOf(definition: AnyTransitionDefinition): string {
  const node: AnyStateNode = definition.source
  const definitions: readonly unknown[] = [...[...node.transitions.values()].flat(), ...(node.always ?? [])]
  return `${node.path.join('.')}:${definitions.indexOf(definition)}`
}

/** Notes each transition of the statechart that is taken, before the inspector of the test is told. */
export function transitionsTaken(inspect: ((event: InspectionEvent) => void) | undefined): typeof inspect {
  if (file === undefined) return inspect
  return (event) => {
    for (const definition of event.type === '@xstate.microstep' ? event._transitions : []) {
      const id = idOf(definition)
      if (known.has(id)) continue
      known.add(id)
      appendFileSync(file, `${id}\n`)
    }
    return inspect?.(event)
  }
}
