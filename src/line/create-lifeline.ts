import type { BaileysSocket } from '../baileys/socket.ts'
import type { Lifeline } from './lifeline.ts'
import { type Internals, Line } from './line.ts'
import { checkOptions, type LifelineOptions } from './options.ts'

/** Makes the supervisor of one account. Throws `OptionsError` on a wrong option; starts nothing yet. */
export function createLifeline<S extends BaileysSocket>(options: LifelineOptions<S>): Lifeline<S> {
  return new Line(checkOptions(options))
}

/** {@link createLifeline} with parts replaced; not part of the package's entry point. */
export function createLifelineWith<S extends BaileysSocket>(
  options: LifelineOptions<S>,
  internals: Internals,
): Lifeline<S> {
  return new Line(checkOptions(options), internals)
}
