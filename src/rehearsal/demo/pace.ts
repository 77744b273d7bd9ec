import { defaultPolicy, type PolicyOptions } from '../../../machines/index.ts'

/**
 * The demo waits a tenth of what the default policy waits; what it counts, and how often it may prune, is unchanged.
 */
export const paceFactor = 10

const { reconnect, decrypt, prune, conflict } = defaultPolicy

const tenth = (ms: number): number => ms / paceFactor

/** For how long a code stands, ms, until WhatsApp wants another: long enough to be seen by whoever watches. */
export const codeShownMs = 2_500

export const demoPolicy: PolicyOptions = {
  reconnect: { initialMs: tenth(reconnect.initialMs), maxMs: tenth(reconnect.maxMs) },
  decrypt: {
    graceMs: tenth(decrypt.graceMs),
    graceAfterUncleanMs: tenth(decrypt.graceAfterUncleanMs),
    stormMs: tenth(decrypt.stormMs),
    escalateAfterMs: tenth(decrypt.escalateAfterMs),
  },
  prune: { verifyMs: tenth(prune.verifyMs) },
  conflict: { retryMinMs: tenth(conflict.retryMinMs), retryMaxMs: tenth(conflict.retryMaxMs) },
}
