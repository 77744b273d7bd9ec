export { conflictDelay, type Delay, nextDelay } from './backoff.ts'
export { affordable, affordsAll, type Budget, emptyBudget, spend } from './budget.ts'
export { type CauseKind, type CloseCause, causeKinds } from './cause.ts'
export { causeSaid } from './cause-words.ts'
export { connectionMachine } from './connection.ts'
export {
  type CodeRefusal,
  type Context,
  type Drop,
  type Env,
  type Facts,
  factsOf,
  type Input,
  type Instability,
  type Prune,
  type Qr,
  type ShutOut,
  type Stranger,
} from './context.ts'
export { type DecryptFailure, type DecryptReason, decryptReasons } from './decrypt.ts'
export type { AuthProblem, Command, ConnectionEvent, SocketEvent, WatchEvent } from './events.ts'
export * from './evidence.ts'
export { nextRung, nothingTried, type Rung, type Tried } from './ladder.ts'
export {
  type Claimant,
  claimed,
  closesAt,
  countedFrom,
  holds,
  isClaimable,
  type LeaseRow,
  type LeaseTerms,
  neverClaimed,
  released,
  renewed,
} from './lease.ts'
export { type NoticeKind, noticeKinds } from './notice.ts'
export {
  allHeard,
  asked,
  assessOutbound,
  linkDown,
  linkUp,
  noOutbound,
  type Outbound,
  type OutboundAssessment,
  outboundAsOf,
  type Reached,
  type RetriesAsked,
  type RetryAsked,
  reached,
  reassessOutboundAt,
} from './outbound.ts'
export { endingOf, isSameNumber, numberIn } from './phone-number.ts'
export { defaultPolicy, type Policy, type PolicyIssue, type PolicyOptions, resolvePolicy } from './policy.ts'
export { type PruneRefusal, pruneRefusal } from './prune-refusal.ts'
export { byMethod, type Remedy, type RemedyWords, remedies, saidBy } from './remedies.ts'
export { isLinkable, newLinkHelps } from './rest.ts'
export type { HealInput, OpenInput, Prepared, PrepareInput, Pruned, PruneInput } from './services.ts'
export { recentDrops } from './stability.ts'
export {
  type StateName,
  type Status,
  stateNameOf,
  stateNames,
  statusOf,
  type UserAction,
  unstableSaid,
  userActions,
} from './status.ts'
export { type ChoiceThreshold, type NumberThreshold, type Threshold, thresholds } from './thresholds.ts'
export { unheardSaid } from './unheard.ts'
export {
  type BlockReason,
  blockReasons,
  type CloseHistory,
  type PairReason,
  pairReasons,
  type Verdict,
  verdict,
} from './verdict.ts'
