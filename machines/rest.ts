import type { Context } from './context.ts'

// When a code comes by itself, and when it waits until a person asks for one.

type Pairing = Pick<Context, 'pair' | 'policy' | 'mode'>

/** Fewer series of codes have ended than the policy shows without a person. */
export const windowsLeft = ({ pair, policy }: Pairing): boolean => pair.windows < policy.pairing.windows

/** Observing does not put a new identity over an old one unasked. */
export const showsUnasked = ({ pair, mode }: Pairing): boolean =>
  mode === 'heal' || pair.reason === 'never-linked' || pair.asked === true
