/**
 * The last midnights of a time zone, oldest first, the one of today last; epoch milliseconds. A zone that is not known
 * here is taken for UTC.
 */
export function midnights(now: number, zone: string, count: number): readonly number[] {
  const clock = clockOf(zone)
  /** What the clocks of the zone show, as if it were UTC. */
  const shown = (at: number): number => {
    const {
      year = 0,
      month = 1,
      day = 1,
      hour = 0,
      minute = 0,
      second = 0,
    } = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    return Date.UTC(year, month - 1, day, hour, minute, second)
  }
  const today = new Date(shown(now))
  return Array.from({ length: count }, (_, at) => {
    const wanted = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() - (count - 1 - at))
    // Twice: the first guess may lie on the other side of a change of the clocks.
    const guess = wanted - (shown(wanted) - wanted)
    return guess - (shown(guess) - wanted)
  })
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const form = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
  const whole = { ...form, second: 'numeric', hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn' } as const
  try {
    return new Intl.DateTimeFormat('en-US', { ...whole, timeZone })
  } catch {
    return new Intl.DateTimeFormat('en-US', { ...whole, timeZone: 'UTC' })
  }
}
