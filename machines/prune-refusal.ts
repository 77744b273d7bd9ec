import { affordable, affordsAll } from './budget.ts'
import type { Context } from './context.ts'

/** Why sessions are not set aside now although a person asked, and what to do about it. */
export interface PruneRefusal {
  /** Why no session is set aside. */
  readonly message: string
  /** What to do about it. */
  readonly remediation: string
}

/** The reason in the mode, in what is failing, or in the budget; undefined if none of them is in the way. */
export function pruneRefusal(context: Context, scope: 'failing' | 'all'): PruneRefusal | undefined {
  const { mode, budget, policy, evidence, env } = context
  if (mode === 'observe')
    return {
      message: 'Observing only, so no session was set aside.',
      remediation: "Switch to mode 'heal', or stop the gateway and use the command lifeline prune.",
    }
  if (scope === 'all') {
    if (affordsAll(budget, policy.prune, env.now())) return undefined
    return {
      message:
        'All sessions were set aside as often in the last 24 h as the policy allows, so they were not once more.',
      remediation:
        'Wait for a day, raise prune.allPerDay, or stop the gateway and use the command lifeline prune: it has no budget.',
    }
  }
  if (evidence.addresses.length === 0)
    return {
      message: 'No session is failing at the moment, so none was set aside.',
      remediation: "Nothing to do. prune('all') sets every session aside, failing or not.",
    }
  if (affordable(budget, evidence.addresses, policy.prune, env.now()).length > 0) return undefined
  return {
    message: 'Each session that fails was set aside as often as the policy allows, so none was once more.',
    remediation:
      'Wait, or raise prune.addressPerDay or lower prune.addressCooldownMs. What fails again so soon is seldom cured by this.',
  }
}
