import type { Context } from './context.ts'

// When a code comes by itself, when it waits until a person asks for one, and when a new link is no help.

type Pairing = Pick<Context, 'pair' | 'policy' | 'mode'>

/** Fewer series of codes have ended than the policy shows without a person. */
export const windowsLeft = ({ pair, policy }: Pairing): boolean => pair.windows < policy.pairing.windows

/** Observing does not put a new identity over an old one unasked. */
export const showsUnasked = ({ pair, mode }: Pairing): boolean =>
  mode === 'heal' || pair.reason === 'never-linked' || pair.asked === true

/** Nobody was shut out since the account was linked last: a new link can be had, as far as is known. */
export const isLinkable = ({ shutOut }: Context['pair']): boolean => shutOut === undefined

/** A new link can be had, and gives what is missing: keys of groups come from their members, whoever is linked. */
export const newLinkHelps = ({ pair, evidence }: Pick<Context, 'pair' | 'evidence'>): boolean =>
  isLinkable(pair) && evidence.groupsOnly !== true
