import { dayMs } from './budget.ts'
import type { Context } from './context.ts'
import { untold } from './updates.ts'

// How long the chart's timers run. Spans are counted by the wall clock, since some go on over reconnects and restarts.

/** What is left of a span that began at `from`. A wall clock that was set back never makes it longer than it was. */
const leftOf = (context: Context, from: number | undefined, spanMs: number): number =>
  Math.max(0, Math.min(spanMs, (from ?? context.env.now()) + spanMs - context.env.now()))

/** How long until the next try. */
export function retryIn(context: Context): number {
  const { delay } = context
  return delay ? leftOf(context, delay.at - delay.delayMs, delay.delayMs) : 0
}

/** How long until the next check of a conflict, counted from when the present state was entered. */
export function conflictProbeIn(context: Context): number {
  return leftOf(context, context.since, context.policy.conflict.probeMs)
}

/** How long until the live cure has had its time, over reconnects too. */
export function escalateIn(context: Context): number {
  return leftOf(context, context.degradedSince, context.policy.decrypt.escalateAfterMs)
}

/** How long until a prune is judged by its effect: counted from the first open after it, over reconnects too. */
export function verifyIn(context: Context): number {
  return leftOf(context, context.verifying?.since, context.policy.prune.verifyMs)
}

/**
 * How long until a person is told of those who cannot read us: counted from the first of them that had a new session in
 * vain, over reconnects too.
 */
export function tellIn(context: Context): number {
  const { renewed, policy } = context
  const times = untold(context).flatMap((address) => renewed[address] ?? [])
  return leftOf(context, times.length === 0 ? undefined : Math.min(...times), policy.outbound.escalateAfterMs)
}

/** How long until the healing ladder starts afresh, over reconnects too. */
export function nextDayIn(context: Context): number {
  return leftOf(context, context.exhaustedAt, dayMs)
}

/** How long the account is still held back; undefined if it is not, or only a person ends it. */
export function blockedFor(context: Context): number | undefined {
  const { until, holdMs } = context.block ?? {}
  if (until === undefined) return undefined
  const lastsMs = holdMs ?? until - context.env.now()
  return leftOf(context, until - lastsMs, lastsMs)
}

/** How long the present hold still lasts; a ban, which has no upper bound, in steps of at most a day. */
export function holdIn(context: Context): number {
  const left = blockedFor(context) ?? 0
  return context.block?.reason === 'temporary-ban' ? Math.min(dayMs, left) : left
}

/**
 * What is left of a ban when the timer of {@link holdIn} has run out; undefined if it is over. The timer's time counts
 * as passed even if the wall clock says less: a clock that was set back makes no ban longer.
 */
export function restOfBan({ block, env }: Context): Context['block'] {
  if (block?.reason !== 'temporary-ban') return undefined
  const { until = 0, holdMs = 0 } = block
  const left = Math.min(until - env.now(), holdMs - dayMs)
  return left > 0 ? { ...block, until: env.now() + left, holdMs: left } : undefined
}
