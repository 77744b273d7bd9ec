const minute = 60
const hour = 60 * minute
const wholeDay = 24 * hour

/**
 * How long something has lasted, in the two largest units: `3 d 4 h`, `12 min`, `40 s`. English; a translation knows
 * this form.
 */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < minute) return `${seconds} s`
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`
  if (seconds < wholeDay) {
    const minutes = Math.floor((seconds % hour) / minute)
    return `${Math.floor(seconds / hour)} h${minutes === 0 ? '' : ` ${minutes} min`}`
  }
  const hours = Math.floor((seconds % wholeDay) / hour)
  return `${Math.floor(seconds / wholeDay)} d${hours === 0 ? '' : ` ${hours} h`}`
}

/** How long something was, to the nearest second: what took less than one has not taken none. */
export const span = (ms: number): string => (ms < 500 ? 'less than a second' : lasting(Math.round(ms / 1_000) * 1_000))
