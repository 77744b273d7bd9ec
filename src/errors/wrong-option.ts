import { OptionsError } from './errors.ts'

/** What came, without its content: an option may hold a secret. */
export function shape(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/**
 * The error for an option: its path, what came, and what is allowed. `received` where the shape alone would not tell
 * what is wrong.
 */
export function wrongOption(
  path: string,
  value: unknown,
  allowed: string,
  received: string = shape(value),
): OptionsError {
  return new OptionsError(path, `The option ${path} is ${received}; allowed is ${allowed}.`, `Give ${path} ${allowed}.`)
}

/** The options as an object with none but the known names. `owner` names whose options they are, e.g. `webhook`. */
export function knownOptions(owner: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw wrongOption(owner, options, `an object with ${known.join(', ')}`)
  const stray = Object.keys(options).find((key) => !known.includes(key))
  if (stray !== undefined)
    throw new OptionsError(
      `${owner}.${stray}`,
      `There is no option ${owner}.${stray}.`,
      `Known options are ${known.join(', ')}.`,
    )
}

/** A whole number of milliseconds between two bounds. */
export function millisecondsOption(path: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw wrongOption(path, value, `a whole number of milliseconds from ${min} to ${max}`)
  return value
}
