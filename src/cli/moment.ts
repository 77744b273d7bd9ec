import { UsageError } from './failure.ts'

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * A moment as a person gives it: a span before now (`45min`, `2h`, `7d`) or a date (`2026-03-01`, `2026-03-01T18:00`).
 * Epoch milliseconds.
 */
export function momentOf(given: string, now: number, option: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(given.trim()) ?? []
  const ms = unitMs[unit]
  if (count !== undefined && ms !== undefined) return now - Number(count) * ms
  // A date without a time is read as the midnight of this place, not of Greenwich.
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(given) ? `${given}T00:00` : given)
  if (Number.isNaN(at))
    throw new UsageError(
      `${option}: ${given} is not a time.`,
      'Give a span such as 45min, 2h or 7d, or a date such as 2026-03-01.',
    )
  return at
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `18:35:12`, local time. */
export function timeOf(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

/** `2026-11-22 18:35:12`, local time. */
export function dateOf(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${timeOf(at)}`
}
