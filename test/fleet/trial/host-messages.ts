import type { StateName } from '../../../src/index.ts'

/** What a host of the trial is started with. */
export interface HostConfig {
  readonly hostId: string
  /** How long a lease lasts. */
  readonly ttlMs: number
  readonly database: string
  readonly whatsapp: string
  readonly rootKey: string
  readonly accounts: readonly string[]
  /** Where it writes down at once what it read: what it tells its parent may be lost with it. */
  readonly readings: string
}

/** What a host of the trial tells its parent. */
export type FromHost =
  | { readonly type: 'ready' }
  | { readonly type: 'state'; readonly account: string; readonly state: StateName | undefined }
  | { readonly type: 'bad-mac' }

/** What a parent tells a host of the trial: its wall clock jumps. */
export interface ToHost {
  readonly type: 'jump'
  readonly ms: number
}

/** A tenth of what the defaults wait. Takeovers are judged by these. */
export const lease = { ttlMs: 6_000, renewMs: 1_200, marginMs: 1_500 } as const

export const pace = {
  announceMs: 500,
  aliveMs: 3_000,
  planMs: 400,
  pollMs: 500,
  spacingMs: 20,
  refusedMs: 1_000,
} as const

export const policy = {
  reconnect: { initialMs: 200, maxMs: 2_000, closeTimeoutMs: 500, resetAfterMs: 2_000, connectTimeoutMs: 20_000 },
  decrypt: { graceMs: 8_000, graceAfterUncleanMs: 4_000 },
  conflict: { retryMinMs: 2_000, retryMaxMs: 4_000, windowMs: 60_000 },
  liveness: { silenceMs: 10_000, probeTimeoutMs: 3_000 },
  notices: { quietMs: 60_000 },
} as const
