/**
 * Every threshold of the supervisor. Times are milliseconds. All of it is an option, so that owners can choose and tests can scale time.
 * Where a default has a source other than judgement, the field's doc names it.
 */
export interface Policy {
  readonly reconnect: {
    /** First step of the fast ladder; the real delay is drawn from 0 to the step (full jitter). Default 2 s. */
    readonly initialMs: number
    /** Growth of the fast ladder from one attempt to the next. Default 1.8. */
    readonly factor: number
    /** Highest step of the fast ladder. Default 30 s. */
    readonly maxMs: number
    /** Attempts on the fast ladder before the slow cadence. Default 12: about four minutes. */
    readonly fastAttempts: number
    /** The slow cadence never ends; each delay lies between these two. Default 5 min. */
    readonly slowMinMs: number
    /** Default 15 min. */
    readonly slowMaxMs: number
    /** Healthy for this long, and the ladder starts afresh. Default 60 s. */
    readonly resetAfterMs: number
    /** A socket that has not opened by then is given up. Default 60 s: three times Baileys' own handshake deadline. */
    readonly connectTimeoutMs: number
    /** A socket that has not closed by then is left to its fence: Baileys 7 needs up to 30 s on a half-open link. Default 5 s. */
    readonly closeTimeoutMs: number
  }
  readonly decrypt: {
    /** After the backlog is drained, Baileys' own retries have this long before failures count. Default 120 s. */
    readonly graceMs: number
    /** The same after an unclean end or a prune, when damage is expected. Default 15 s. */
    readonly graceAfterUncleanMs: number
    /** Distinct unread messages of one device that make it failing. Default 3. */
    readonly failingIds: number
    /** Distinct devices with an unread message that make the account degraded. Default 5. */
    readonly failingAddresses: number
    /** How long an unread message counts. Default 10 min. */
    readonly windowMs: number
    /** Degraded for this long in spite of the live cure, and sessions are set aside. Default 10 min. */
    readonly escalateAfterMs: number
    /** A storm: so many devices fail … Default 5. */
    readonly stormAddresses: number
    /** … and none succeeds for this long: no further waiting. Default 30 s: Baileys answers 50 failures in about 25 s. */
    readonly stormMs: number
  }
  readonly outbound: {
    /**
     * What a contact asks for again is sent again; this long after it asked, while connected, it counts as unable to read. Default 30 s: a contact that runs Baileys 6
     * asks first after 5 s, and with its keys after 5 s more; each answer takes a round trip.
     */
    readonly graceMs: number
    /** Distinct messages that one device of a contact cannot read, and it counts alone. Default 3, as for messages that we cannot read. */
    readonly failingIds: number
    /** Distinct devices that cannot read a message of ours, and each counts. Default 3: fewer than in `decrypt`, since none of them is one that a resend has settled. */
    readonly failingAddresses: number
    /** How long a message that was asked for again counts. Default 10 min, as in `decrypt`. */
    readonly windowMs: number
    /** They still cannot read this long after it was seen, in spite of new sessions: a person is told. Default 5 min, well within the window. */
    readonly escalateAfterMs: number
  }
  readonly resend: {
    /** Most messages of ours that are kept for being asked for again. Default 1,000; Baileys 7 itself keeps 512. */
    readonly maxMessages: number
    /** Most bytes that they take together. Default 1 MiB, about three thousand texts: a host of a thousand accounts spends 1 GB at most. */
    readonly maxBytes: number
    /** How long each is kept. Default 24 h: a phone that was off for the night asks in the morning. */
    readonly maxAgeMs: number
    /**
     * Where they are kept: in `memory`; in the account's `store`, so that they outlive the process, readable for whoever can read the store; or not at all (`off`).
     * Default `memory`.
     */
    readonly keep: 'memory' | 'store' | 'off'
  }
  readonly prune: {
    /** Whether a 440 leads to a prune: only together with decrypt evidence, always, or never. Default `with-evidence`. */
    readonly onConflict: 'with-evidence' | 'always' | 'never'
    /** So many 515 at login without an open in between count as persistent failure. Default 3. */
    readonly restartRequiredRun: number
    /** Between two prunes of one address. Default 1 h. */
    readonly addressCooldownMs: number
    /** Prunes of one address in 24 h. Default 3. */
    readonly addressPerDay: number
    /** Prunes of all sessions in 24 h. Default 1. */
    readonly allPerDay: number
    /** How long a prune is watched for its effect. Default 5 min. */
    readonly verifyMs: number
  }
  readonly conflict: {
    /** The one retry after a 440 comes between these two. Default 30 s. */
    readonly retryMinMs: number
    /** Default 60 s. */
    readonly retryMaxMs: number
    /** A second 440 within this time means that another client is really there. Default 10 min. */
    readonly windowMs: number
    /** How often a conflicted or blocked account looks whether things have changed. Default 1 h. */
    readonly probeMs: number
  }
  readonly pairing: {
    /** QR windows opened one after the other before resting until asked. Default 5. */
    readonly windows: number
  }
  readonly liveness: {
    /** No frame for this long, and the link is probed. Default 60 s: twice Baileys' keep-alive interval. */
    readonly silenceMs: number
    /** How long the answer to the probe may take. Default 10 s. */
    readonly probeTimeoutMs: number
    /** The wall clock ahead of the timers by this much means that the host slept. Default 60 s. */
    readonly sleepJumpMs: number
  }
  readonly notices: {
    /** Shorter outages are not told. Default 3 min. */
    readonly quietMs: number
  }
  readonly quarantine: {
    /** Days before what was set aside may be trimmed; creds never are. Default 30. */
    readonly keepDays: number
    /** Size above which the oldest is trimmed; creds never are. Default 256 MiB. */
    readonly maxBytes: number
  }
}

