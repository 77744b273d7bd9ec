import type { ErrorActorEvent } from 'xstate'
import type { CloseCause } from './cause.ts'
import type { Assessment } from './evidence.ts'
import type { OutboundAssessment } from './outbound.ts'
import type { Verdict } from './verdict.ts'

/** What a person or the gateway asks for. */
export type Command =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'reconnect' }
  | { readonly type: 'prune'; readonly scope: 'failing' | 'all' }
  | { readonly type: 'relink' }
  | { readonly type: 'pairing.request'; readonly phone: string }

/** What a socket reports. Each carries the generation of its socket; those of an older one change nothing. */
export type SocketEvent =
  | {
      readonly type: 'socket.open'
      readonly generation: number
      readonly self?: { readonly id: string; readonly name?: string }
    }
  | { readonly type: 'socket.close'; readonly generation: number; readonly cause: CloseCause }
  | { readonly type: 'socket.qr'; readonly generation: number; readonly code: string; readonly expiresAt: number }
  | { readonly type: 'socket.pairingCode'; readonly generation: number; readonly code: string }
  | {
      readonly type: 'socket.codeRefused'
      readonly generation: number
      readonly code?: number
      readonly waitMs?: number
    }
  | { readonly type: 'socket.scanned'; readonly generation: number }
  | { readonly type: 'socket.paired'; readonly generation: number }
  | { readonly type: 'auth.failed'; readonly generation: number; readonly problem: AuthProblem }
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
  | { readonly type: 'evidence.changed'; readonly evidence: Assessment }
  | { readonly type: 'outbound.changed'; readonly outbound: OutboundAssessment }
  | { readonly type: 'prune.proven'; readonly address: string }
  | { readonly type: 'disk.trouble'; readonly message: string }
  | { readonly type: 'disk.well' }

/** What keeps credentials from being used. */
export interface AuthProblem {
  readonly kind: 'disk' | 'not-owner' | 'creds'
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

export type ConnectionEvent = Command | SocketEvent | JudgedClose | WatchEvent | ErrorActorEvent
