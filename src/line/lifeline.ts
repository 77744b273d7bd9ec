import type { RetriesAsked, Status } from '../../machines/index.ts'
import type { LineEvents } from '../baileys/emitter.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import type { HistoryEntry } from '../history/entry.ts'
import type { Notice } from '../notices/notice.ts'
import type { QuarantineEntry } from '../stores/store.ts'
import type { ConnectionActor } from './supervisor.ts'

/** What `line.on` tells, by name. */
export interface LineEventPayloads<S> {
  /** The status has changed. */
  status: Status
  /** One for each code that Baileys rotates, and one when its pairing code arrives. */
  qr: NonNullable<Status['qr']>
  /** Somebody is to be told of this. */
  notice: Notice
  /** The live socket, or undefined when it is gone. */
  socket: S | undefined
}

/** The supervisor of one account. */
export interface Lifeline<S extends BaileysSocket = BaileysSocket> {
  /** The name of the account, for logs, notices and metrics. */
  readonly account: string
  /** `observe`: it connects, and heals nothing. */
  readonly mode: 'heal' | 'observe'
  /** What is the matter, in words, and what to do; the same object until something changes. */
  readonly status: Status
  /** The live socket, while it is open. */
  readonly socket: S | undefined
  /** The XState actor; after a crash of it a fresh one. Undefined before the first start. */
  readonly actor: ConnectionActor | undefined
  /**
   * How often messages of this account were asked for again, by contacts and by its own devices, since the process
   * began.
   */
  readonly retriesAsked: RetriesAsked
  /** Baileys' events, one emitter across every socket. */
  readonly ev: LineEvents
  /** Listens; returns the unsubscribe function. A listener that throws is reported and harms nothing. */
  on<E extends keyof LineEventPayloads<S>>(event: E, listener: (payload: LineEventPayloads<S>[E]) => void): () => void
  /**
   * Takes the folder and begins supervision; not necessarily connected when it resolves. Rejects with a `LifelineError`
   * if the folder cannot be used, nothing changed.
   */
  start(): Promise<void>
  /** The socket, once healthy. Rejects with the reason when a person is needed, when supervision stops, or on abort. */
  whenHealthy(options?: { readonly signal?: AbortSignal }): Promise<S>
  /** Ends supervision from any state within 5 s: no timer, socket, listener or lock is left. Never rejects. */
  stop(): Promise<void>
  /** What happened, newest last, earlier runs included. */
  history(): readonly HistoryEntry[]
  /** Drops the connection, or the wait for it, and dials at once. */
  reconnect(): Promise<void>
  /**
   * Sets the failing sessions, or all, aside and reconnects, within the budget of the policy. Resolves when it is
   * done: connected again, or the first attempt has failed and supervision goes on with the next. Rejects if no session
   * could be set aside, with the reason.
   */
  prune(scope: 'failing' | 'all'): Promise<void>
  /**
   * A person's word: show a code and replace the credentials once it was scanned; until then the old ones stay where
   * they are.
   */
  relink(): Promise<void>
  /**
   * The eight characters to type on the phone with this number, while a code is needed. `custom`: those that the owner
   * chose, 8 letters or digits; default: drawn by Baileys. Asked again for the same phone while they are shown, it
   * gives the same ones.
   */
  requestPairingCode(phone: string, custom?: string): Promise<string>
  /**
   * Unlinks this device at WhatsApp and ends supervision; the credentials stay where they are, and are good for
   * nothing. Resolves when it has stopped. An account that is not linked is stopped only. Rejects, with supervision as
   * it was, if there is no connection to say it over.
   */
  logout(): Promise<void>
  /** What was set aside, oldest first. Also while supervision is stopped. */
  quarantined(): Promise<readonly QuarantineEntry[]>
  /**
   * Puts an entry of the quarantine back: supervision pauses for it and goes on afterwards. The names of the files that
   * are back. Refuses, with the reason, to put old keys in the place of their successors unless `force`; what it
   * replaces is set aside first.
   */
  restore(id: string, options?: { readonly force?: boolean }): Promise<readonly string[]>
  /**
   * A one-time link to a page that shows this account's code and nothing else, for the owner of the phone. Holds for
   * `expiresMs` (default: what the dashboard says, 15 min). Needs a dashboard that shows this line; throws
   * `LifelineError` of code `DASHBOARD_MISSING` if there is none.
   */
  relinkUrl(options?: { readonly expiresMs?: number }): string
}
