import type { CauseKind, CloseCause } from './cause.ts'
import type { Assessment } from './evidence.ts'
import type { Policy } from './policy.ts'

/** Why a linked account may not dial, or only rarely. Each has its row in the status table. */
export const blockReasons = [
  'temporary-ban',
  'locked',
  'banned',
  'outdated',
  'configuration',
  'disk',
  'store',
  'folder-gone',
  'not-owner',
] as const
/** Why an account is `blocked`. */
export type BlockReason = (typeof blockReasons)[number]

/** Why a code has to be shown. */
export const pairReasons = ['never-linked', 'logged-out', 'refused', 'restart-loop', 'creds-lost', 'asked'] as const
/** Why a code is needed. */
export type PairReason = (typeof pairReasons)[number]

/** While observing: the prune that there would have been. */
interface Withholding {
  readonly withheld?: { readonly scope: 'failing' | 'all'; readonly why: string }
}

/** What a close leads to. A sum type: each outcome has just the fields that it needs. */
export type Verdict = Withholding & Outcome

type Outcome =
  | {
      readonly next: 'reconnect'
      /** `backoff` and `confirm`, one more login with the same credentials, count as a retry. */
      readonly pace: 'immediate' | 'backoff' | 'conflict' | 'confirm'
      readonly why: string
    }
  | { readonly next: 'prune'; readonly scope: 'failing' | 'all'; readonly why: string }
  | { readonly next: 'conflicted'; readonly why: string }
  | { readonly next: 'block'; readonly reason: BlockReason; readonly holdMs?: number; readonly why: string }
  | { readonly next: 'pair'; readonly reason: PairReason; readonly why: string }
  | { readonly next: 'stop'; readonly why: string }

/** What went before the close, as far as it matters. */
export interface CloseHistory {
  /** 515 since the last open, this one not counted. */
  readonly restartRun: number
  /** 515 since the last stable health, this one not counted. */
  readonly restarts: number
  /** 401 and 516 since the last open, this one not counted. */
  readonly refusedRun: number
  /** Epoch milliseconds of earlier 440. */
  readonly conflicts: readonly number[]
  /** True if this connection was a rare look whether a conflict is over. */
  readonly conflictProbe: boolean
  /** What could not be read when the connection ended. */
  readonly evidence: Assessment
  /** What the budget allows now. */
  readonly canPrune: { readonly failing: boolean; readonly all: boolean }
}

type Row = (cause: CloseCause, history: CloseHistory, policy: Policy, now: number) => Verdict

const backOff =
  (why: string): Row =>
  () => ({ next: 'reconnect', pace: 'backoff', why })

const atOnce =
  (why: string): Row =>
  () => ({ next: 'reconnect', pace: 'immediate', why })

const block =
  (reason: BlockReason, why: string): Row =>
  () => ({ next: 'block', reason, why })

/** 515 is normal after pairing and costs nothing; only a run of it without an open counts as failure. */
const restartRequired: Row = (_cause, history, policy) => {
  const run = history.restartRun + 1
  const limit = policy.prune.restartRequiredRun
  if (run >= 2 * limit)
    return {
      next: 'pair',
      reason: 'restart-loop',
      why: `WhatsApp asked for a restart ${run} times in a row without letting us in, so these credentials seem dead`,
    }
  if (run === limit && history.canPrune.all)
    return {
      next: 'prune',
      scope: 'all',
      why: `WhatsApp asked for a restart ${run} times in a row without letting us in`,
    }
  if (run > limit || run === limit || history.restarts >= limit)
    return {
      next: 'reconnect',
      pace: 'backoff',
      why: 'WhatsApp keeps asking for a restart, so we slow down',
    }
  return {
    next: 'reconnect',
    pace: 'immediate',
    why: 'WhatsApp asked for a restart, as it does after pairing',
  }
}

