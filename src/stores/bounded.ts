/**
 * Runs `step` over all items, at most `width` at a time, and answers in the order of the items, whichever ended first.
 * After a failure no further item starts; it is thrown once the running ones ended.
 */
export const mapBounded = async <T, R>(
  items: Iterable<T>,
  width: number,
  step: (item: T) => Promise<R> | R,
): Promise<readonly R[]> => {
  // One iterator for all lanes: each item goes to the lane that is free first.
  const all = [...items]
  const queue = all.entries()
  const results = new Array<R>(all.length)
  let failure: { readonly error: unknown } | undefined
  const lane = async () => {
    for (const [at, item] of queue) {
      if (failure) return
      try {
        results[at] = await step(item)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, all.length) }, lane))
  if (failure) throw failure.error
  return results
}

/** The same where the steps answer nothing. */
export const eachBounded = async <T>(items: Iterable<T>, width: number, step: (item: T) => Promise<void>) => {
  await mapBounded(items, width, step)
}
