import { confirmDelay, conflictDelay, type Delay, immediate, nextDelay } from './backoff.ts'
import { affordable, affordsAll, dayMs, spend } from './budget.ts'
import type { CloseCause } from './cause.ts'
import { type Context, factsOf, heard, mostCloses, noCure, type Prune, type ShutOut } from './context.ts'
import type { AuthProblem, ConnectionEvent } from './events.ts'
import { type Assessment, allFine } from './evidence.ts'
import { nextRung, nothingTried, type Rung } from './ladder.ts'
import type { OutboundAssessment } from './outbound.ts'
import { endingOf, isSameNumber, numberIn } from './phone-number.ts'
import type { Pruned, PruneInput } from './services.ts'
import { dropped, stepsGrown } from './stability.ts'
import { type BlockReason, type CloseHistory, type Verdict, verdict } from './verdict.ts'

// Pure steps from one context to the next. The chart names them; each says what one occurrence means.

/** What the budget allows now. */
const budgeted = ({ policy, env, budget, evidence }: Context): CloseHistory['canPrune'] => ({
  failing: affordable(budget, evidence.curable, policy.prune, env.now()).length > 0,
  all: affordsAll(budget, policy.prune, env.now()),
})

/** What the table says of a close with this cause. */
function decide(context: Context, cause: CloseCause, canPrune = budgeted(context)): Verdict {
  const { policy, env, evidence } = context
  return verdict(
    cause,
    {
      restartRun: context.restartRun,
      restarts: context.restarts,
      refusedRun: context.refusedRun,
      conflicts: context.conflicts,
      conflictProbe: context.conflictProbe,
      evidence,
      canPrune,
    },
    policy,
    env.now(),
  )
}

/**
 * What a close with this cause leads to now. While observing it is what it leads to where nothing may be set aside: a
 * second client is met as one, whatever cannot be read.
 */
export function judge(context: Context, cause: CloseCause): Verdict {
  const decided = decide(context, cause)
  if (decided.next !== 'prune' || context.mode === 'heal') return decided
  const { scope, why } = decided
  const instead = decide(context, cause, { failing: false, all: false })
  return { ...instead, why: `${instead.why}; observing only, so no session is set aside`, withheld: { scope, why } }
}

/** Sets the wait before the next try. */
export function waitFor(context: Context, delay: Delay): Context['delay'] {
  return { ...delay, at: context.env.now() + delay.delayMs }
}

type Charged = Pick<Context, 'attempt'> & { delay: NonNullable<Context['delay']> }

/** Charges one attempt and draws its wait: a longer one where the connection comes and goes. */
export function charged(context: Context): Charged {
  const attempt = context.attempt + 1
  const { reconnect } = context.policy
  const step = Math.max(attempt, Math.min(reconnect.fastAttempts, attempt + stepsGrown(context)))
  const delay = nextDelay(step, reconnect, context.env.random())
  return { attempt, delay: { ...delay, at: context.env.now() + delay.delayMs } }
}

/** The same for the login that confirms a refusal; who is let in and refused again and again waits longer. */
function confirming(context: Context): Charged {
  const { policy, env } = context
  const attempt = context.attempt + 1
  const delay = confirmDelay(attempt + stepsGrown(context), policy.reconnect, env.random())
  return { attempt, delay: { ...delay, at: env.now() + delay.delayMs } }
}

/** WhatsApp does not know this device, or says so. */
const isRefusal = ({ kind }: CloseCause): boolean => kind === 'logged-out' || kind === 'refused'

/** What a close adds to the record, whatever it leads to. */
export function counted(context: Context, cause: CloseCause): Partial<Context> {
  const { env, policy } = context
  const now = env.now()
  return {
    closes: [...context.closes, { at: now, cause }].slice(-mostCloses),
    restartRun: context.restartRun + (cause.kind === 'restart-required' ? 1 : 0),
    restarts: context.restarts + (cause.kind === 'restart-required' ? 1 : 0),
    refusedRun: context.refusedRun + (isRefusal(cause) ? 1 : 0),
    conflicts:
      cause.kind === 'replaced'
        ? [...context.conflicts.filter((at) => now - at < policy.conflict.windowMs), now]
        : context.conflicts,
    conflictProbe: false,
  }
}

