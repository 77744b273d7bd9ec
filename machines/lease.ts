/** How a lease lives, in milliseconds; see the store's `lease` option. */
export interface LeaseTerms {
  /** How long a lease lasts from its renewal, in milliseconds. */
  readonly ttlMs: number
  /**
   * How long before the end its owner counts it as lost: what it may need for closing its socket, and for what its
   * clock may be slow.
   */
  readonly marginMs: number
}

/** What stands about an account in the place that all hosts share, told in that place's own time. */
export interface LeaseRow {
  /** Rises with each claim, for ever. 0: never claimed. */
  readonly epoch: number
  /** The token of who has it; undefined if nobody has. */
  readonly owner: string | undefined
  /** When it ends, in milliseconds by the store's clock. */
  readonly endsAt: number
  /** It was handed to that host, for which it is kept until then. */
  readonly heir?: { readonly host: string; readonly until: number }
}

/** Who asks, and the host that it runs on. */
export interface Claimant {
  /** Told from every other claimant, in this process too. */
  readonly token: string
  /** The name of its host. */
  readonly host: string
}

/** The row of an account that nobody has ever claimed. */
export const neverClaimed: LeaseRow = { epoch: 0, owner: undefined, endsAt: 0 }

/**
 * Whether this claimant may become the owner now. It may if nobody is the owner, if it is the owner already, or if the
 * lease has ended. It may not while the lease is reserved for another host.
 */
export const isClaimable = ({ owner, endsAt, heir }: LeaseRow, by: Claimant, now: number): boolean =>
  (owner === undefined || owner === by.token || endsAt <= now) &&
  (heir === undefined || heir.host === by.host || heir.until <= now)

/** A new owner, a higher epoch. */
export const claimed = (row: LeaseRow, by: Claimant, now: number, { ttlMs }: LeaseTerms): LeaseRow => ({
  epoch: row.epoch + 1,
  owner: by.token,
  endsAt: now + ttlMs,
})

/**
 * Whether the lease of that epoch holds now: what a renewal and every write are let through by. One that is over does
 * not hold, even if nobody took it.
 */
export const holds = ({ epoch, owner, endsAt }: LeaseRow, token: string, ofEpoch: number, now: number): boolean =>
  owner === token && epoch === ofEpoch && endsAt > now

/** The same owner and epoch, for a whole term from now on. */
export const renewed = (row: LeaseRow, now: number, { ttlMs }: LeaseTerms): LeaseRow => ({
  ...row,
  endsAt: now + ttlMs,
})

/** Given back; kept for a host, if one is named. */
export const released = (
  { epoch }: LeaseRow,
  now: number,
  heir?: { readonly host: string; readonly forMs: number },
): LeaseRow => ({
  epoch,
  owner: undefined,
  endsAt: now,
  ...(heir ? { heir: { host: heir.host, until: now + heir.forMs } } : {}),
})

/**
 * From when the owner counts its time, by its own clock: from before it sent what was answered. The shared place
 * counted from when that arrived there, which is later, so the owner's count is the one that ends first, however long
 * the answer took.
 */
export const countedFrom = (goodFrom: number, sentAt: number): number => Math.max(goodFrom, sentAt)

/** When the owner has to close its socket if nothing more is heard, by its own clock. */
export const closesAt = (goodFrom: number, { ttlMs, marginMs }: LeaseTerms): number => goodFrom + ttlMs - marginMs
