import { assertEvent, assign, raise, setup } from 'xstate'
import { immediate } from './backoff.ts'
import { affordable } from './budget.ts'
import type { CauseKind, CloseCause } from './cause.ts'
import type { Context, Input, ShutOut, Stranger } from './context.ts'
import type { ConnectionEvent, JudgedClose } from './events.ts'
import type { NoticeKind } from './notice.ts'
import { pruneRefusal } from './prune-refusal.ts'
import { reachOf } from './reach.ts'
import { showsUnasked, windowsLeft } from './rest.ts'
import { type Prepared, type Pruned, problemOf, services } from './services.ts'
import { calmIn, instabilityNews } from './stability.ts'
import * as update from './updates.ts'
import type { BlockReason, PairReason, Verdict } from './verdict.ts'
import * as wait from './waits.ts'

/** The statechart asks only about what it has just handled, so another event here is a mistake in the chart. */
const judgedOf = (event: ConnectionEvent): JudgedClose => {
  assertEvent(event, 'close.judged')
  return event
}
const causeOf = (event: ConnectionEvent): CloseCause => judgedOf(event).cause

const ownCause = (kind: CauseKind, message: string): CloseCause => ({ kind, message })

const isOf = (context: Context, event: ConnectionEvent): boolean =>
  !('generation' in event) || event.generation === context.generation

/** Outputs and errors of services arrive in events that carry them untyped. */
const outputOf = <T>(event: ConnectionEvent): T => (event as { readonly output?: unknown }).output as T
const errorOf = (event: ConnectionEvent): unknown => (event as { readonly error?: unknown }).error
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300)

const isWell = (context: Context, event: ConnectionEvent): boolean =>
  (event.type === 'evidence.changed' ? event.evidence : context.evidence).level === 'fine' &&
  (event.type === 'outbound.changed' ? event.outbound : context.outbound).level === 'fine'

/** The next rung may be taken: none is being watched for its effect, and the ladder has not come to its end. */
const isClimbable = ({ verifying, exhausted }: Context): boolean => verifying === undefined && exhausted === undefined

/** A close counts if it comes from the newest socket. */
export const judgedOnce = { guard: 'current', actions: 'judgeClose' } as const

/** A person asked to dial again: recorded, so that the status says so. */
export const noteAsked = { type: 'noteOwnClose', params: { kind: 'asked', message: 'asked to reconnect' } } as const

