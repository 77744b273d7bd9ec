import type { BinaryNode } from '../../baileys/baileys-types.ts'
import { node, SERVER_JID, seconds } from './stanza.ts'

/** How far a connection has come: TCP and HTTP, the WebSocket, the client's hello, its login or registration. */
export type Stage = 'upgrade' | 'connect' | 'hello' | 'login'

/** What the server can do wrong, or be told to say. */
export type Fault =
  /**
   * Answers the upgrade with this HTTP status, as a proxy or a captive portal does, and closes, unless told to keep the
   * connection open. Baileys hears nothing of the status: kept open, its own timeout ends the attempt (408); closed, it
   * waits for ever and emits nothing.
   */
  | { kind: 'http-status'; status: number; keepOpen?: boolean }
  /** Breaks the TCP connection at that stage, without a close frame. */
  | { kind: 'reset'; at: Stage }
  /** Closes the WebSocket at that stage. */
  | { kind: 'close'; at: Exclude<Stage, 'upgrade'> }
  /** Never answers from that stage on. */
  | { kind: 'silence'; at: Stage }
  /**
   * Random bytes in the place of the handshake's answer; a client that is connected gets a frame that it cannot
   * decrypt.
   */
  | { kind: 'garbage' }
  /**
   * A certificate chain that another root has issued, by its serial number: the part that both versions of Baileys do
   * check.
   */
  | { kind: 'bad-certificate' }
  /** `<failure reason=…>` in the place of success. `attrs` may add `expire` (seconds, with 402) or `location`. */
  | { kind: 'failure'; reason: number; attrs?: Record<string, string> }
  /** `<stream:error>` with a code, a child, or both. */
  | { kind: 'stream-error'; code?: number; child?: { tag: string; attrs?: Record<string, string> } }
  /** `<xmlstreamend>`. */
  | { kind: 'stream-end' }
  /** Says that the account is not in the multi-device programme. */
  | { kind: 'downgrade' }
  /** Logs in, and never says that the backlog is over. */
  | { kind: 'no-offline-node' }
  /** Logs in and answers every query, and delivers nothing; what is due waits in the backlog. */
  | { kind: 'deaf' }
  /** Logs in, then neither reads nor writes, while TCP stays up. */
  | { kind: 'half-open' }
  /** Has lost the device's one-time pre-keys, so that the client uploads new ones. */
  | { kind: 'no-pre-keys' }
  /** Refuses to give a pairing code: an error to the request, which no version of Baileys hears. */
  | { kind: 'code-refused'; code: number; backoff?: number }
  /**
   * Wants a passkey: after the scan it sends `companion_reg_refresh` in place of `pair-success`, and the phone says
   * that the device could not be linked.
   */
  | { kind: 'passkey-wanted' }
  /** Sends this many references for QR codes in place of the usual number. */
  | { kind: 'qr-refs'; count: number }

/** Faults by the names that the field gives them. */
export const faults = {
  /** 515: start again, as after a pairing. */
  restartRequired: { kind: 'stream-error', code: 515 },
  /** 503 in the stream: the server goes away. */
  serviceUnavailable: { kind: 'stream-error', code: 503 },
  /** 516, as an unlinked device may be told. */
  streamError516: { kind: 'stream-error', code: 516 },
  /** 440: another connection with the same credentials. */
  replaced: { kind: 'stream-error', child: { tag: 'conflict', attrs: { type: 'replaced' } } },
  /** 401: the phone has unlinked the device. */
  deviceRemoved: { kind: 'stream-error', code: 401, child: { tag: 'conflict', attrs: { type: 'device_removed' } } },
  /** 500: the server could not read a stanza. */
  xmlNotWellFormed: { kind: 'stream-error', child: { tag: 'xml-not-well-formed' } },
  /** 500, `Stream Errored (ack)`. */
  ack: { kind: 'stream-error', child: { tag: 'ack', attrs: { class: 'message' } } },
  /** 401 at the login. */
  loggedOut: { kind: 'failure', reason: 401, attrs: { location: 'frc' } },
  /** 402: banned for an hour. */
  banned: { kind: 'failure', reason: 402, attrs: { expire: '3600', code: '101' } },
  /** 403: locked. */
  locked: { kind: 'failure', reason: 403 },
  /** 405: the client version is too old. */
  outdated: { kind: 'failure', reason: 405 },
  /** 406: banned for good. */
  bannedForGood: { kind: 'failure', reason: 406 },
  /** 500 at the login: a failure of the server. */
  serverError: { kind: 'failure', reason: 500 },
  /** 503 at the login, or of an open connection. */
  unavailable: { kind: 'failure', reason: 503 },
  /** HTTP 401 on the upgrade: a sign-in page stands between. */
  portal: { kind: 'http-status', status: 401 },
} as const satisfies Record<string, Fault>

/** The stanza with which a fault makes the client end its connection; undefined for faults of another kind. */
export function farewell(fault: Fault): BinaryNode | undefined {
  switch (fault.kind) {
    case 'failure':
      return node('failure', { reason: String(fault.reason), ...fault.attrs })
    case 'stream-error':
      return node(
        'stream:error',
        { code: fault.code === undefined ? undefined : String(fault.code) },
        fault.child && [node(fault.child.tag, fault.child.attrs)],
      )
    case 'stream-end':
      return node('xmlstreamend')
    case 'downgrade':
      return node('ib', { from: SERVER_JID, t: seconds() }, [node('downgrade_webclient')])
    default:
      return undefined
  }
}

/** Whom a fault meets, and how often. */
export interface FaultOptions {
  /** Only when this account logs in: a phone number. Without it, whichever connection comes next. */
  account?: string
  /** For that many connections. Default 1. */
  times?: number
}

interface Due {
  fault: Fault
  account?: string
  times: number
}

/** The faults that wait for a connection. */
export class FaultQueue {
  #due: Due[] = []

  add(fault: Fault, { account, times = 1 }: FaultOptions): void {
    this.#due.push(account === undefined ? { fault, times } : { fault, account, times })
  }

  clear(): void {
    this.#due = []
  }

  /** The first fault for that account; with none named, the first that is for everybody. */
  take(account?: string): Fault | undefined {
    const found = this.#due.find((due) => due.account === account)
    if (!found) return undefined
    found.times -= 1
    if (found.times <= 0) this.#due = this.#due.filter((due) => due !== found)
    return found.fault
  }
}
