import type { Delay } from './backoff.ts'
import { type Budget, emptyBudget } from './budget.ts'
import type { CauseKind, CloseCause } from './cause.ts'
import { type Assessment, allFine } from './evidence.ts'
import { nothingTried, type Tried } from './ladder.ts'
import { allHeard, type OutboundAssessment } from './outbound.ts'
import type { Policy } from './policy.ts'
import type { BlockReason, PairReason } from './verdict.ts'

/** Time and chance, handed in so that the machine reads neither by itself. */
export interface Env {
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number
  /** A number from 0 up to 1. */
  readonly random: () => number
}

/** The code that is shown. */
export interface Qr {
  /** What the picture holds. */
  readonly code: string
  /** Counts the codes since a code was first needed; each rotation has its own. */
  readonly number: number
  /** When WhatsApp replaces it, epoch milliseconds. */
  readonly expiresAt: number
  /** The eight characters for people without a camera, once asked for. */
  readonly pairingCode?: string
}

/** A number that scanned in place of the expected one. */
export interface Stranger {
  /** Its last three digits: enough for its owner to know it by. */
  readonly ending: string
  /**
   * `unlinking` while the device is being logged out again; `left` if that failed, so that the phone still lists it.
   */
  readonly link: 'unlinking' | 'unlinked' | 'left'
}

/** WhatsApp did not give the pairing code that was asked for. */
export interface CodeRefusal {
  /** What it answered: 400, 429 … */
  readonly code?: number
  /** How long it said to wait. */
  readonly waitMs?: number
}

/** A code was scanned, and WhatsApp did not let the new device in. */
export interface ShutOut {
  /** How often that was, since the account was linked last. */
  readonly scans: number
  /**
   * How the last one ended: `unfinished`, the server asked for one more step, such as a passkey; `refused`, the login
   * was; `unanswered`, it had no answer in time.
   */
  readonly how: 'unfinished' | 'refused' | 'unanswered'
}

/** A prune that is planned, under way, or watched for its effect. */
export interface Prune {
  /** Some sessions, or all. */
  readonly scope: 'failing' | 'all'
  /** Whose sessions; none with `all`. */
  readonly addresses: readonly string[]
  /** The reason, for people. */
  readonly why: string
  /** Where the files lie, once they were set aside. */
  readonly quarantine?: string
}

/** A connection that was open and ended, other than by a person's word. */
export interface Drop {
  /** Epoch milliseconds. */
  readonly at: number
  /** Why it ended, in one word. */
  readonly kind: CauseKind
}

/** The connection comes and goes, and a person was told or is about to be. */
export interface Instability {
  /** When it was found, epoch milliseconds. */
  readonly since: number
  /** What most of the closes were, as a person was told. */
  readonly kind: CauseKind
  /** Closes of an open connection within an hour, at the last of them. */
  readonly closes: number
}

/** The few facts that outlive the process, as `state.json` keeps them. */
export interface Facts {
  /** The version of this form. */
  readonly version: 1
  /** When they were saved, epoch milliseconds. */
  readonly savedAt: number
  /** As `Context.attempt`. */
  readonly attempt: number
  /** As `Context.restartRun`. */
  readonly restartRun: number
  /** What was set aside of late. */
  readonly budget: Budget
  /** When a 440 came, epoch milliseconds. */
  readonly conflicts: readonly number[]
  /** Until when nothing is tried, epoch milliseconds; absent if nothing holds. */
  readonly heldUntil?: number
  /** The last closes, newest last. */
  readonly closes: readonly { readonly at: number; readonly cause: CloseCause }[]
  /** Connections that were open and ended within the last hour; absent in facts of older versions. */
  readonly drops?: readonly Drop[]
  /** A person was told that the connection comes and goes. */
  readonly unstable?: Instability
  /** False while a run is under way: what the next start reads as an unclean end. */
  readonly clean: boolean
}

