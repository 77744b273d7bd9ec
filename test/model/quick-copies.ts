import type { Context } from '../../machines/index.ts'

const isContext = (value: unknown): value is Context =>
  typeof value === 'object' && value !== null && 'env' in value && 'budget' in value

/**
 * Runs something while XState copies contexts in the quick way. Its `assign` copies with
 * `Object.assign({}, context, changes)`, of which V8 makes a dictionary where a context has more than sixteen fields:
 * slow to make, and slow to read for every guard afterwards. Spreading the two makes the same object and keeps it in
 * shape.
 */
export function withQuickCopies<Result>(run: () => Result): Result {
  const { assign } = Object
  Object.assign = (into: object, ...from: readonly unknown[]): object => {
    const [context, changes] = from
    if (from.length !== 2 || !isContext(context) || Object.keys(into).length > 0) return assign(into, ...from)
    return { ...context, ...(changes as Partial<Context>) }
  }
  try {
    return run()
  } finally {
    Object.assign = assign
  }
}
