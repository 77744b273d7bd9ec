/** What a failed decrypt says about its cause. The seam reads it off the stub text; see the table there. */
export const decryptReasons = [
  'bad-session', // every session failed (Bad MAC, or poison): pruning that session helps
  'no-session', // missing or empty session: Baileys' retry rebuilds it; nothing left to prune
  'poison', // TypeError or JSON error from inside a file: never heals by itself; pruning helps
  'pre-key', // Bad MAC as the stub itself, Invalid PreKey ID: pruning does not help, the pre-key repair may
  'sender-key', // group key missing, forged or a gap
  'duplicate', // key used already, old counter: harmless
  'absent', // no ciphertext
  'unknown',
] as const

/** Why a message could not be read. */
export type DecryptReason = (typeof decryptReasons)[number]

/** A message that could not be decrypted, counted once for its id and device address. */
export interface DecryptFailure {
  /** Id of the message, unique per address. */
  readonly id: string
  /**
   * Signal address of the device that sent it, `<user>.<device>` or v7's `<user>_1.<device>`, as in
   * `session-<address>.json`.
   */
  readonly address: string
  /** Why it could not be read. */
  readonly reason: DecryptReason
  /** v7 `category: 'peer'`: from the account's own phone. Baileys sends no retry for it, so the message is lost. */
  readonly peer: boolean
  /** The group whose sender key failed, for `sender-key`. */
  readonly group?: string
}
