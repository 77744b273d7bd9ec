import { type CauseKind, stateNameOf, statusOf, userActions } from '../../machines/index.ts'
import { transport } from '../machines/steps.ts'
import type { Aspect } from './aspects.ts'
import type { Situation, Step } from './situation.ts'

interface OfStep {
  readonly promise: string
  /** Which steps it speaks of. */
  readonly when: (step: Step) => boolean
  readonly holds: (step: Step) => boolean
}
interface OfSituation {
  readonly promise: string
  readonly when: (situation: Situation, aspect: Aspect) => boolean
  readonly holds: (situation: Situation) => boolean
}

const dayMs = 86_400_000
const within = (times: readonly number[], end: number, spanMs: number): number =>
  times.filter((at) => at <= end && end - at < spanMs).length
const enters = ({ from, to }: Step, part: string): boolean => to.state.startsWith(part) && !from.state.startsWith(part)
const ownsSocket = ({ state }: Situation): boolean => /^(online|awaitingQr\.pairing)/.test(state)
const isOpen = ({ state }: Situation): boolean => state.startsWith('online.open')
const isRefusal = (kind: CauseKind | undefined): boolean => kind === 'logged-out' || kind === 'refused'
/** Timers, services and news of messages: nothing that the server, the disk or a person says. */
const fromWithin = /^(outbound: |messages: fine|xstate\.after\.|healAddress )/
const troubled = /^(pruningSessions|stopped|blocked|conflicted|awaitingQr)/

/** Counted without the code under test. */
function withinBudget({ after }: Step): boolean {
  const { budget, policy, env } = after.context
  const { allPerDay, addressPerDay, addressCooldownMs } = policy.prune
  const now = env.now()
  return (
    within(budget.all, now, dayMs) <= allPerDay &&
    Object.values(budget.addresses).every(
      (times) => within(times, now, dayMs) <= addressPerDay && within(times, now, addressCooldownMs) <= 1,
    )
  )
}