/** What the statechart remembers. */
export interface Context {
  /** The clock and chance that were handed in. */
  readonly env: Env
  /** The name of the account. */
  readonly account: string
  /** The number that may scan, digits only; undefined lets every number in. */
  readonly expectedNumber?: string | undefined
  /** `observe`: nothing is healed. */
  readonly mode: 'heal' | 'observe'
  /** All thresholds. */
  readonly policy: Policy
  /** Number of the newest socket; events of an older one change nothing. */
  readonly generation: number
  /** Retries charged since the last stable health. */
  readonly attempt: number
  /** The wait under way, and when it began, epoch milliseconds. */
  readonly delay?: (Delay & { readonly at: number }) | undefined
  /** The last run did not end cleanly, so damage is expected. */
  readonly afterUnclean: boolean
  /** The credentials have not been found good yet since supervision began. */
  readonly firstLook: boolean
  /** 515 since the last open. */
  readonly restartRun: number
  /** 515 since the last stable health. */
  readonly restarts: number
  /** 401 and 516 since the last open. */
  readonly refusedRun: number
  /** When a 440 came, epoch milliseconds. */
  readonly conflicts: readonly number[]
  /** This connection is a rare look whether a conflict is over. */
  readonly conflictProbe: boolean
  /** The last closes, newest last. */
  readonly closes: Facts['closes']
  /** When the connection of the moment opened; undefined if none is. */
  readonly openedAt?: number | undefined
  /** Connections that were open and ended within an hour. */
  readonly drops: readonly Drop[]
  /** A try was made because the server could be reached again, and no connection has opened since. */
  readonly cameBack: boolean
  /** The connection comes and goes. */
  readonly unstable?: Instability | undefined
  /** Who cannot be read, and how bad it is. */
  readonly evidence: Assessment
  /** Since when messages cannot be read, epoch milliseconds. */
  readonly degradedSince?: number | undefined
  /** Which rungs of the ladder were tried since the trouble began. */
  readonly tried: Tried
  /** Who cannot read what the account sends. */
  readonly outbound: OutboundAssessment
  /** What the live cure under way is for: devices that we cannot read, and devices that cannot read us. */
  readonly cure: { readonly unread: readonly string[]; readonly unheard: readonly string[] }
  /** Of those that cannot read us: when the live cure gave each a new session. */
  readonly renewed: Readonly<Record<string, number>>
  /** When a person was last told of each device that cannot read us. */
  readonly told: Readonly<Record<string, number>>
  /** What was set aside of late. */
  readonly budget: Budget
  /** The prune under way. */
  readonly prune?: Prune | undefined
  /** The prune whose effect is watched. */
  readonly verifying?:
    | (Prune & {
        readonly at: number
        /** The first open after the prune: from then on its effect can be seen. */
        readonly since?: number
        /** A message was read from where sessions were set aside: nothing else proves that it helped. */
        readonly proven?: boolean
      })
    | undefined
  /** While observing: the prune that there would be now. */
  readonly withheld?: Omit<Prune, 'quarantine'> | undefined
  /** Set once the ladder has no rung left: why. */
  readonly exhausted?: string | undefined
  /** When the ladder had no rung left, epoch milliseconds. */
  readonly exhaustedAt?: number | undefined
  /** What blocks the account. */
  readonly block?:
    | {
        readonly reason: BlockReason
        /** When the hold ends; undefined if only a person can end it. */
        readonly until?: number
        readonly holdMs?: number
        readonly detail?: string
        /** What to do about it, if the error says so. */
        readonly remediation?: string
        /** `not-owner`: nobody here can see whether the owner lives. */
        readonly unseen?: boolean
      }
    | undefined
  /** The pairing, under way or of before. */
  readonly pair: {
    readonly reason: PairReason
    /** Series of codes that ran out since a person was last there. */
    readonly windows: number
    readonly codes: number
    readonly resume: boolean
    /** A person wants the account's own credentials tried, although a scanned pairing may wait in the staging area. */
    readonly ownCreds?: boolean | undefined
    /** A person asked for the code. */
    readonly asked?: boolean | undefined
    readonly phone?: string | undefined
    /** May come before the code that it belongs to. */
    readonly pairingCode?: string | undefined
    readonly qr?: Qr | undefined
    /** The last pairing code that was asked for was refused. */
    readonly refusal?: CodeRefusal | undefined
    /** Kept until the account is linked. */
    readonly shutOut?: ShutOut | undefined
    /** Another number than the expected one scanned; kept until somebody scans again. */
    readonly stranger?: Stranger | undefined
  }
  /** Disk trouble that has not ended the connection: its message. */
  readonly disk?: string | undefined
  /** The account's own address and name, once it was connected. */
  readonly self?: { readonly id: string; readonly name?: string } | undefined
  /** When the present state was entered. */
  readonly since: number
  /** Why the last transition was taken that gives a reason; a new object for each. */
  readonly reason?: { readonly why: string } | undefined
}

