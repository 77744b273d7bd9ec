import type { PolicyOptions } from '../../src/index.ts'

/**
 * The default policy with its waits made about fifty times shorter. What depends on real Baileys, whose handshake and
 * whose retries 250 ms apart keep their pace, is shortened less; budgets per day stay.
 */
export const fastPolicy = {
  reconnect: {
    initialMs: 20,
    maxMs: 150,
    fastAttempts: 12,
    slowMinMs: 200,
    slowMaxMs: 400,
    networkLookMs: 40,
    confirmMinMs: 20,
    confirmMaxMs: 60,
    resetAfterMs: 400,
    connectTimeoutMs: 4_000,
    closeTimeoutMs: 500,
  },
  decrypt: { graceMs: 800, graceAfterUncleanMs: 400, escalateAfterMs: 1_500, stormMs: 2_500 },
  outbound: { graceMs: 800, escalateAfterMs: 3_000 },
  prune: { verifyMs: 4_000 },
  conflict: { retryMinMs: 40, retryMaxMs: 80, windowMs: 8_000, probeMs: 1_500 },
  outdated: { firstMs: 1_500, secondMs: 1_500, thirdMs: 1_500 },
  liveness: { silenceMs: 5_000, probeTimeoutMs: 1_000, sleepJumpMs: 60_000 },
  notices: { quietMs: 300 },
} as const satisfies PolicyOptions

/** Lays changes over the fast policy, group by group. */
export function fast(changes: PolicyOptions = {}): PolicyOptions {
  const groups = new Set([...Object.keys(fastPolicy), ...Object.keys(changes)]) as Set<keyof PolicyOptions>
  const base: PolicyOptions = fastPolicy
  return Object.fromEntries([...groups].map((group) => [group, { ...base[group], ...changes[group] }]))
}
