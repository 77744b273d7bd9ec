import type { CauseKind } from './cause.ts'
import type { Context, Drop, Instability } from './context.ts'

export const unstableSpanMs = 3_600_000

/** More than come in an hour: each but the first waits up to 30 s, and half of that on average. */
const mostDrops = 240

type Known = Pick<Context, 'drops' | 'env'>

/**
 * The drops of the last hour. A clock that was set by more than that makes them unknown: better none than a false
 * alarm.
 */
export const recentDrops = ({ drops, env }: Known): readonly Drop[] =>
  drops.filter(({ at }) => Math.abs(env.now() - at) < unstableSpanMs)

/** Fewer than this in an hour, and the connection is stable again. */
const calmBelow = ({ policy }: Context): number => Math.ceil(policy.reconnect.unstableCloses / 2)

/** What more than half of these were; undefined if nothing was. */
function mostlyIn(drops: readonly Drop[]): CauseKind | undefined {
  const counts = new Map<CauseKind, number>()
  for (const { kind } of drops) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].find(([, count]) => 2 * count > drops.length)?.[0]
}

/** What was seen most often; of those that were seen as often, the one that came last. */
function commonestIn(drops: readonly Drop[]): CauseKind {
  const counted = new Map<CauseKind, number>()
  for (const { kind } of drops) {
    const count = (counted.get(kind) ?? 0) + 1
    counted.delete(kind)
    counted.set(kind, count)
  }
  const [first = ['unknown' as const, 0], ...rest] = counted
  return rest.reduce((best, one) => (one[1] >= best[1] ? one : best), first)[0]
}

/** A connection that was open has ended. Not counted if a person, or this program, asked for that. */
export function dropped(context: Context, kind: CauseKind): Partial<Context> {
  if (context.openedAt === undefined) return {}
  if (kind === 'asked' || kind === 'intentional') return { openedAt: undefined }
  const drops = [...recentDrops(context), { at: context.env.now(), kind }].slice(-mostDrops)
  const { unstable } = context
  return { drops, openedAt: undefined, ...(unstable ? { unstable: { ...unstable, closes: drops.length } } : {}) }
}

/** What a person is to be told of now; undefined if there is nothing new. */
export function instabilityNews(context: Context): Instability | undefined {
  const drops = recentDrops(context)
  const { unstable, policy, env } = context
  if (unstable === undefined)
    return drops.length >= policy.reconnect.unstableCloses
      ? { since: env.now(), kind: commonestIn(drops), closes: drops.length }
      : undefined
  const kind = mostlyIn(drops)
  return kind === undefined || kind === unstable.kind || drops.length < calmBelow(context)
    ? undefined
    : { ...unstable, kind, closes: drops.length }
}

/**
 * By how many steps the ladder has grown because the connection does not last: the more often it ended within an hour,
 * the longer the wait, up to the highest step of the fast ladder.
 */
export function stepsGrown(context: Context): number {
  if (context.unstable === undefined && instabilityNews(context) === undefined) return 0
  return Math.max(0, recentDrops(context).length - calmBelow(context))
}

/** How long a connection has to last until it counts as stable again. */
export function calmIn(context: Context): number {
  const { policy, env } = context
  const drops = recentDrops(context)
  // Once this one is an hour old, fewer are left than make it unstable.
  const last = drops.at(-calmBelow(context))
  const leftMs = last === undefined ? 0 : last.at + unstableSpanMs - env.now()
  return Math.max(policy.reconnect.resetAfterMs, Math.min(leftMs, unstableSpanMs))
}
