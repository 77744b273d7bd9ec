/**
 * Runs `step` over all items, at most `width` at a time. After a failure no further item starts; it is thrown once the
 * running ones ended.
 */
export const eachBounded = async <T>(items: Iterable<T>, width: number, step: (item: T) => Promise<void>) => {
  // One iterator for all lanes: each item goes to the lane that is free first.
  const all = [...items]
  const queue = all.values()
  let failure: { readonly error: unknown } | undefined
  const lane = async () => {
    for (const item of queue) {
      if (failure) return
      try {
        await step(item)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, all.length) }, lane))
  if (failure) throw failure.error
}
