/** A host that may take accounts. */
export interface Taker {
  readonly host: string
  /** How many accounts it has. */
  readonly has: number
  /** How many it takes at most. */
  readonly most: number
}

/**
 * The fair share: the smallest number for which all accounts find a place, ceil(accounts / hosts) where no host is
 * limited. Where there is too little room for all accounts, each host takes as many as it may.
 */
export const fairShare = (wanted: number, takers: readonly Pick<Taker, 'most'>[]): number => {
  let rest = wanted
  let share = 0
  const limits = takers.map(({ most }) => most).sort((a, b) => a - b)
  for (const [at, limit] of limits.entries()) {
    const even = Math.ceil(rest / (limits.length - at))
    if (limit >= even) return Math.max(share, even)
    share = limit
    rest -= limit
  }
  return share
}

/** How many more accounts a host may claim. */
export const roomOf = ({ has, most }: Taker, share: number): number => Math.max(0, Math.min(share, most) - has)

/**
 * The host that is to get an account: the one with the fewest, the first by name of those. Undefined if none has room.
 */
export const emptiest = (takers: readonly Taker[]): Taker | undefined =>
  takers
    .filter(({ has, most }) => has < most)
    .sort((a, b) => a.has - b.has || (a.host < b.host ? -1 : 1))
    .at(0)

const isOver = ({ has, most }: Taker): number => (has > most ? 1 : 0)

/**
 * Whereto this host moves one account, if it is its turn: only the fullest host moves, one that has more than it may
 * before all others, so that one account is on its way at a time; and only if the other one still has fewer afterwards,
 * so that none is moved back and forth.
 */
export const moveFrom = (self: string, takers: readonly Taker[]): string | undefined => {
  const fullest = [...takers].sort((a, b) => isOver(b) - isOver(a) || b.has - a.has || (a.host < b.host ? -1 : 1)).at(0)
  const target = emptiest(takers)
  if (!fullest || !target || fullest.host !== self) return undefined
  return fullest.has - target.has >= 2 || isOver(fullest) > 0 ? target.host : undefined
}

/** Where each account goes when a host leaves, as evenly as it can be; accounts that find no place are missing. */
export const spread = (accounts: readonly string[], takers: readonly Taker[]): ReadonlyMap<string, string> => {
  let now = takers
  const places = new Map<string, string>()
  for (const account of accounts) {
    const target = emptiest(now)
    if (!target) break
    places.set(account, target.host)
    now = now.map((taker) => (taker === target ? { ...taker, has: taker.has + 1 } : taker))
  }
  return places
}
