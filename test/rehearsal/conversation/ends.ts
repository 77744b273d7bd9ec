/** How a promise has ended by now: empty while it has not. */
export function ends(promise: Promise<unknown>): readonly unknown[] {
  const seen: unknown[] = []
  promise.then(
    (value) => seen.push(value ?? 'done'),
    (error: Error) => seen.push(error.message),
  )
  return seen
}
