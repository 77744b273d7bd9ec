import type { PolicyOptions } from '../../../machines/index.ts'

/**
 * The default policy with its waits made about fifty times shorter, so that a schedule takes seconds. What depends on
 * real Baileys, whose handshake and whose retries 250 ms apart keep their pace, is shortened less; what is counted, and
 * budgets per day, stay.
 */
export const torturePolicy = {
  reconnect: {
    initialMs: 20,
    maxMs: 150,
    slowMinMs: 200,
    slowMaxMs: 400,
    resetAfterMs: 400,
    connectTimeoutMs: 5_000,
    closeTimeoutMs: 500,
  },
  decrypt: { graceMs: 800, graceAfterUncleanMs: 400, escalateAfterMs: 1_500, stormMs: 2_500 },
  prune: { verifyMs: 4_000 },
  conflict: { retryMinMs: 40, retryMaxMs: 80, windowMs: 8_000, probeMs: 1_500 },
  liveness: { silenceMs: 300, probeTimeoutMs: 300 },
  notices: { quietMs: 300 },
} as const satisfies PolicyOptions

/** What a run waits for at most: a healthy account, whatever came before, and messages read. */
export const healsWithinMs = 25_000

/** A `stop()` is done within 5 s from any state; the rest is for the machine that runs it. */
export const stopsWithinMs = 6_000
