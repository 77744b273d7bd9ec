type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapped = (fields: unknown, change: (value: unknown) => unknown): Fields =>
  Object.fromEntries(Object.entries(Object(fields)).map(([name, value]) => [name, change(value)]))

const listed = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]

/** A transition, or several that are tried one after the other. */
const explained = (transitions: unknown): unknown =>
  listed(transitions).map((transition) =>
    isFields(transition) && typeof transition.description === 'string'
      ? {
          ...transition,
          actions: [{ type: 'because', params: { why: transition.description } }, ...listed(transition.actions)],
        }
      : transition,
  )

const invoked = (invoke: unknown): unknown =>
  isFields(invoke) ? { ...invoke, onDone: explained(invoke.onDone), onError: explained(invoke.onError) } : invoke

/**
 * Lets each transition that has a description put it into the context as the reason, before its other actions. So the
 * sentence that the diagrams show is the one that the history tells.
 */
export function withReasons<Config extends object>(config: Config): Config {
  const { on, after, always, invoke, states } = config as Fields
  return {
    ...config,
    ...(on === undefined ? {} : { on: mapped(on, explained) }),
    ...(after === undefined ? {} : { after: mapped(after, explained) }),
    ...(always === undefined ? {} : { always: explained(always) }),
    ...(invoke === undefined ? {} : { invoke: listed(invoke).map(invoked) }),
    ...(states === undefined ? {} : { states: mapped(states, (state) => withReasons(Object(state))) }),
  }
}