/** Names and types of everything that the statechart in `connection.ts` refers to. */
export const connection = setup({
  types: {
    context: {} as Context,
    events: {} as ConnectionEvent,
    input: {} as Input,
    tags: {} as 'person' | 'waiting' | 'working' | 'open' | 'closing',
  },
  actors: services,
  guards: {
    /** The event comes from the newest socket. */
    current: ({ context, event }) => isOf(context, event),
    verdictIs: ({ event }, { next }: { next: Verdict['next'] }) => judgedOf(event).verdict.next === next,
    causeIs: ({ event }, { kinds }: { kinds: readonly CauseKind[] }) => kinds.includes(causeOf(event).kind),
    problemIs: ({ context, event }, { kind }: { kind: 'disk' | 'not-owner' | 'creds' }) =>
      isOf(context, event) &&
      (event.type === 'auth.failed' ? event.problem.kind : problemOf(errorOf(event))?.kind) === kind,
    linkIs: ({ event }, { link }: { link: Prepared['link'] }) => outputOf<Prepared>(event).link === link,
    /** We can read what comes, and what we send can be read. */
    isFine: ({ context, event }) => isWell(context, event),
    isFailing: ({ context, event }) => !isWell(context, event),
    /**
     * A storm that setting sessions aside can cure, and no prune is being watched: while one is, its effect is awaited
     * first. Where none may be set aside, the live cure gets its time: it is all that is left.
     */
    stormUnwatched: ({ context }) =>
      isClimbable(context) &&
      context.evidence.level === 'storm' &&
      context.evidence.curable.length > 0 &&
      (update.rung(context).rung !== 'exhausted' || (context.mode === 'observe' && context.tried.live)),
    unwatched: ({ context }) => isClimbable(context) && context.evidence.level !== 'fine',
    isExhausted: ({ context }) => context.exhausted !== undefined,
    isRelieved: ({ context }) => context.exhausted === undefined,
    /** The live cure has not been tried for some of what fails now. */
    cureLeft: ({ context }) => {
      const { unread, unheard } = update.cureFor(context)
      return unread.length + unheard.length > 0
    },
    renewalLeft: ({ context }) => update.unrenewed(context).length > 0,
    untold: ({ context }) => update.untold(context).length > 0,
    provenAndFine: ({ context }) => context.verifying?.proven === true && context.evidence.level === 'fine',
    unprovenAndFine: ({ context }) => context.verifying !== undefined && context.evidence.level === 'fine',
    rungLeft: ({ context }) => update.rung(context).rung !== 'exhausted',
    pruneAffordable: ({ context, event }) => event.type === 'prune' && pruneRefusal(context, event.scope) === undefined,
    verifying: ({ context }) => context.verifying !== undefined,
    /** A ban from before the restart still lasts. Other holds are looks after a pause: their timer alone ends them. */
    banLasts: ({ context }) =>
      context.block?.reason === 'temporary-ban' &&
      context.block.until !== undefined &&
      context.block.until > context.env.now(),
    /** A ban lasts longer than the timer that has just run out. */
    banOutlastsTimer: ({ context }) => wait.restOfBan(context) !== undefined,
    /** Another client has been met lately, or is being looked for. */
    contested: ({ context }) => context.conflictProbe || context.conflicts.length > 0,
    /** The connection comes and goes, or does so for another reason, and nobody was told yet. */
    instabilityUntold: ({ context }) => instabilityNews(context) !== undefined,
    unstable: ({ context }) => context.unstable !== undefined,
    /** The wait is for a server that may be out of reach. */
    networkAwaited: ({ context }) => reachOf(context) !== 'no-matter',
    needsPerson: ({ context }) => context.block !== undefined && context.block.until === undefined,
    /** A code may be shown now: windows are left, and observing does not put a new identity over an old one. */
    mayShowCode: ({ context }) => windowsLeft(context) && showsUnasked(context),
    windowsLeft: ({ context }) => windowsLeft(context),
    codeAsked: ({ context }) => context.pair.asked === true,
    scanned: ({ context }) => context.pair.resume,
    /** The device that opened was linked by another number than the expected one. */
    wrongNumber: ({ context, event }) => isOf(context, event) && update.strangerIn(context, event) !== undefined,
    restartOfPairing: ({ context, event }) =>
      causeOf(event).kind === 'restart-required' &&
      context.pair.resume &&
      context.restartRun < context.policy.prune.restartRequiredRun,
    /** WhatsApp does not know the identity that is being paired: it makes a new one sooner than it asks again. */
    identityRefused: ({ event }) =>
      judgedOf(event).verdict.next === 'pair' || ['logged-out', 'refused'].includes(causeOf(event).kind),
    scannedAndRefused: ({ context, event }) =>
      context.pair.resume &&
      (judgedOf(event).verdict.next === 'pair' || ['logged-out', 'refused'].includes(causeOf(event).kind)),
    oldCredsMayWork: ({ context }) => context.pair.reason === 'restart-loop' || context.pair.reason === 'asked',
  },
  delays: {
    connectTimeout: ({ context }) => context.policy.reconnect.connectTimeoutMs,
    closeAgain: ({ context }) => context.policy.reconnect.closeTimeoutMs,
    retry: ({ context }) => wait.retryIn(context),
    resetAfter: ({ context }) => context.policy.reconnect.resetAfterMs,
    calm: ({ context }) => calmIn(context),
    escalate: ({ context }) => wait.escalateIn(context),
    verify: ({ context }) => wait.verifyIn(context),
    tell: ({ context }) => wait.tellIn(context),
    nextDay: ({ context }) => wait.nextDayIn(context),
    conflictOver: ({ context }) => context.policy.conflict.windowMs,
    conflictProbe: ({ context }) => wait.conflictProbeIn(context),
    hold: ({ context }) => wait.holdIn(context),
  },
  actions: {
    /** Provided by the host: a notice to the owner. The desk behind it knows quiet times. */
    notify: (_, _params: { kind: NoticeKind }) => undefined,
    /** Provided by the host: keeps the few facts that outlive the process. */
    saveFacts: () => undefined,
    enter: assign(({ context }) => ({ since: context.env.now() })),
    /** Decides what a close leads to, once. The transitions of `close.judged` read the verdict off that event. */
    judgeClose: raise(({ context, event }: { context: Context; event: ConnectionEvent }) => {
      assertEvent(event, ['socket.close', 'liveness.lost'])
      const { type, cause } = event
      return { type: 'close.judged', of: type, cause, verdict: update.judge(context, cause) } as const
    }),
    /** See `reasons.ts`. */
    because: assign((_, { why }: { why: string }) => ({ reason: { why } })),
    /** The verdict says more than the transition that it leads to. */
    noteClose: assign(({ context, event }) => {
      const { cause, verdict } = judgedOf(event)
      return { ...update.closed(context, cause, verdict), reason: { why: verdict.why } }
    }),
    countClose: assign(({ context, event }) => update.counted(context, causeOf(event))),
    /** A close while pairing: counted, and its wait drawn, whatever the verdict would be for a linked account. */
    chargeClose: assign(({ context, event }) => ({
      ...update.counted(context, causeOf(event)),
      ...update.charged(context),
      // What is said of an identity that was being paired says nothing of the account's own credentials.
      refusedRun: context.refusedRun,
    })),
    /** The same, and the verdict says more than the transition. */
    chargeJudged: assign(({ context, event }) => ({
      ...update.counted(context, causeOf(event)),
      ...update.charged(context),
      refusedRun: context.refusedRun,
      reason: { why: judgedOf(event).verdict.why },
    })),
    noteOwnClose: assign(({ context }, { kind, message }: { kind: CauseKind; message: string }) =>
      update.closed(context, ownCause(kind, message)),
    ),
    noteError: assign(({ context, event }) =>
      update.closed(context, ownCause('connect-failed', messageOf(errorOf(event)))),
    ),
    notePruneError: assign(({ context, event }) => ({
      ...update.closed(
        context,
        ownCause('unknown', `the sessions could not be set aside: ${messageOf(errorOf(event))}`.slice(0, 200)),
      ),
      prune: undefined,
    })),
    /** A person starts supervision: what an earlier run waited for is over, but for a ban. */
    begin: assign(({ context }) => ({
      block: context.block?.reason === 'temporary-ban' ? context.block : undefined,
      delay: undefined,
      conflictProbe: false,
      pair: {
        ...context.pair,
        windows: 0,
        asked: false,
        ownCreds: false,
        phone: undefined,
        pairingCode: undefined,
        qr: undefined,
        refusal: undefined,
        stranger: undefined,
      },
    })),
    atOnce: assign(({ context }) => ({ delay: update.waitFor(context, immediate), attempt: 0 })),
    noteBack: assign({ cameBack: true }),
    nextGeneration: assign(({ context }) => ({ generation: context.generation + 1, openedAt: undefined })),
    noteOpen: assign(({ context, event }) => {
      assertEvent(event, 'socket.open')
      return {
        restartRun: 0,
        refusedRun: 0,
        block: undefined,
        delay: undefined,
        openedAt: context.env.now(),
        cameBack: false,
        pair: { ...context.pair, windows: 0 },
        verifying: context.verifying && { ...context.verifying, since: context.verifying.since ?? context.env.now() },
        self: event.self ?? context.self,
      }
    }),
    noteInstability: assign(({ context }) => ({ unstable: instabilityNews(context) ?? context.unstable })),
    noteStability: assign({ unstable: undefined }),
    resetLadder: assign({ attempt: 0, restarts: 0 }),
    weigh: assign(({ context, event }) => {
      assertEvent(event, 'evidence.changed')
      return update.weighed(context, event.evidence)
    }),
    weighOutbound: assign(({ context, event }) => {
      assertEvent(event, 'outbound.changed')
      return update.weighedOutbound(context, event.outbound)
    }),
    planCure: assign(({ context }) => ({ cure: update.cureFor(context) })),
    noteTold: assign(({ context }) => update.withTold(context)),
    relieve: assign(({ context }) => update.relieved(context)),
    noteLive: assign(({ context }) => update.cured(context)),
    climb: assign(({ context }) => update.climbed(context)),
    startNewDay: assign({ exhausted: undefined, tried: { live: true, failing: false, all: false } }),
    climbAgain: assign(({ context }) => ({
      exhausted: undefined,
      degradedSince: context.env.now(),
      tried: { ...context.tried, live: false },
    })),
    endConflictProbe: assign({ conflictProbe: false, conflicts: [] }),
    askedPrune: assign(({ context, event }) => {
      assertEvent(event, 'prune')
      const planned = update.planned(context, event.scope, 'asked to')
      const { budget, policy, env, evidence } = context
      return {
        prune:
          event.scope === 'all'
            ? planned
            : { ...planned, addresses: affordable(budget, evidence.addresses, policy.prune, env.now()) },
      }
    }),
    spend: assign(({ context }) => update.spent(context)),
    notePruned: assign(({ context, event }) => {
      const result = outputOf<Pruned>(event)
      return { delay: update.waitFor(context, immediate), ...update.afterPrune(context, result) }
    }),
    noteProven: assign(({ context }) => ({ verifying: context.verifying && { ...context.verifying, proven: true } })),
    settle: assign(({ context }) => update.settled(context)),
    stopVerifying: assign({ verifying: undefined }),
    block: assign(({ context, event }, { reason }: { reason: BlockReason }) => {
      const problem = event.type === 'auth.failed' ? event.problem : problemOf(errorOf(event))
      const real = problem?.gone ? 'folder-gone' : problem?.other ? 'store' : reason
      return {
        block: update.blockedByProblem(context, real, problem),
        // The transition speaks of the disk, which is well.
        ...(real === 'store' ? { reason: { why: 'The store of the credentials failed.' } } : {}),
      }
    }),
    unblock: assign({ block: undefined }),
    extendBan: assign(({ context }) => ({ block: wait.restOfBan(context) })),
    beginConflictProbe: assign({ conflictProbe: true }),
    forgetConflicts: assign({ conflicts: [] }),
    notePrepared: assign(({ context, event }) => {
      const prepared = outputOf<Prepared>(event)
      return prepared.link !== 'linked'
        ? { pair: { ...context.pair, reason: prepared.reason, resume: prepared.link === 'staged' } }
        : {}
    }),
    wantCode: assign(({ context }, { reason }: { reason: PairReason }) => ({
      pair: {
        ...context.pair,
        reason,
        windows: 0,
        resume: false,
        asked: true,
        qr: undefined,
        refusal: undefined,
        stranger: undefined,
      },
    })),
    /** A person asked for a code at a moment when none can be shown. */
    rememberCode: assign(({ context }) => ({ pair: { ...context.pair, asked: true } })),
    rememberPhone: assign(({ context, event }) => {
      assertEvent(event, 'pairing.request')
      return { pair: { ...context.pair, phone: event.phone } }
    }),
    /** The credentials are good: no phone is asked for a code, today or whenever they die. */
    noteLinked: assign(({ context }) => ({ firstLook: false, pair: { ...context.pair, phone: undefined } })),
    forgetOwnCreds: assign(({ context }) => ({ pair: { ...context.pair, ownCreds: false } })),
    retryOwnCreds: assign(({ context }) => ({ pair: { ...context.pair, asked: false, phone: undefined } })),
    /** From a code back to the account's own credentials, even if a scanned pairing that never opened waits. */
    returnToOwnCreds: assign(({ context }) => ({
      pair: { ...context.pair, windows: 0, asked: false, ownCreds: true, phone: undefined, stranger: undefined },
    })),
    askAgain: assign(({ context, event }) => ({
      pair: {
        ...context.pair,
        windows: 0,
        asked: true,
        refusal: undefined,
        ...(event.type === 'pairing.request' ? { phone: event.phone } : {}),
      },
    })),
    showQr: assign(({ context, event }) => {
      assertEvent(event, 'socket.qr')
      const number = context.pair.codes + 1
      const { pairingCode } = context.pair
      const qr = { code: event.code, number, expiresAt: event.expiresAt }
      return { pair: { ...context.pair, codes: number, qr: pairingCode === undefined ? qr : { ...qr, pairingCode } } }
    }),
    showPairingCode: assign(({ context, event }) => {
      assertEvent(event, 'socket.pairingCode')
      const { qr, refusal } = context.pair
      if (refusal !== undefined) return {}
      const pairingCode = event.code
      return { pair: { ...context.pair, pairingCode, ...(qr ? { qr: { ...qr, pairingCode } } : {}) } }
    }),
    /** The code that was refused is of no use to anybody; no other one is asked for by itself. */
    noteCodeRefused: assign(({ context, event }) => {
      assertEvent(event, 'socket.codeRefused')
      const { type: _type, generation: _generation, ...refusal } = event
      const { pairingCode: _code, ...qr } = context.pair.qr ?? {}
      return {
        pair: {
          ...context.pair,
          phone: undefined,
          pairingCode: undefined,
          qr: context.pair.qr && (qr as typeof context.pair.qr),
          refusal,
        },
      }
    }),
    noteShutOut: assign(({ context }, { how }: { how: ShutOut['how'] }) => ({
      pair: { ...context.pair, shutOut: update.shutOut(context, how) },
    })),
    notePaired: assign(({ context }) => ({
      restartRun: 0,
      pair: { ...context.pair, resume: true, qr: undefined, refusal: undefined, stranger: undefined },
    })),
    noteStranger: assign(({ context, event }) => update.strangerScanned(context, update.strangerIn(context, event))),
    noteUnlinked: assign(({ context }, { link }: { link: Stranger['link'] }) => ({
      pair: { ...context.pair, stranger: context.pair.stranger && { ...context.pair.stranger, link } },
    })),
    windowOver: assign(({ context }) => ({
      pair: { ...context.pair, windows: context.pair.windows + 1, resume: false, phone: undefined },
    })),
    hideQr: assign(({ context }) => ({ pair: { ...context.pair, pairingCode: undefined, qr: undefined } })),
    /** New credentials and no old sessions: nothing that was held against the old ones counts any more. */
    linked: assign(({ context }) => ({
      ...update.newlyLinked,
      pair: { reason: 'never-linked' as const, windows: 0, codes: context.pair.codes, resume: false },
      delay: update.waitFor(context, immediate),
    })),
    noteDisk: assign(({ event }) => ({ disk: event.type === 'disk.trouble' ? event.message : undefined })),
  },
})
