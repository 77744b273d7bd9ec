import type { IncidentCause } from './fold.ts'
import type { Incident } from './incident.ts'
import { causeWords } from './spoken.ts'

/** How long it took to heal incidents of one cause. */
export interface HealTime {
  readonly cause: IncidentCause
  /** The cause in plain words. */
  readonly words: string
  /** Incidents of that cause that were healed. */
  readonly count: number
  readonly medianMs: number
}

/** Time to heal by cause, the most frequent first. Incidents that go on, or that a stop cut short, do not count. */
export function timeToHeal(incidents: readonly Incident[]): readonly HealTime[] {
  const times = new Map<IncidentCause, number[]>()
  for (const { cause, healMs } of incidents)
    if (healMs !== undefined) times.set(cause, [...(times.get(cause) ?? []), healMs])
  return [...times]
    .map(([cause, all]) => ({ cause, words: causeWords[cause], count: all.length, medianMs: median(all) }))
    .sort((a, b) => b.count - a.count)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}