/** What is told of a close that holds the account back; of a client that is too old, its version. */
const detailOf = ({ kind, message, detail }: CloseCause): string =>
  kind === 'outdated' ? (detail ?? message) : message

/** Counts a close and does what its verdict asks for. */
export function closed(known: Context, cause: CloseCause, decided = judge(known, cause)): Partial<Context> {
  const drop = dropped(known, cause.kind)
  const context = { ...known, ...drop }
  const { withheld } = decided
  const withholding = withheld ? { withheld: planned(context, withheld.scope, withheld.why) } : {}
  const record = { ...counted(context, cause), ...drop, ...withholding }
  switch (decided.next) {
    case 'reconnect':
      return { ...record, ...paced(context, decided) }
    case 'prune':
      return { ...record, prune: planned(context, decided.scope, decided.why), delay: undefined }
    case 'block':
      return { ...record, block: blocked(context, decided.reason, decided.holdMs, detailOf(cause)) }
    case 'pair':
      return { ...record, pair: { ...context.pair, reason: decided.reason, resume: false } }
    default:
      return record
  }
}

function paced(context: Context, { pace }: Extract<Verdict, { next: 'reconnect' }>): Partial<Context> {
  if (pace === 'backoff' || (pace === 'immediate' && stepsGrown(context) > 0)) return charged(context)
  if (pace === 'confirm') return confirming(context)
  const delay = pace === 'conflict' ? conflictDelay(context.policy.conflict, context.env.random()) : immediate
  return { delay: waitFor(context, delay) }
}

/** What a prune of this scope would touch: the addresses that it can cure, within the budget. */
export function planned(context: Context, scope: 'failing' | 'all', why: string): NonNullable<Context['prune']> {
  const { budget, policy, env, evidence } = context
  const addresses = scope === 'all' ? [] : affordable(budget, evidence.curable, policy.prune, env.now())
  return { scope, addresses, why }
}

/** How long a client that is too old waits: longer with each 405 in a row, as the record of closes has them. */
function outdatedHold({ closes, policy, env }: Context): number {
  const { outdated, conflict } = policy
  // The look before cannot be longer ago than the longest wait, and a connection that did not come about.
  const recent = (at: number) => env.now() - at < 2 * Math.max(conflict.probeMs, outdated.thirdMs)
  const before = closes.findLastIndex(({ at, cause }) => cause.kind !== 'outdated' || !recent(at))
  const run = closes.length - 1 - before
  return [outdated.firstMs, outdated.secondMs, outdated.thirdMs][run] ?? conflict.probeMs
}

/** Blocks the account. Each reason has its own time; undefined means that a person has to act. */
export function blocked(
  context: Context,
  reason: BlockReason,
  holdMs: number | undefined,
  detail?: string,
): NonNullable<Context['block']> {
  const { conflict, reconnect } = context.policy
  const holds: Readonly<Record<BlockReason, number | undefined>> = {
    'temporary-ban': holdMs ?? conflict.probeMs,
    locked: undefined,
    banned: undefined,
    outdated: outdatedHold(context),
    configuration: conflict.probeMs,
    disk: reconnect.maxMs,
    store: reconnect.maxMs,
    'folder-gone': reconnect.maxMs,
    'not-owner': holdMs ?? conflict.retryMaxMs,
  }
  const hold = holds[reason]
  return {
    reason,
    ...(hold === undefined ? {} : { until: context.env.now() + hold, holdMs: hold }),
    ...(detail === undefined ? {} : { detail }),
  }
}

/**
 * Blocks the account for what keeps the credentials from being used: until the moment that it names, if it names one.
 */
export function blockedByProblem(
  context: Context,
  reason: BlockReason,
  problem?: AuthProblem,
): NonNullable<Context['block']> {
  const { freeAt, message, remediation } = problem ?? {}
  const advised = remediation === undefined ? {} : { remediation }
  if (freeAt === undefined) return { ...blocked(context, reason, undefined, message), ...advised }
  return { ...blocked(context, reason, Math.max(0, freeAt - context.env.now()), message), unseen: true }
}

