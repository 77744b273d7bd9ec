/**
 * A bound for what a flood can make us remember: device addresses, and message ids of one address. Beyond it the oldest
 * make room.
 */
export const mostAddresses = 1_000
export const mostIds = 200

/** A copy without these keys. */
export const without = <T>(entries: ReadonlyMap<string, T>, keys: readonly string[]): ReadonlyMap<string, T> => {
  const copy = new Map(entries)
  for (const key of keys) copy.delete(key)
  return copy
}

/** A copy with room for one more entry. */
export const withRoom = <T>(
  entries: ReadonlyMap<string, T>,
  most: number,
  atOf: (entry: T) => number,
): Map<string, T> => {
  const copy = new Map(entries)
  if (copy.size < most) return copy
  let oldest = ''
  let oldestAt = Number.POSITIVE_INFINITY
  for (const [key, entry] of copy) if (atOf(entry) < oldestAt) [oldest, oldestAt] = [key, atOf(entry)]
  copy.delete(oldest)
  return copy
}

/** A look in vain once a day harms nothing, and no timer overflows, wherever the clock was set to. */
const longestLookMs = 86_400_000

/**
 * The next look at what only time changes: at the first of these moments that lies ahead, at most a day from now;
 * undefined if none does.
 */
export const nextLook = (moments: readonly (number | undefined)[], now: number): number | undefined => {
  const later = moments.filter((moment): moment is number => moment !== undefined && moment > now)
  return later.length === 0 ? undefined : Math.min(now + longestLookMs, ...later)
}
