import { millisecondsOption, wrongOption } from '../../errors/wrong-option.ts'

/** How a lease lives, in milliseconds. */
export interface LeaseTiming {
  /**
   * How long a lease holds without a renewal, by the database's clock. Default 30000: a dead host's accounts are free
   * after that.
   */
  readonly ttlMs: number
  /** How often it is renewed. Default 10000: two renewals may fail. */
  readonly renewMs: number
  /**
   * How long before its end the owner counts it as lost, so that its socket is closed before anyone else may open one.
   * Default 5000, as `policy.reconnect.closeTimeoutMs`.
   */
  readonly marginMs: number
}

const defaults: LeaseTiming = { ttlMs: 30_000, renewMs: 10_000, marginMs: 5_000 }

/**
 * Fills in the defaults and refuses what cannot work: at least one renewal must be able to fail before the owner has to
 * close its socket.
 */
export const leaseTiming = (given: Partial<LeaseTiming> = {}): LeaseTiming => {
  const timing = { ...defaults, ...given }
  millisecondsOption('lease.ttlMs', timing.ttlMs, 300, 3_600_000)
  millisecondsOption('lease.renewMs', timing.renewMs, 50, 1_800_000)
  millisecondsOption('lease.marginMs', timing.marginMs, 0, 600_000)
  if (timing.renewMs * 2 + timing.marginMs >= timing.ttlMs)
    throw wrongOption(
      'lease.ttlMs',
      timing.ttlMs,
      `more than twice lease.renewMs (${timing.renewMs}) and lease.marginMs (${timing.marginMs}) together`,
    )
  return timing
}
