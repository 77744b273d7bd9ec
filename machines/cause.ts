/**
 * Why a connection ended, in the machine's own words. The seam in `src/baileys/` translates Baileys' errors into these.
 */
export const causeKinds = [
  // Transport: nothing is wrong with the account.
  'network', // DNS, refused, reset, TLS without a clock problem, HTTP answers of the edge
  'portal', // a proxy or captive portal answered the WebSocket upgrade (401, 403, 407, 511 …); never a logout
  'link-lost', // 408 Connection was lost: keep-alive unanswered
  'timed-out', // 408 Timed Out, handshake or query deadline
  'closed', // 428 Connection Terminated, with or without "by Server"
  'server', // 500 failure, 503 failure or stream error
  'clock', // TLS certificate not yet valid or expired: the host's clock is wrong
  'protocol', // 500 Stream Errored (ack), xml-not-well-formed, noise certificate, garbage handshake
  // Login and account.
  'restart-required', // 515, normal after pairing
  'replaced', // 440 conflict: another connection with the same credentials
  'logged-out', // 401 failure, or conflict device_removed
  'refused', // 516: one reconnect, then as logged out
  'temporary-ban', // 402, with `expiresInMs`
  'locked', // 403
  'banned', // 406
  'outdated', // 405: client version too old
  'configuration', // 409, 411, 415, 418, 501
  'qr-window-over', // 408 QR refs attempts ended: a pairing window ran out, not an outage
  'pairing-failed', // the phone's answer to a scan could not be verified
  // Ourselves.
  'intentional', // 401 Intentional Logout
  'connect-failed', // the owner's `connect` threw, rejected, or returned something that is no socket
  'connect-timeout', // no open within policy.reconnect.connectTimeoutMs
  'stuck', // messages came in, and the one that is being taken in does not come to its end
  'store-silent', // the store has not answered a read of keys
  'quiet', // no message for longer than the owner's policy.liveness.expectTrafficEveryMs
  'unanswered', // nothing came back for what the account wrote to its own chat, twice
  'deaf', // frames silent and the ping unanswered
  'slept', // the wall clock jumped: the host slept
  'asked', // reconnect(), prune() or relink() was called
  'unknown', // not a Boom, or a code that no table knows
] as const

/** What a connection ended of. */
export type CauseKind = (typeof causeKinds)[number]

/** A classified close. Plain data, no secrets: safe in logs, history and snapshots. */
export interface CloseCause {
  /** What it means, in one word. */
  readonly kind: CauseKind
  /** Status code as Baileys reports it, if any: 401, 408, 440, 515 … */
  readonly code?: number
  /** The error's message, secrets and addresses of files removed; at most 200 characters. */
  readonly message: string
  /**
   * Finer reason where the server gives one: `replaced`, `device_removed`, `ack`, `ENOTFOUND`, `CERT_NOT_YET_VALID` …
   */
  readonly detail?: string
  /** How long the server said to stay away, in milliseconds (402 with `expire`). */
  readonly expiresInMs?: number
}