/** 440: another connection with the same credentials. Never a reason to prune by itself. */
const replaced: Row = (_cause, history, policy, now) => {
  const onConflict = policy.prune.onConflict
  const evident = history.evidence.suspected || history.evidence.level !== 'fine'
  if (onConflict === 'with-evidence' && evident && history.canPrune.failing && history.evidence.curable.length > 0)
    return { next: 'prune', scope: 'failing', why: 'replaced by another connection while messages could not be read' }
  if (onConflict === 'always' && (evident ? history.canPrune.failing : history.canPrune.all))
    return {
      next: 'prune',
      scope: evident ? 'failing' : 'all',
      why: 'replaced by another connection, and the policy prunes on every conflict',
    }
  if (history.conflictProbe) return { next: 'conflicted', why: 'the other client is still there' }
  const again = history.conflicts.some((at) => now - at < policy.conflict.windowMs)
  if (again)
    return {
      next: 'conflicted',
      why: 'replaced a second time within the window: another client uses these credentials',
    }
  return {
    next: 'reconnect',
    pace: 'conflict',
    why: 'replaced by another connection once: one more try, after a pause',
  }
}

/**
 * 401 and 516 are believed when a second login with the same credentials is refused too. The first may speak of another
 * device, of one that is linked no more: Evolution API met a 401 right after the open, and the next login was let in
 * (issues 1816 and 2498).
 */
const confirmed =
  (reason: 'logged-out' | 'refused', once: string, again: string): Row =>
  (_cause, history) =>
    history.refusedRun === 0
      ? { next: 'reconnect', pace: 'confirm', why: `${once}: one more login shows whether that is so` }
      : { next: 'pair', reason, why: again }

/** 402: held as long as the server said, but never so short that a wrong figure makes us knock without a pause. */
const temporaryBan: Row = ({ expiresInMs }, _history, policy) => ({
  next: 'block',
  reason: 'temporary-ban',
  holdMs:
    expiresInMs !== undefined && expiresInMs > 0 && Number.isFinite(expiresInMs)
      ? Math.max(expiresInMs, policy.reconnect.maxMs)
      : policy.conflict.probeMs,
  why: 'WhatsApp banned the account for a time',
})

const rows: Readonly<Record<CauseKind, Row>> = {
  network: backOff('the network or the server cannot be reached'),
  portal: backOff('a proxy or portal stands between us and WhatsApp; this is no logout'),
  'link-lost': backOff('the link went silent'),
  'timed-out': backOff('WhatsApp did not answer in time'),
  closed: backOff('the connection was closed'),
  server: backOff('WhatsApp has trouble on its side'),
  clock: backOff("the server's certificate does not fit this host's clock"),
  protocol: backOff('the stream broke; session files are not the reason'),
  'restart-required': restartRequired,
  replaced,
  'logged-out': confirmed(
    'logged-out',
    'WhatsApp said once that this device is unlinked',
    'the phone or WhatsApp unlinked this device',
  ),
  refused: confirmed('refused', 'refused once', 'refused again: these credentials are no longer accepted'),
  'temporary-ban': temporaryBan,
  locked: block('locked', 'WhatsApp locked the account'),
  banned: block('banned', 'WhatsApp banned the account'),
  outdated: block('outdated', 'WhatsApp no longer accepts this client version'),
  configuration: block('configuration', 'WhatsApp refuses this client as it is configured'),
  'qr-window-over': backOff('a pairing window ran out'),
  'pairing-failed': backOff("the phone's answer to the code could not be verified"),
  intentional: () => ({ next: 'stop', why: 'logged out by this program' }),
  'connect-failed': backOff('the connect function did not give a socket'),
  'connect-timeout': backOff('the connection did not open in time'),
  stuck: backOff('messages come in and none gets through'),
  'store-silent': backOff('the store of the credentials does not answer'),
  quiet: backOff('no message came or went for longer than expected'),
  unanswered: backOff('nothing came back for what the account wrote to itself'),
  deaf: backOff('nothing arrives and the ping is not answered'),
  slept: atOnce('the host slept; the old link is dead'),
  asked: atOnce('asked to'),
  unknown: backOff('closed for a reason that no table knows'),
}

/**
 * What a close leads to, from its cause and what went before. Total: every cause has a row, and transport rows are
 * never terminal.
 */
export function verdict(cause: CloseCause, history: CloseHistory, policy: Policy, now: number): Verdict {
  return rows[cause.kind](cause, history, policy, now)
}
