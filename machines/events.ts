import type { ErrorActorEvent } from 'xstate'
import type { CloseCause } from './cause.ts'
import type { Assessment } from './evidence.ts'
import type { OutboundAssessment } from './outbound.ts'
import type { Verdict } from './verdict.ts'

/** What a person or the gateway asks for. */
export type Command =
  /** Supervision begins. */
  | { readonly type: 'start' }
  /** Supervision ends. */
  | { readonly type: 'stop' }
  /** Dial now. */
  | { readonly type: 'reconnect' }
  /** Set sessions aside. */
  | { readonly type: 'prune'; readonly scope: 'failing' | 'all' }
  /** Show a code. */
  | { readonly type: 'relink' }
  /** Ask for a pairing code. */
  | { readonly type: 'pairing.request'; readonly phone: string }

/** What a socket reports. Each carries the generation of its socket; those of an older one change nothing. */
export type SocketEvent =
  /** The connection is open. */
  | {
      readonly type: 'socket.open'
      readonly generation: number
      readonly self?: { readonly id: string; readonly name?: string }
    }
  /** The connection has ended. */
  | { readonly type: 'socket.close'; readonly generation: number; readonly cause: CloseCause }
  /** There is a code to scan until then, epoch milliseconds. */
  | { readonly type: 'socket.qr'; readonly generation: number; readonly code: string; readonly expiresAt: number }
  /** There is a code to type. */
  | { readonly type: 'socket.pairingCode'; readonly generation: number; readonly code: string }
  /** A code to type was refused: with which status, and how long to wait. */
  | {
      readonly type: 'socket.codeRefused'
      readonly generation: number
      readonly code?: number
      readonly waitMs?: number
    }
  /** Somebody has scanned. */
  | { readonly type: 'socket.scanned'; readonly generation: number }
  /** The device is linked. */
  | { readonly type: 'socket.paired'; readonly generation: number }
  /** The store cannot be used. */
  | { readonly type: 'auth.failed'; readonly generation: number; readonly problem: AuthProblem }
  /** The connection is dead, and has not said so. */
  | { readonly type: 'liveness.lost'; readonly generation: number; readonly cause: CloseCause }

/** The statechart's own: a close of the newest socket, with what was decided of it. */
export interface JudgedClose {
  readonly type: 'close.judged'
  /** The event that told of the close. */
  readonly of: 'socket.close' | 'liveness.lost'
  readonly cause: CloseCause
  readonly verdict: Verdict
}

/** What the watchers beside the socket report. */
export type WatchEvent =
  /** Other messages cannot be read than before. */
  | { readonly type: 'evidence.changed'; readonly evidence: Assessment }
  /** Others cannot read what the account sends than before. */
  | { readonly type: 'outbound.changed'; readonly outbound: OutboundAssessment }
  /** A message was read from where sessions were set aside. */
  | { readonly type: 'prune.proven'; readonly address: string }
  /** A write fails. */
  | { readonly type: 'disk.trouble'; readonly message: string }
  /** Writes succeed again. */
  | { readonly type: 'disk.well' }
  /** The server can be reached again. */
  | { readonly type: 'network.back' }

/** What keeps credentials from being used. */
export interface AuthProblem {
  /** `disk`: the store fails; `not-owner`: somebody else has the account; `creds`: the credentials are unusable. */
  readonly kind: 'disk' | 'not-owner' | 'creds'
  /** What broke, as the error says it. */
  readonly message: string
  /** What held the account is not there any more: somebody deleted it while it was in use. Of kind `disk`. */
  readonly gone?: boolean
  /** Something else than the medium failed: a package that is missing, a store of the owner's. Of kind `disk`. */
  readonly other?: boolean
  /** What to do about it, if the error says so. */
  readonly remediation?: string
  /**
   * `not-owner`: when the account is free if its owner is gone, epoch milliseconds; undefined if the owner is known to
   * live.
   */
  readonly freeAt?: number
}

/** Whatever the statechart takes. */
export type ConnectionEvent = Command | SocketEvent | JudgedClose | WatchEvent | ErrorActorEvent