/** The next rung for the evidence at hand. */
const nextOf = (context: Context): Rung =>
  nextRung(context.evidence, context.tried, context.budget, context.policy.prune, context.env.now())

/** {@link nextOf}; in observe mode there is none to climb, and it is said which one it would be. */
export function rung(context: Context): Rung {
  const next = nextOf(context)
  if (context.mode === 'heal' || next.rung === 'exhausted') return next
  const sessions = next.rung === 'all' ? 'all sessions' : sessionsOf(next.addresses.length)
  return { rung: 'exhausted', why: `observing only: ${sessions} would be set aside now` }
}

const sessionsOf = (count: number): string => (count === 1 ? '1 session' : `${count} sessions`)

/** Climbs to the next rung that sets sessions aside. */
export function climbed(context: Context): Partial<Context> {
  const why =
    context.evidence.level === 'storm'
      ? 'messages of many contacts cannot be read and none succeeds'
      : 'messages stay unreadable in spite of the live cure'
  const wanted = nextOf(context)
  const prune = wanted.rung === 'exhausted' ? undefined : pruneOn(wanted, why)
  const next = rung(context)
  if (next.rung === 'exhausted') return { exhausted: next.why, exhaustedAt: context.env.now(), withheld: prune }
  return { prune }
}

const pruneOn = (rung: Exclude<Rung, { rung: 'exhausted' }>, why: string): Prune => ({
  scope: rung.rung,
  addresses: rung.rung === 'all' ? [] : rung.addresses,
  why,
})

/** What is to be set aside; nothing, if nobody planned it. */
const planOf = ({ prune }: Context): Prune => prune ?? { scope: 'failing', addresses: [], why: 'nothing was planned' }

/** Charges the budget before any file is moved. */
export function spent(context: Context): Partial<Context> {
  const { budget, policy, env, tried } = context
  const prune = planOf(context)
  return {
    budget: spend(budget, prune.scope, prune.addresses, policy.prune, env.now()),
    tried: { ...tried, [prune.scope]: true },
    openedAt: undefined,
  }
}

/** The files are in the quarantine: what was held against their addresses is settled, and the effect is watched. */
export function afterPrune(context: Context, { addresses: moved, quarantine }: Pruned): Partial<Context> {
  const { evidence, env } = context
  const prune = planOf(context)
  const gone = new Set(prune.addresses)
  const left = (addresses: readonly string[]) =>
    prune.scope === 'all' ? [] : addresses.filter((address) => !gone.has(address))
  const addresses = left(evidence.addresses)
  return {
    prune: undefined,
    verifying: {
      ...prune,
      ...(quarantine === undefined ? {} : { quarantine }),
      addresses: moved,
      at: env.now(),
    },
    ...(addresses.length === 0
      ? { evidence: allFine, degradedSince: undefined }
      : { evidence: { ...evidence, addresses, curable: left(evidence.curable) } }),
  }
}

/** What the prune service is given: what to set aside, and the facts with the budget already charged. */
export function pruneInput(context: Context): PruneInput {
  const { scope, addresses, why } = planOf(context)
  return { scope, addresses, why, facts: factsOf(context) }
}

/**
 * New evidence; notes since when things are not fine. Where the account is degraded for another reason too, what was
 * tried for this one is over.
 */
export function weighed(context: Context, evidence: Assessment): Partial<Context> {
  const fine = evidence.level === 'fine'
  return {
    evidence,
    degradedSince: fine ? undefined : (context.degradedSince ?? context.env.now()),
    ...(fine && context.outbound.level !== 'fine' ? relieved({ ...context, evidence }) : {}),
  }
}

/** News of who cannot read us. A device that could read again meanwhile is cured afresh when it fails once more. */
export function weighedOutbound({ renewed }: Context, outbound: OutboundAssessment): Partial<Context> {
  const failing = new Set(outbound.addresses)
  return { outbound, renewed: Object.fromEntries(Object.entries(renewed).filter(([address]) => failing.has(address))) }
}