/** What an actor of the statechart is started with. */
export interface Input {
  /** The clock and chance. */
  readonly env: Env
  /** The name of the account. */
  readonly account: string
  /** Digits only, with the country code. */
  readonly expectedNumber?: string | undefined
  /** `observe`: nothing is healed. Default `heal`. */
  readonly mode?: 'heal' | 'observe'
  /** All thresholds. Default `defaultPolicy`. */
  readonly policy: Policy
  /** What a run before has saved. */
  readonly facts?: Facts | undefined
  /**
   * The last run did not end cleanly. Default: as the facts say; without facts nobody can tell, so it counts as
   * unclean.
   */
  readonly afterUnclean?: boolean
  /** False if an earlier actor of this run has found the credentials good. Default true. */
  readonly firstLook?: boolean
  /** Generation of the last socket of an earlier actor, so that numbers never repeat within a process. */
  readonly generation?: number
}

const mostCloses = 20

export const noCure: Context['cure'] = { unread: [], unheard: [] }

/** Nobody is known who cannot read what the account sends. */
export const heard = {
  outbound: allHeard,
  cure: noCure,
  renewed: {},
  told: {},
} as const satisfies Partial<Context>

/**
 * Facts as the present clock can use them: one that was set back leaves moments in the future, which would last until
 * it has caught up.
 */
function factsAsOf(facts: Facts, now: number): Facts {
  const aheadMs = Math.max(0, facts.savedAt - now)
  const past = (times: readonly number[]) => times.map((time) => Math.min(time, now))
  return {
    ...facts,
    savedAt: Math.min(facts.savedAt, now),
    budget: {
      addresses: Object.fromEntries(
        Object.entries(facts.budget.addresses).map(([address, times]) => [address, past(times)]),
      ),
      all: past(facts.budget.all),
    },
    conflicts: past(facts.conflicts),
    ...(facts.drops === undefined
      ? {}
      : { drops: facts.drops.map((drop) => ({ ...drop, at: Math.min(drop.at, now) })) }),
    ...(facts.heldUntil === undefined ? {} : { heldUntil: facts.heldUntil - aheadMs }),
  }
}

export function initialContext(input: Input): Context {
  const { policy, env } = input
  const now = env.now()
  const facts = input.facts && factsAsOf(input.facts, now)
  // A restart soon after the last save goes on where the ladder stood; a later one is a new beginning.
  const recent = facts !== undefined && now - facts.savedAt < policy.reconnect.slowMaxMs
  return {
    env,
    account: input.account,
    ...(input.expectedNumber === undefined ? {} : { expectedNumber: input.expectedNumber }),
    mode: input.mode ?? 'heal',
    policy,
    generation: input.generation ?? 0,
    attempt: recent ? facts.attempt : 0,
    afterUnclean: input.afterUnclean ?? facts?.clean !== true,
    firstLook: input.firstLook ?? true,
    restartRun: recent ? facts.restartRun : 0,
    restarts: 0,
    refusedRun: 0,
    conflicts: facts?.conflicts ?? [],
    conflictProbe: false,
    closes: facts?.closes ?? [],
    drops: facts?.drops ?? [],
    cameBack: false,
    unstable: facts?.unstable,
    evidence: allFine,
    tried: nothingTried,
    ...heard,
    budget: facts?.budget ?? emptyBudget,
    ...(facts?.heldUntil !== undefined && facts.heldUntil > now
      ? { block: { reason: 'temporary-ban' as const, until: facts.heldUntil, holdMs: facts.heldUntil - now } }
      : {}),
    pair: { reason: 'never-linked', windows: 0, codes: 0, resume: false },
    since: now,
  }
}

/** What of the context outlives the process. */
export function factsOf(context: Context, clean = false): Facts {
  const { block } = context
  const { until, holdMs = 0 } = block ?? {}
  return {
    version: 1,
    savedAt: context.env.now(),
    attempt: context.attempt,
    restartRun: context.restartRun,
    budget: context.budget,
    conflicts: context.conflicts,
    // A clock that was set back does not make it longer.
    ...(block?.reason === 'temporary-ban' && until !== undefined
      ? { heldUntil: Math.min(until, context.env.now() + holdMs) }
      : {}),
    closes: context.closes.slice(-mostCloses),
    ...(context.drops.length === 0 ? {} : { drops: context.drops }),
    ...(context.unstable === undefined ? {} : { unstable: context.unstable }),
    clean,
  }
}

export { mostCloses }