/** Deep partial of {@link Policy}, as options take it. */
export type PolicyOptions = {
  readonly [G in keyof Policy]?: { readonly [K in keyof Policy[G]]?: Policy[G][K] | undefined } | undefined
}

export const defaultPolicy: Policy = {
  reconnect: {
    initialMs: 2_000,
    factor: 1.8,
    maxMs: 30_000,
    fastAttempts: 12,
    slowMinMs: 300_000,
    slowMaxMs: 900_000,
    resetAfterMs: 60_000,
    connectTimeoutMs: 60_000,
    closeTimeoutMs: 5_000,
  },
  decrypt: {
    graceMs: 120_000,
    graceAfterUncleanMs: 15_000,
    failingIds: 3,
    failingAddresses: 5,
    windowMs: 600_000,
    escalateAfterMs: 600_000,
    stormAddresses: 5,
    stormMs: 30_000,
  },
  outbound: { graceMs: 30_000, failingIds: 3, failingAddresses: 3, windowMs: 600_000, escalateAfterMs: 300_000 },
  resend: { maxMessages: 1_000, maxBytes: 1024 * 1024, maxAgeMs: 86_400_000, keep: 'memory' },
  prune: {
    onConflict: 'with-evidence',
    restartRequiredRun: 3,
    addressCooldownMs: 3_600_000,
    addressPerDay: 3,
    allPerDay: 1,
    verifyMs: 300_000,
  },
  conflict: { retryMinMs: 30_000, retryMaxMs: 60_000, windowMs: 600_000, probeMs: 3_600_000 },
  pairing: { windows: 5 },
  liveness: { silenceMs: 60_000, probeTimeoutMs: 10_000, sleepJumpMs: 60_000 },
  notices: { quietMs: 180_000 },
  quarantine: { keepDays: 30, maxBytes: 256 * 1024 * 1024 },
}

/** What is wrong with an option: where it stands, what came, what is allowed. */
export interface PolicyIssue {
  /** Dotted path below `policy`, e.g. `reconnect.initialMs`. */
  readonly path: string
  readonly received: unknown
  readonly allowed: string
}

/** Longest delay that a timer of the platform keeps: 2^31-1 ms, about 24.8 days; a longer one fires at once. */
const longestMs = 2_147_483_647

type Bound =
  | { readonly kind: 'ms'; readonly min: number; readonly max: number }
  | { readonly kind: 'count'; readonly min: number; readonly max: number }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }

const ms = (min = 1, max = longestMs): Bound => ({ kind: 'ms', min, max })
const count = (min: number, max = 1_000_000): Bound => ({ kind: 'count', min, max })

