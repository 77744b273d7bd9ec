import type { TortureConnect } from './gateway.ts'
import type { TortureLoop } from './loop.ts'

/** Which function of the owner's module is tortured, by the name that it is exported by. */
export type SubjectKind = 'connect' | 'loop'

/** What is tortured: an owner's `connect` under supervision, or a loop of his own without. */
export type Subject = { readonly connect: TortureConnect } | { readonly loop: TortureLoop }

/** What the module exports under the name of its kind, or as its default; undefined if that is no function. */
export function subjectIn(module: unknown, kind: SubjectKind): Subject | undefined {
  const { [kind]: named, default: fallback } = Object(module)
  const found = [named, fallback].find((one) => typeof one === 'function')
  if (found === undefined) return undefined
  return kind === 'loop' ? { loop: found } : { connect: found }
}
