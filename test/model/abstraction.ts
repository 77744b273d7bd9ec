import { affordable, affordsAll, type Context, type Policy, resolvePolicy } from '../../machines/index.ts'
import { reachOf } from '../../machines/reach.ts'
import { unrenewed, untold } from '../../machines/updates.ts'

/**
 * Small limits, so that every count is reached and the graph stays small; the machine reads no other number when it
 * decides where to go.
 */
export const smallPolicy = (restartRequiredRun: number): Policy =>
  resolvePolicy({
    prune: { restartRequiredRun, addressPerDay: 1 },
    pairing: { windows: 1 },
    reconnect: { fastAttempts: 1 },
  }).policy

const flag = (name: string, on: boolean): string => (on ? name : '')

/**
 * What the verdict on a close looks at, but for the evidence. `restarts` is left out: it decides how soon, not where
 * to.
 */
const closes = ({ restartRun, refusedRun, conflictProbe, conflicts, env, policy }: Context): readonly string[] => [
  String(Math.min(restartRun, 2 * policy.prune.restartRequiredRun - 1)),
  flag('refused', refusedRun > 0),
  flag('conflictProbe', conflictProbe),
  flag(
    'contested',
    conflicts.some((at) => env.now() - at < policy.conflict.windowMs),
  ),
]

const damage = ({ evidence, budget, env, policy }: Context): readonly string[] => [
  evidence.level + evidence.curable.length,
  flag('suspected', evidence.suspected && evidence.level === 'fine'),
  flag('may-all', affordsAll(budget, policy.prune, env.now())),
]

const healing = ({ exhausted, verifying, tried, budget, env, policy }: Context): readonly string[] => [
  flag('exhausted', exhausted !== undefined),
  flag('verifying', verifying !== undefined),
  flag('live', tried.live),
  flag('failing', tried.failing),
  flag('all', tried.all),
  flag('may-failing', affordable(budget, ['a.0'], policy.prune, env.now()).length > 0),
]

/** Which devices cannot read us, and what each of them has had: the live cure, and a word to a person. */
const outward = (context: Context): readonly string[] => [
  context.outbound.addresses.join('+'),
  `unrenewed ${unrenewed(context).join('+')}`,
  `untold ${untold(context).join('+')}`,
  flag(
    'told before',
    Object.values(context.told).some((at) => context.env.now() - at < 86_400_000),
  ),
]

/** What the live cure is for counts while it is under way. */
const curing = (state: string, { cure }: Context): string =>
  state.endsWith('.healing') ? `cures ${cure.unread.length} and ${cure.unheard.join('+')}` : ''

/** What is to be set aside counts until it is. */
const planned = (state: string, { prune }: Context): string =>
  state.startsWith('pruningSessions') ? `sets aside ${prune?.scope}` : ''

/** What pairing looks at. Why a code is shown, and whether it was scanned, is settled anew on every way into it. */
const pairing = (state: string, { pair, policy }: Context): readonly string[] => [
  flag('asked', pair.asked === true && !state.startsWith('stopped')),
  flag('rests', pair.windows >= policy.pairing.windows && !state.startsWith('stopped')),
  ...(state.startsWith('awaitingQr')
    ? [flag('scanned', pair.resume), flag('may-look', ['restart-loop', 'asked'].includes(pair.reason))]
    : []),
]

/** A hold is read where it lasts; only a ban outlives its state. */
const held = (state: string, { block, env }: Context): string => {
  if (block?.reason === 'temporary-ban') return (block.until ?? 0) > env.now() ? 'banned' : 'ban over'
  return block !== undefined && state.startsWith('blocked')
    ? `held-${block.until === undefined ? 'by a person' : ''}`
    : ''
}

/** Whether the first sign of the server ends the wait. */
const awaited = (state: string, context: Context): string =>
  flag('awaits the network', state.startsWith('reconnecting') && reachOf(context) !== 'no-matter')

type Abstraction = (state: string, context: Context) => string

/**
 * Two situations are one to the model if they stand in the same state and no guard, there or later, can tell them
 * apart. So what is left out of the context is
 * - what only says how long or with which words: moments, texts, the record of closes, the attempt, the codes on show;
 * - counts beyond their thresholds, moments beyond their windows: a guard asks whether a window is over, not since
 *   when;
 * - what is set anew before anything reads it again, as the reason for a code is on every way to one. That none of this
 *   matters is not only argued: of the situations that are met again in another shape a sample is gone on from, and all
 *   that can happen must lead it where it led the first.
 */
export const ofCloses: Abstraction = (state, context) =>
  [
    state,
    closes(context),
    flag('may-all', affordsAll(context.budget, context.policy.prune, context.env.now())),
    planned(state, context),
    pairing(state, context),
    held(state, context),
    awaited(state, context),
  ].join()

/** The same for an account that stays linked. */
export const ofMessages: Abstraction = (state, context) =>
  [
    state,
    closes(context),
    damage(context),
    healing(context),
    curing(state, context),
    planned(state, context),
    held(state, context),
    awaited(state, context),
  ].join()

/** And where it is told whether a prune helped: where to that leads is the same. */
export const ofProof: Abstraction = (state, context) =>
  [ofMessages(state, context), flag('proven', context.verifying?.proven === true)].join()

/** And where those who cannot read us play a part. */
export const ofBothWays: Abstraction = (state, context) => [ofMessages(state, context), outward(context)].join()
