const parameters = (params: unknown): string => Object.values(Object(params)).flat().join(', ')

/**
 * A guard as text: its name, with its parameters in brackets; `not`, `and` and `or` with the guards they join.
 * Undefined without a guard; a function that has no name of its own is called `inline`.
 */
export function guardText(guard: unknown): string | undefined {
  if (guard === undefined) return undefined
  if (typeof guard === 'string') return guard
  if (typeof guard === 'function') {
    const { guards: joined } = guard as { readonly guards?: unknown }
    if (!Array.isArray(joined)) return 'inline'
    const inner = joined.map((one) => guardText(one) ?? 'inline')
    return guard.name === 'not' ? `not ${inner.join()}` : inner.join(` ${guard.name} `)
  }
  const { type, params } = guard as { type: string; params?: unknown }
  const given = parameters(params)
  return given === '' ? type : `${type}(${given})`
}
