import { affordable, affordsAll, type Budget } from './budget.ts'
import type { Assessment } from './evidence.ts'
import type { Policy } from './policy.ts'

/** What has been tried since messages were last fine. */
export interface Tried {
  /** New sessions were given while connected. */
  readonly live: boolean
  /** The failing sessions were set aside. */
  readonly failing: boolean
  /** All sessions were set aside. */
  readonly all: boolean
}

/** The ladder before its first rung. */
export const nothingTried: Tried = { live: false, failing: false, all: false }

/** The next rung of the healing ladder. Rung 1, the live cure, comes with degraded itself. */
export type Rung =
  /** The failing sessions are set aside. */
  | { readonly rung: 'failing'; readonly addresses: readonly string[] }
  /** All sessions are set aside. */
  | { readonly rung: 'all' }
  /** Nothing is left to try: why. */
  | { readonly rung: 'exhausted'; readonly why: string }

/** Least destructive first: the failing sessions, then all of them, then a person. Each within its budget. */
export function nextRung(
  evidence: Assessment,
  tried: Tried,
  budget: Budget,
  policy: Policy['prune'],
  now: number,
): Rung {
  if (evidence.curable.length === 0)
    return { rung: 'exhausted', why: 'setting session files aside cannot cure what these messages fail with' }
  const addresses = affordable(budget, evidence.curable, policy, now)
  if (!tried.failing && addresses.length > 0) return { rung: 'failing', addresses }
  if (!tried.all && affordsAll(budget, policy, now)) return { rung: 'all' }
  return {
    rung: 'exhausted',
    why: tried.failing || tried.all ? 'it was tried and did not help' : 'the budget for today is used up',
  }
}
