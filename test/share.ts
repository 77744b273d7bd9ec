import { drawn } from './drawn.ts'

/**
 * What is counted by the hundred is done whole by `npm run soak`, and a share of it by `npm test`: another share each
 * day, so that some days come round to all of it. The day is printed; `LIFELINE_DAY` asks for the share of another one,
 * `LIFELINE_WHOLE=1` for all.
 */
export const whole = process.env.LIFELINE_WHOLE === '1'

const dayMs = 86_400_000
export const day = Number(process.env.LIFELINE_DAY ?? Math.floor(Date.now() / dayMs))

/** So many of them, spread evenly, beginning with another one each day. */
export function shareOf<Item>(all: readonly Item[], count: number): readonly Item[] {
  if (whole || count >= all.length) return all
  const chosen = new Set(
    Array.from({ length: count }, (_, at) => (day + Math.floor((at * all.length) / count)) % all.length),
  )
  return all.filter((_, at) => chosen.has(at))
}

/** A run of so many of them, on each day the next one. */
export function partOf(full: number, daily: number): { readonly first: number; readonly count: number } {
  if (whole) return { first: 0, count: full }
  const first = (day % Math.ceil(full / daily)) * daily
  return { first, count: Math.min(daily, full - first) }
}

/** The full number, or the part of it that is done every day. */
export const numberOf = (full: number, daily: number): number => (whole ? full : daily)

/**
 * One of them each day, the next one tomorrow. Which is first depends on the file, so that every day has all of them.
 */
export function inTurn<Item>(all: readonly Item[], file: string): readonly Item[] {
  if (whole) return all
  // Vitest adds to the address of a module when it was loaded.
  const name = file.replace(/.*\/test\//, '').replace(/\.\w+(?:\?.*)?$/, '')
  const first = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
  return all.filter((_, at) => at === (day + first) % all.length)
}

/**
 * The tag of tests that start processes, a browser or hundreds of accounts, in a comment in the first line of their
 * file: `// @module-tag slow`. Under `npm test` each of them runs once in two weeks, so that every day has a share of
 * them; from the source, where somebody works on one of them, they always run.
 */
export const slow = 'slow'
/** The same for tests that need each other, or cost little once what they look at is there: a file has its day. */
export const slowTogether = 'slow/together'

/** Of a file of tests. */
export const isTogether = (content: string): boolean => content.startsWith(`// @module-tag ${slowTogether}`)
export const isSlow = (content: string): boolean => content.startsWith(`// @module-tag ${slow}`)

/** In days. */
const round = 14

/**
 * On a day that is drawn anew in every two weeks: what also takes turns by counting days would else meet the same ones.
 * Those that share a name have their turns one day after the other, by their place.
 */
export function turnOf(name: string, place = 0, on = day): boolean {
  const number = drawn(`${Math.floor(on / round)} ${name}`)
  return (((number ^ (number >>> 13)) >>> 0) + place) % round === on % round
}