const bounds: { readonly [G in keyof Policy]: { readonly [K in keyof Policy[G]]: Bound } } = {
  reconnect: {
    initialMs: ms(),
    factor: { kind: 'number', min: 1, max: 10 },
    maxMs: ms(),
    fastAttempts: count(0),
    slowMinMs: ms(),
    slowMaxMs: ms(),
    resetAfterMs: ms(),
    connectTimeoutMs: ms(),
    closeTimeoutMs: ms(),
  },
  decrypt: {
    graceMs: ms(0),
    graceAfterUncleanMs: ms(0),
    failingIds: count(1),
    failingAddresses: count(1),
    windowMs: ms(),
    escalateAfterMs: ms(),
    stormAddresses: count(1),
    stormMs: ms(),
  },
  outbound: { graceMs: ms(0), failingIds: count(1), failingAddresses: count(1), windowMs: ms(), escalateAfterMs: ms() },
  resend: {
    maxMessages: count(1),
    maxBytes: count(1, Number.MAX_SAFE_INTEGER),
    maxAgeMs: ms(),
    keep: { kind: 'choice', of: ['memory', 'store', 'off'] },
  },
  prune: {
    onConflict: { kind: 'choice', of: ['with-evidence', 'always', 'never'] },
    restartRequiredRun: count(1),
    addressCooldownMs: ms(0),
    addressPerDay: count(0),
    allPerDay: count(0),
    verifyMs: ms(),
  },
  conflict: { retryMinMs: ms(), retryMaxMs: ms(), windowMs: ms(), probeMs: ms() },
  pairing: { windows: count(1) },
  liveness: { silenceMs: ms(), probeTimeoutMs: ms(), sleepJumpMs: ms() },
  notices: { quietMs: ms(0) },
  quarantine: {
    keepDays: { kind: 'number', min: 0, max: 36_500 },
    maxBytes: { kind: 'count', min: 0, max: Number.MAX_SAFE_INTEGER },
  },
}

/** Pairs of options whose first may not exceed its second. */
const orders: readonly (readonly [string, string])[] = [
  ['reconnect.initialMs', 'reconnect.maxMs'],
  ['reconnect.slowMinMs', 'reconnect.slowMaxMs'],
  ['reconnect.maxMs', 'reconnect.slowMaxMs'],
  ['conflict.retryMinMs', 'conflict.retryMaxMs'],
  ['conflict.retryMaxMs', 'conflict.windowMs'],
  ['decrypt.graceAfterUncleanMs', 'decrypt.graceMs'],
  ['decrypt.stormMs', 'decrypt.windowMs'],
  ['outbound.graceMs', 'outbound.windowMs'],
  ['outbound.escalateAfterMs', 'outbound.windowMs'],
]

const describe = (bound: Bound): string => {
  if (bound.kind === 'choice') return `one of ${bound.of.join(', ')}`
  const range = `${bound.min} to ${bound.max}`
  if (bound.kind === 'number') return `a number, ${range}`
  return bound.kind === 'ms' ? `milliseconds, ${range}` : `a whole number, ${range}`
}

const fits = (bound: Bound, value: unknown): boolean => {
  if (bound.kind === 'choice') return typeof value === 'string' && bound.of.includes(value)
  if (typeof value !== 'number' || !Number.isFinite(value) || value < bound.min || value > bound.max) return false
  return bound.kind !== 'count' || Number.isInteger(value)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lays options over the defaults. Every issue is listed, not just the first; with issues the policy is not to be used. */
export function resolvePolicy(options: unknown = {}): {
  readonly policy: Policy
  readonly issues: readonly PolicyIssue[]
} {
  const issues: PolicyIssue[] = []
  const groups: Record<string, Record<string, unknown>> = {}
  for (const [group, defaults] of Object.entries(defaultPolicy)) groups[group] = { ...defaults }
  const allowedGroups = `an object with ${Object.keys(bounds).join(', ')}`
  if (!isRecord(options)) issues.push({ path: '', received: options, allowed: allowedGroups })
  else for (const [group, given] of Object.entries(options)) overlay(group, given, groups, issues, allowedGroups)

  const at = (path: string): unknown => {
    const [group = '', key = ''] = path.split('.')
    return groups[group]?.[key]
  }
  if (issues.length === 0)
    for (const [low, high] of orders)
      if (Number(at(low)) > Number(at(high)))
        issues.push({ path: low, received: at(low), allowed: `at most policy.${high}, which is ${at(high)}` })
  return { policy: groups as unknown as Policy, issues }
}

function overlay(
  group: string,
  given: unknown,
  groups: Record<string, Record<string, unknown>>,
  issues: PolicyIssue[],
  allowedGroups: string,
): void {
  const rules = Object.hasOwn(bounds, group) ? (bounds as Record<string, Record<string, Bound>>)[group] : undefined
  const target = groups[group]
  if (!rules || !target) {
    issues.push({ path: group, received: given, allowed: allowedGroups })
    return
  }
  if (given === undefined) return
  if (!isRecord(given)) {
    issues.push({ path: group, received: given, allowed: `an object with ${Object.keys(rules).join(', ')}` })
    return
  }
  for (const [key, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (!rule)
      issues.push({ path: `${group}.${key}`, received: value, allowed: `one of ${Object.keys(rules).join(', ')}` })
    else if (value === undefined) continue
    else if (!fits(rule, value)) issues.push({ path: `${group}.${key}`, received: value, allowed: describe(rule) })
    else target[key] = value
  }
}