/** The devices that cannot read us and have had no new session yet. */
export const unrenewed = ({ outbound, renewed }: Context): readonly string[] =>
  outbound.addresses.filter((address) => !Object.hasOwn(renewed, address))

/**
 * What the live cure would be for now. It is tried once for devices that we cannot read, and once for each that cannot
 * read us.
 */
export const cureFor = (context: Context): Context['cure'] => ({
  unread: context.evidence.level === 'fine' || context.tried.live ? [] : context.evidence.addresses,
  unheard: unrenewed(context),
})

/** The live cure has ended, well or not. Who could read again before its end is cured afresh if that does not last. */
export function cured({ cure, env, tried, renewed, outbound }: Context): Partial<Context> {
  const now = env.now()
  const failing = cure.unheard.filter((address) => outbound.addresses.includes(address))
  return {
    cure: noCure,
    tried: { ...tried, live: tried.live || cure.unread.length > 0 },
    renewed: { ...renewed, ...Object.fromEntries(failing.map((address) => [address, now])) },
  }
}

/** The devices that cannot read us although they had a new session, and of which no person was told today. */
export function untold({ outbound, renewed, told, env }: Context): readonly string[] {
  const now = env.now()
  const isTold = (address: string) => Object.hasOwn(told, address) && now - (told[address] ?? now) < dayMs
  return outbound.addresses.filter((address) => Object.hasOwn(renewed, address) && !isTold(address))
}

/** A person is told of them; what was told more than a day ago is forgotten. */
export function withTold(context: Context): Partial<Context> {
  const now = context.env.now()
  const recent = Object.entries(context.told).filter(([, at]) => now - at < dayMs)
  return { told: Object.fromEntries([...recent, ...untold(context).map((address) => [address, now])]) }
}

/**
 * What is known of an account with new credentials. The budget stays: it guards against loops, whatever their reason.
 */
export const newlyLinked = {
  restartRun: 0,
  restarts: 0,
  refusedRun: 0,
  conflicts: [],
  conflictProbe: false,
  evidence: allFine,
  degradedSince: undefined,
  verifying: undefined,
  withheld: undefined,
  exhausted: undefined,
  tried: nothingTried,
  ...heard,
} as const satisfies Partial<Context>

/** Readable again: the ladder starts from its first rung next time, unless a prune is still being watched. */
export function relieved(context: Context): Partial<Context> {
  if (context.evidence.level !== 'fine') return {}
  return { exhausted: undefined, withheld: undefined, ...(context.verifying ? {} : { tried: nothingTried }) }
}

/** The prune helped: it is watched no longer, and the next failure starts at the first rung. */
export function settled(context: Context): Partial<Context> {
  return { ...relieved({ ...context, verifying: undefined }), verifying: undefined }
}

/**
 * One more scan that did not let the device in; a login that has no answer again and again is one and the same scan.
 */
export function shutOut({ pair }: Context, how: ShutOut['how']): ShutOut {
  const { scans = 0, how: before } = pair.shutOut ?? {}
  return { scans: how === 'unanswered' && before === how ? scans : scans + 1, how }
}

/**
 * The number of a device that opened, if it is another one than the expected. A device that names no number is not
 * judged.
 */
export function strangerIn({ expectedNumber }: Context, event: ConnectionEvent): string | undefined {
  if (event.type !== 'socket.open' || expectedNumber === undefined || !event.self) return undefined
  const number = numberIn(event.self.id)
  return number === undefined || isSameNumber(number, expectedNumber) ? undefined : number
}

/**
 * Another number scanned: its pairing is not gone on with, and it has used a window up, so that it cannot go on for
 * ever.
 */
export function strangerScanned({ pair }: Context, number = ''): Partial<Context> {
  const stranger = { ending: endingOf(number), link: 'unlinking' } as const
  const pairing = { ...pair, resume: false, phone: undefined, windows: pair.windows + 1, stranger }
  return { restartRun: 0, refusedRun: 0, pair: pairing }
}