/** What no step may break, by the number of its promise in the contract. */
export const ofSteps: readonly OfStep[] = [
  {
    promise: '1. The credentials are replaced only by a pairing that has opened once.',
    when: (step) => enters(step, 'awaitingQr.promoting'),
    holds: ({ from, by }) => from.state.startsWith('awaitingQr.pairing') && by.name === 'socket.open',
  },
  {
    promise: '2. A socket is opened only when the one before it is shut off, and one at a time.',
    when: ({ from, after }) => after.context.generation !== from.snapshot.context.generation,
    holds: ({ from, after }) => from.shut && after.context.generation === from.snapshot.context.generation + 1,
  },
  {
    promise: '3. A socket is left only for a step that shuts it off, or that logs its device out first.',
    when: ({ from, to }) => ownsSocket(from) && !ownsSocket(to),
    holds: ({ to }) => to.snapshot.hasTag('closing') || to.state === 'awaitingQr.undoing.unlinking',
  },
  {
    promise: '5. Sessions are set aside within the budget.',
    when: (step) => enters(step, 'pruningSessions.pruning'),
    holds: withinBudget,
  },
  {
    promise: '6. Transport trouble never prunes, never shows a code, never ends supervision.',
    when: ({ from, by }) => (transport as readonly unknown[]).includes(by.close) && ownsSocket(from),
    holds: ({ from, to }) =>
      from.state.startsWith('awaitingQr') ? !/^(stopped|pruning)/.test(to.state) : !troubled.test(to.state),
  },
  {
    promise: '7. No code is shown for a 401 or a 516 while a login with the stored credentials would succeed.',
    when: (step) => enters(step, 'awaitingQr') && step.from.state.startsWith('online') && isRefusal(step.by.close),
    holds: ({ from, by, after }) =>
      from.state === 'online.connecting' &&
      isRefusal(by.close) &&
      after.context.closes.filter(({ cause }) => isRefusal(cause.kind)).length >= 2,
  },
  {
    promise: '7. Unread messages never show a code.',
    when: ({ by }) => by.name.startsWith('messages: '),
    holds: (step) => !enters(step, 'awaitingQr'),
  },
  {
    promise: '7. What others cannot read never shows a code, and by itself never prunes.',
    when: ({ from, by }) => {
      const { evidence, outbound } = from.snapshot.context
      const alone = evidence.level === 'fine' && !evidence.suspected
      return by.name.startsWith('outbound: ') || (outbound.level !== 'fine' && alone && fromWithin.test(by.name))
    },
    holds: (step) =>
      !enters(step, 'awaitingQr') &&
      (step.from.snapshot.context.evidence.level !== 'fine' || !enters(step, 'pruningSessions')),
  },
  {
    promise: '7. What others cannot read never ends the connection.',
    when: ({ from, by }) => {
      const { evidence, outbound } = from.snapshot.context
      return outbound.level !== 'fine' && evidence.level === 'fine' && fromWithin.test(by.name) && isOpen(from)
    },
    holds: ({ to }) => isOpen(to),
  },
  {
    promise: '7. A 440 without unread messages never prunes.',
    when: ({ from, by }) => {
      const { level, suspected } = from.snapshot.context.evidence
      return by.close === 'replaced' && level === 'fine' && !suspected
    },
    holds: (step) => !enters(step, 'pruningSessions'),
  },
  {
    promise: 'A second 440 within its window is never just dialled again, observing too: another client is told.',
    when: ({ from, by }) => {
      const { conflicts, env, policy } = from.snapshot.context
      const contested = conflicts.some((at) => env.now() - at < policy.conflict.windowMs)
      return by.close === 'replaced' && contested && from.state.startsWith('online')
    },
    // Where sessions may be set aside, that comes first; its budget is soon used up.
    holds: ({ from, to }) =>
      to.state.startsWith('conflicted') ||
      (from.snapshot.context.mode === 'heal' && to.state.startsWith('pruningSessions')),
  },
  {
    promise: 'Only a message that was read proves that a prune helped.',
    when: ({ from, after }) =>
      after.context.verifying?.proven === true && from.snapshot.context.verifying?.proven !== true,
    holds: ({ by }) => by.name === 'prune.proven',
  },
  {
    promise: 'Nobody says that a prune helped before it is proven.',
    when: ({ from, after }) =>
      after.context.reason !== from.snapshot.context.reason &&
      /messages can be read\.$/.test(after.context.reason?.why ?? ''),
    holds: ({ from, by }) => from.snapshot.context.verifying?.proven === true && by.name.includes('verify'),
  },
  {
    promise: '5. A stop while sessions are set aside takes nothing back of what the budget was charged.',
    when: ({ from, by }) => by.name === 'stop' && from.state === 'pruningSessions.pruning',
    holds: ({ from, after }) => after.context.budget === from.snapshot.context.budget,
  },
  {
    promise: '10. A service that fails never ends supervision.',
    when: ({ by }) => by.name.includes(' fails: '),
    holds: (step) => !enters(step, 'stopped'),
  },
  {
    promise: '11. A stop leads out of every state, and nothing else but a logout by this program does.',
    when: (step) => step.by.name === 'stop' || enters(step, 'stopped'),
    holds: ({ by, to }) => (by.name === 'stop' ? to.state === 'stopped.closing' : by.close === 'intentional'),
  },
  {
    promise: '12. A code is known only while its socket may show it.',
    when: ({ after: { context } }) => context.pair.qr !== undefined || context.pair.pairingCode !== undefined,
    holds: ({ to }) => to.state.startsWith('awaitingQr.pairing'),
  },
  {
    promise: 'Each change of state that an owner sees has a reason of its own.',
    when: ({ from, after }) => stateNameOf(from.snapshot.value) !== stateNameOf(after.value),
    holds: ({ from, after }) => {
      const { reason } = after.context
      return reason !== undefined && reason !== from.snapshot.context.reason && reason.why !== ''
    },
  },
  {
    promise: 'The close of a socket is kept once, with its cause.',
    when: ({ from, by }) => by.close !== undefined && ownsSocket(from),
    holds: ({ from, by, after }) => {
      const { closes } = after.context
      const before = from.snapshot.context.closes
      return closes.at(-1)?.cause.kind === by.close && closes.slice(0, -1).every((one) => before.includes(one))
    },
  },
  {
    promise: 'A retry is counted once, and has its wait.',
    when: ({ from, after }) => after.context.attempt > from.snapshot.context.attempt,
    holds: ({ from, after: { context } }) =>
      context.attempt === from.snapshot.context.attempt + 1 && (context.delay?.delayMs ?? -1) >= 0,
  },
  {
    promise: 'A code that a person asks for is not forgotten while supervision runs.',
    when: ({ from, by }) => by.name === 'relink' && !from.state.startsWith('stopped'),
    holds: ({ after }) => after.context.pair.asked === true,
  },
]

/** What has to be true wherever the account stands. */
export const ofSituations: readonly OfSituation[] = [
  {
    promise: '3. The folder is worked on only while no socket may write.',
    when: ({ state }) => /\.(inspecting|staging|pruning|moving|discarding)$/.test(state),
    holds: ({ shut }) => shut,
  },
  {
    promise: '5. A prune under way has something to do, and while observing there is none.',
    when: ({ state }) => state.startsWith('pruningSessions'),
    holds: ({ snapshot }) => {
      const { mode, prune } = snapshot.context
      return mode === 'heal' && prune !== undefined && (prune.scope === 'all' || prune.addresses.length > 0)
    },
  },
  {
    promise: '9. A state that waits has a timer or a service, or names what a person has to do.',
    when: ({ state }) => state !== 'stopped.idle',
    holds: ({ snapshot }) =>
      snapshot._nodes.some(({ invoke, after }) => invoke.length > 0 || after.length > 0) ||
      statusOf(stateNameOf(snapshot.value), snapshot.context).userAction !== 'none',
  },
  {
    promise: '9. Where a person is needed, it is said for what.',
    when: () => true,
    holds: ({ snapshot }) => {
      const { userAction, message, remediation } = statusOf(stateNameOf(snapshot.value), snapshot.context)
      return userActions.includes(userAction) && message !== '' && (userAction === 'none' || remediation !== undefined)
    },
  },
  {
    promise: '11. Once stopped, nothing is left but the end of the last socket.',
    when: ({ state }) => state.startsWith('stopped'),
    holds: ({ snapshot, state }) =>
      snapshot._nodes.every(({ after }) => after.length === 0) &&
      snapshot._nodes.flatMap(({ invoke }) => invoke.map(({ id }) => id)).join() ===
        (state === 'stopped.idle' ? '' : 'closeSocket'),
  },
]
