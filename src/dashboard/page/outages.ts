import type { DropView, IncidentView, TimelineView } from '../wire.ts'

/** A stretch of time, epoch milliseconds. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** What went wrong in a stretch of time. */
export interface Outages {
  /** What lasts first, then the longest. */
  readonly incidents: readonly IncidentView[]
  /** Short drops by whose side they were on, most first. */
  readonly drops: readonly (readonly [side: DropView['side'], drops: readonly DropView[]])[]
  /** Not connected, of this stretch. */
  readonly downMs: number
  readonly messages: IncidentView['messages']
  /** Each of them is over, and nothing says that a message was lost. */
  readonly whole: boolean
}

/** How long an incident has kept the account away by now: one that lasts counts on. */
export const downMsOf = ({ downMs, outcome }: IncidentView, { at }: TimelineView, now: number): number =>
  outcome === 'open' && downMs > 0 ? downMs + Math.max(0, now - at) : downMs

/** WhatsApp keeps messages for a linked device about this long. */
const keptMs = 14 * 86_400_000

export function outagesIn(timeline: TimelineView, { from, to }: Stretch, now: number): Outages {
  const ends = ({ endedAt = now }: IncidentView): number => endedAt
  const lasts = ({ outcome }: IncidentView): number => Number(outcome === 'open')
  const down = (one: IncidentView): number => downMsOf(one, timeline, now)
  const incidents = timeline.incidents
    .filter((one) => one.beganAt < to && ends(one) >= from)
    .toSorted((one, other) => lasts(other) - lasts(one) || down(other) - down(one) || other.beganAt - one.beganAt)
  const drops = timeline.drops.filter(({ at, ms }) => at < to && at + ms >= from)
  const overlap = (one: IncidentView): number => Math.min(ends(one), to) - Math.max(one.beganAt, from)
  const sum = (of: keyof IncidentView['messages']): number =>
    incidents.reduce((all, { messages }) => all + messages[of], 0)
  return {
    incidents,
    drops: [...new Set(drops.map(({ side }) => side))]
      .map((side) => [side, drops.filter((drop) => drop.side === side)] as const)
      .toSorted(([, one], [, other]) => other.length - one.length),
    downMs:
      incidents.reduce((all, one) => all + Math.max(0, Math.min(down(one), overlap(one))), 0) +
      drops.reduce((all, { ms }) => all + ms, 0),
    messages: {
      late: sum('late') + drops.reduce((all, { late }) => all + late, 0),
      unread: sum('unread'),
      reread: sum('reread'),
    },
    whole: incidents.every(
      (one) => one.outcome === 'healed' && down(one) <= keptMs && !one.facts.some((fact) => /unreadable/.test(fact)),
    ),
  }
}
