/**
 * What this program has imported of Baileys, and what became of it. One for the process, even where this package is
 * there twice.
 */
export interface Seen {
  /** Main files that were put under supervision. */
  readonly hooked: Set<string>
  /** What was imported past them. */
  readonly past: Set<string>
  /** Main files that could not be supervised, with the reason. */
  readonly refused: Map<string, string>
}

const place = Symbol.for('baileys-lifeline.seen')

export function seen(): Seen {
  const known: unknown = Reflect.get(globalThis, place)
  if (typeof known === 'object' && known !== null) return known as Seen
  const own: Seen = { hooked: new Set(), past: new Set(), refused: new Map() }
  Object.defineProperty(globalThis, place, { value: own, enumerable: false })
  return own
}

/** One line for whoever runs the program. */
export function say(words: string): void {
  process.stderr.write(`lifeline: ${words}\n`)
}
