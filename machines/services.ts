import { fromCallback, fromPromise } from 'xstate'
import type { Facts } from './context.ts'
import type { AuthProblem, SocketEvent, WatchEvent } from './events.ts'
import type { Reach } from './reach.ts'
import type { PairReason } from './verdict.ts'

/** What `prepareAuth` found, after it repaired what it could. */
export interface Prepared {
  /**
   * `linked`: dial. `unlinked`: a code is needed. `staged`: a pairing was scanned but has not opened yet: go on with
   * it.
   */
  readonly link: 'linked' | 'unlinked' | 'staged'
  /** Why a code is needed, if it is. */
  readonly reason: PairReason
}

/** What the service that looks at the credentials is given. */
export interface PrepareInput {
  /** Nothing has been dialled yet since supervision began. */
  readonly firstLook: boolean
  /** The last run did not end cleanly, so damage is expected. */
  readonly afterUnclean: boolean
  /** A person wants the account's own credentials tried, although a scanned pairing waits in the staging area. */
  readonly ownCreds: boolean
}

/** What the service that sets sessions aside is given. */
export interface PruneInput {
  /** Some sessions, or all. */
  readonly scope: 'failing' | 'all'
  /** Whose sessions; none with `all`. */
  readonly addresses: readonly string[]
  /** The reason, for the manifest in the quarantine. */
  readonly why: string
  /** Written first, with the budget already charged: a crash in between costs a prune, never gives one. */
  readonly facts: Facts
}

/** What it did. */
export interface Pruned {
  /** Addresses whose session files were set aside. */
  readonly addresses: readonly string[]
  /** Where they lie; undefined if there was nothing to set aside. */
  readonly quarantine?: string
}

/** What the service that opens a socket is given. */
export interface OpenInput {
  /** The number of the socket to make. */
  readonly generation: number
  /** `staging` dials with the identity that is being paired. */
  readonly auth: 'account' | 'staging'
  /** A pairing code is asked for with this phone. */
  readonly phone?: string | undefined
  /** The last run did not end cleanly, so damage is expected and the shorter grace counts. */
  readonly afterUnclean: boolean
}

/** What the service that makes new sessions is given. */
export interface HealInput {
  /** Devices whose messages cannot be read. */
  readonly addresses: readonly string[]
  /** Devices that cannot read what was sent to them. */
  readonly unheard: readonly string[]
  /** The number of the socket to heal over. */
  readonly generation: number
}

/** The rejection of a service that the machine can tell apart. */
export function problemOf(error: unknown): AuthProblem | undefined {
  if (typeof error !== 'object' || error === null || !('problem' in error)) return undefined
  return error.problem as AuthProblem
}

const unprovided = (name: string) => (): never => {
  throw new Error(`the service ${name} is not provided`)
}

/**
 * The side effects, by name. Here they only have their types; `src/line/services/` provides them, tests script them.
 * Each obeys its abort signal or clean-up function.
 */
export const services = {
  /** Inspects and repairs before anything judges whether the account is linked. */
  prepareAuth: fromPromise<Prepared, PrepareInput>(unprovided('prepareAuth')),
  /** Opens the one socket of a generation and reports it until it is closed. */
  openSocket: fromCallback<SocketEvent, OpenInput, SocketEvent>(unprovided('openSocket')),
  /**
   * Ends the newest socket: detach, end, wait until `deadlineMs`, then shut its fence and wait for the writes in
   * flight.
   */
  closeSocket: fromPromise<void, { readonly deadlineMs: number }>(unprovided('closeSocket')),
  /** Proves single ownership, then moves session files into the quarantine. Runs behind a shut fence only. */
  pruneSessions: fromPromise<Pruned, PruneInput>(unprovided('pruneSessions')),
  /**
   * Rung 1, live: forgets the sessions of these addresses through the key store that Baileys uses, so that a new one is
   * built.
   */
  healAddress: fromPromise<void, HealInput>(unprovided('healAddress')),
  /** Watches the open link: silence leads to a ping with a deadline, a jumped clock to an end. */
  probe: fromCallback<SocketEvent, { readonly generation: number }, SocketEvent>(unprovided('probe')),
  /** While the next try is waited for: tells once when a server that was out of reach can be reached again. */
  watchNetwork: fromCallback<WatchEvent, { readonly reach: Reach }, WatchEvent>(unprovided('watchNetwork')),
  /** Makes a fresh staging area, or opens the one that was scanned. */
  stagePairing: fromPromise<void, { readonly resume: boolean }>(unprovided('stagePairing')),
  /**
   * Logs the device out that another number has just linked, over its open socket. Rejects if that phone still lists
   * it.
   */
  unlinkDevice: fromPromise<void, { readonly generation: number }>(unprovided('unlinkDevice')),
  /** Moves the pairing in the staging area into the quarantine; the account's own files stay. */
  discardPairing: fromPromise<void, { readonly reason: string }>(unprovided('discardPairing')),
  /** The new pairing has opened once: the old files go into the quarantine, the new ones take their place. */
  promotePairing: fromPromise<{ readonly quarantine?: string }, { readonly reason: PairReason }>(
    unprovided('promotePairing'),
  ),
}
