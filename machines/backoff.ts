import type { Policy } from './policy.ts'

/** One wait before the next try. */
export interface Delay {
  /** How long to wait, in milliseconds. */
  readonly delayMs: number
  /**
   * `fast` while the ladder climbs, `slow` on the unlimited cadence after it, `conflict` for the one retry after a 440,
   * `confirm` for the one login after a 401 or a 516.
   */
  readonly cadence: 'immediate' | 'fast' | 'slow' | 'conflict' | 'confirm'
}

export const immediate: Delay = { delayMs: 0, cadence: 'immediate' }

/**
 * The wait before attempt number `attempt` (1 is the first retry). Full jitter on the fast ladder, so that a fleet that
 * lost its network together does not come back in step; an even spread on the slow cadence. `chance` is a number from 0
 * up to 1.
 */
export function nextDelay(attempt: number, policy: Policy['reconnect'], chance: number): Delay {
  if (attempt > policy.fastAttempts)
    return { delayMs: Math.round(policy.slowMinMs + chance * (policy.slowMaxMs - policy.slowMinMs)), cadence: 'slow' }
  const step = Math.min(policy.maxMs, policy.initialMs * policy.factor ** Math.max(0, attempt - 1))
  return { delayMs: Math.round(chance * step), cadence: 'fast' }
}

/** The one retry after a first 440, late enough for the other client to show itself. */
export function conflictDelay(policy: Policy['conflict'], chance: number): Delay {
  return {
    delayMs: Math.round(policy.retryMinMs + chance * (policy.retryMaxMs - policy.retryMinMs)),
    cadence: 'conflict',
  }
}

/**
 * The one more login after a 401 or a 516, late enough for the server to have cleared what it spoke of. Attempt number
 * `attempt` on the fast ladder, at least: who is let in and refused time and again must not knock every few seconds.
 */
export function confirmDelay(attempt: number, policy: Policy['reconnect'], chance: number): Delay {
  const pauseMs = Math.round(policy.confirmMinMs + chance * (policy.confirmMaxMs - policy.confirmMinMs))
  const step = nextDelay(Math.min(attempt, policy.fastAttempts), policy, chance)
  return { delayMs: Math.max(pauseMs, step.delayMs), cadence: 'confirm' }
}
