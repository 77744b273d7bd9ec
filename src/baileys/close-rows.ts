import type { CauseKind } from '../../machines/cause.ts'

/** What a close says of itself, gathered from the whole chain of errors. */
export interface CloseFacts {
  /** The outermost message that says anything. */
  readonly message: string
  readonly code: number | undefined
  /** The innermost code of Node, ws or OpenSSL. */
  readonly errno: string
  readonly stack: string
  /** HTTP status that answered the WebSocket upgrade. */
  readonly http: number | undefined
  /** Tag inside `Stream Errored (…)`. */
  readonly stream: string
  /** `type` of a `<conflict>` child; v6 and v7 hand it over at different places. */
  readonly conflict: string
  readonly hasData: boolean
}

export interface CloseRow {
  readonly when: (facts: CloseFacts) => boolean
  readonly kind: CauseKind
  readonly detail?: (facts: CloseFacts) => string
}

const starts = (prefix: string) => (facts: CloseFacts) => facts.message.startsWith(prefix)
const failure =
  (...codes: number[]) =>
  (facts: CloseFacts) =>
    facts.message === 'Connection Failure' && facts.code !== undefined && codes.includes(facts.code)
const stream = (matches: (facts: CloseFacts) => boolean) => (facts: CloseFacts) => facts.stream !== '' && matches(facts)
const webSocket = (matches: (facts: CloseFacts) => boolean) => (facts: CloseFacts) =>
  facts.message.startsWith('WebSocket Error (') && matches(facts)

/** The host's clock stands outside of a certificate's time: what a dead clock battery gives after a power-off. */
const clockErrno = /^(?:CERT|CRL)_(?:NOT_YET_VALID|HAS_EXPIRED)$/
/** System calls and DNS (`ENOTFOUND`, `EAI_AGAIN`), TLS that failed for another reason than the clock, undici's. */
const networkErrno = /^(?:E[A-Z_]+$|ERR_TLS|ERR_SSL|UND_ERR|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_|HOSTNAME)/
/** Answers that are no WebSocket: ws' own complaints and llhttp's; frames that no key opens. */
const wireErrno = /^(?:WS_ERR_|HPE_|ERR_CRYPTO_)/
const handshakeStack = /noise-handler|validateConnection|decodeBinaryNode|processHandshake/
const errno = (facts: CloseFacts) => facts.errno

/**
 * Close causes of Baileys 6.7 and 7, first match wins. Messages and data decide; the status code alone never does, for
 * one code has many origins: 401 is a logout, a captive portal or ourselves, and 500 is Baileys' word for "none of the
 * others".
 */
export const closeRows: readonly CloseRow[] = [
  // Ourselves, and pairing.
  { when: starts('Intentional Logout'), kind: 'intentional' },
  { when: starts('QR refs attempts ended'), kind: 'qr-window-over' },
  { when: starts('Invalid account signature'), kind: 'pairing-failed', detail: () => 'hmac' },
  { when: starts('Failed to verify account signature'), kind: 'pairing-failed', detail: () => 'account-signature' },
  { when: starts('Missing device-identity'), kind: 'pairing-failed', detail: () => 'device-identity' },
  // Anything else that broke while the phone's answer was read, such as bytes that are no protobuf.
  { when: (facts) => facts.stack.includes('configureSuccessfulPairing'), kind: 'pairing-failed' },
  { when: starts('Multi-device beta not joined'), kind: 'configuration', detail: () => 'multi-device' },
  { when: starts('Mobile API is not supported'), kind: 'configuration', detail: () => 'mobile-api' },

  // <stream:error>
  { when: stream((f) => f.conflict === 'device_removed'), kind: 'logged-out', detail: (f) => f.conflict },
  { when: stream((f) => f.conflict === 'replaced'), kind: 'replaced', detail: (f) => f.conflict },
  { when: stream((f) => f.stream === 'conflict' && f.code === 440), kind: 'replaced', detail: (f) => f.conflict },
  { when: stream((f) => f.code === 515), kind: 'restart-required' },
  // A 401 that does not say device_removed is not trusted at once: a true logout repeats itself at the next login.
  { when: stream((f) => f.code === 516 || f.code === 401), kind: 'refused', detail: (f) => f.stream },
  { when: stream((f) => f.code === 503), kind: 'server' },
  { when: stream(() => true), kind: 'protocol', detail: (f) => f.stream },

  // <failure reason>
  { when: failure(401), kind: 'logged-out' },
  { when: failure(402), kind: 'temporary-ban' },
  { when: failure(403), kind: 'locked' },
  { when: failure(405), kind: 'outdated' },
  { when: failure(406), kind: 'banned' },
  { when: failure(409, 411, 413, 414, 415, 418, 501), kind: 'configuration' },
  { when: failure(440), kind: 'replaced' },
  { when: failure(515), kind: 'restart-required' },
  { when: failure(516), kind: 'refused' },
  { when: (f) => f.message === 'Connection Failure' && (f.code ?? 0) >= 500, kind: 'server' },
  { when: starts('Connection Failure'), kind: 'unknown' },

  // The transport.
  { when: (f) => clockErrno.test(f.errno), kind: 'clock', detail: errno },
  { when: webSocket((f) => f.http !== undefined && isPortal(f.http)), kind: 'portal', detail: (f) => `HTTP ${f.http}` },
  { when: webSocket((f) => f.http !== undefined), kind: 'network', detail: (f) => `HTTP ${f.http}` },
  { when: webSocket((f) => f.message.includes('timed out')), kind: 'timed-out', detail: errno },
  { when: webSocket((f) => wireErrno.test(f.errno)), kind: 'protocol', detail: errno },
  { when: starts('WebSocket Error ('), kind: 'network', detail: errno },
  { when: starts('Connection was lost'), kind: 'link-lost' },
  { when: (f) => /^Connection (?:Terminated|Closed)/.test(f.message), kind: 'closed' },
  { when: (f) => /^(?:Timed Out|Pre-key upload timeout)/.test(f.message), kind: 'timed-out' },
  {
    when: (f) => /^(?:invalid )?noise |^certification match failed/.test(f.message),
    kind: 'protocol',
    detail: () => 'noise',
  },
  { when: (f) => networkErrno.test(f.errno), kind: 'network', detail: errno },
  { when: (f) => wireErrno.test(f.errno), kind: 'protocol', detail: errno },
  // A handshake of garbage surfaces as whatever the parser stumbled over.
  { when: starts('Unsupported state or unable to authenticate data'), kind: 'protocol', detail: () => 'handshake' },
  { when: (f) => handshakeStack.test(f.stack), kind: 'protocol', detail: () => 'handshake' },

  // `sock.logout('a word of one's own')`, or `sock.end()` with a 401 of the owner's: the server's 401 always carries
  // data.
  { when: (f) => f.code === 401 && !f.hasData, kind: 'intentional' },
]

/** A proxy or a portal asks for something; 408, 429 and 5xx are the edge itself having a bad moment. */
function isPortal(http: number): boolean {
  return http === 511 || (http < 500 && http !== 408 && http !== 429)
}
