import type { Fault } from './faults.ts'
import { live, type Outcome } from './life.ts'

/**
 * The fewest faults that still break the same promise: halves, quarters and so on are left out as long as it stays
 * broken. Undefined if it does not fail.
 */
export async function shrink(failing: Outcome, most = 300): Promise<Outcome> {
  let best = failing
  let tries = 0
  const attempt = async (faults: readonly Fault[]): Promise<boolean> => {
    if (++tries > most) return false
    const outcome = await live({ seed: failing.seed, days: failing.days, faults, keepTail: true })
    if (outcome.failure?.promise !== failing.failure?.promise) return false
    best = outcome
    return true
  }
  // What was planned for later than the failure had no part in it.
  const before = failing.faults.filter(({ at }) => at <= (failing.failure?.at ?? 0))
  await attempt(before)
  for (let size = Math.ceil(best.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.faults.length && tries <= most; ) {
      const fewer = best.faults.filter((_, at) => at < from || at >= from + size)
      if (!(await attempt(fewer))) from += size
    }
  }
  return best
}
