import type { AuthenticationCreds, AuthenticationState } from '../baileys/baileys-types.ts'

/**
 * A read of one stored thing. *Unreadable* is never *absent*: an unreadable creds.json never becomes a new identity.
 */
export type Read<T> =
  /** It is there. */
  | { readonly kind: 'present'; readonly value: T }
  /** It is not there. */
  | { readonly kind: 'absent' }
  /** It is there and damaged: how. */
  | { readonly kind: 'unreadable'; readonly why: string }

/** Classes of stored files; what the loss of each does stands in the table of `file-class.ts`. */
export const fileClasses = [
  'creds',
  'session',
  'pre-key',
  'sender-key',
  'sender-key-memory',
  'app-state-sync-key',
  'app-state-sync-version',
  'lid-mapping',
  'device-list',
  'identity-key',
  'tctoken',
  'unknown',
] as const
/** What a file of an account is: creds, a session, a pre-key, … */
export type FileClass = (typeof fileClasses)[number]

/** An opened account: what Baileys is given, and the means to shut it off. */
export interface OpenAuth {
  /** What `makeWASocket` takes as `auth`. */
  readonly state: AuthenticationState
  /** Saves creds durably: resolved means on disk. */
  readonly saveCreds: () => Promise<void>
  /** The names of the files of all stored keys. */
  readonly keyNames?: () => Promise<readonly string[]>
  /**
   * From now on every write of this opening rejects with `FencedError`; resolves once the writes in flight are done.
   * With `lost`, a write that the medium has not answered when that resolves is not waited for; nothing is moved while
   * it may still be stored. Idempotent.
   */
  readonly fence: (lost?: Promise<void>) => Promise<void>
  /** `fence`, then lets go of caches and handles. `deadlineMs` (default 5000) bounds the wait. Idempotent. */
  readonly close: (deadlineMs?: number) => Promise<void>
}

/** What to set aside. */
export type Selection =
  /** The sessions of these addresses: `session-<address>.json`. */
  | { readonly kind: 'sessions'; readonly addresses: readonly string[] }
  /** Every session. */
  | { readonly kind: 'all-sessions' }
  /** Exactly these files. */
  | { readonly kind: 'files'; readonly names: readonly string[] }
  /** Credentials and keys: a person's word, or a completed pairing. */
  | { readonly kind: 'everything' }

/** What was set aside at one time, for one reason. */
export interface QuarantineEntry {
  /** Names it, as `restore` takes it: when it was made. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Why the files were set aside. */
  readonly reason: string
  /**
   * `name` is relative to the account's folder. `sha256` is empty for what could not be read, such as a folder in the
   * place of a file.
   */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[]
}

/** How long and how much set-aside material is kept; entries that hold credentials are kept for ever. */
export interface QuarantineBounds {
  /** Days before an entry may be removed. */
  readonly keepDays: number
  /** Bytes that all may take together before the oldest is removed. */
  readonly maxBytes: number
}

/** Something that is wrong with what is stored, what follows from it and what cures it. */
export interface Finding {
  /** `error`: something will not work; `warning`: it may not; `info`: good to know. */
  readonly severity: 'info' | 'warning' | 'error'
  /**
   * A row of the findings table, e.g. `creds-unreadable`, `session-unreadable`, `session-poison`, `pre-key-regressed`.
   */
  readonly code: string
  /** The name of the file that it is about. */
  readonly file?: string
  /** What is wrong. */
  readonly message: string
  /** What follows from it. */
  readonly consequence: string
  /** What cures it. */
  readonly cure: string
}

/** What a look at an account finds; nothing is changed by it. */
export interface Inspection {
  /** The credentials, if they can be read. */
  readonly creds: Read<AuthenticationCreds>
  /** True if creds are present and the account was paired once (`me.id` and `account` are there). */
  readonly linked: boolean
  /** While creds.json cannot be used: the last good copy of it, which the next start puts in its place. */
  readonly goodCopy?: {
    /** The account that it is linked as, e.g. `491700000001:3@s.whatsapp.net`. */
    readonly id: string
    /** When it was saved, epoch milliseconds. */
    readonly savedAt: number
  }
  /** What is wrong, worst first. */
  readonly findings: readonly Finding[]
  /** How many files there are of each class. */
  readonly counts: Readonly<Partial<Record<FileClass, number>>>
}

/** Which sessions are looked at, and for how long. */
export interface SessionsLook {
  /** These, in this order; default: all, those that were written last first. */
  readonly names?: readonly string[]
  /** After so long, by `now`, the others are left; some dozens are looked at in any case. */
  readonly withinMs: number
  /** Milliseconds of any clock that is never set. */
  readonly now: () => number
}

/** What a look at sessions found. */
export interface SessionsSeen {
  /** `file-unreadable` and `session-poison`, each with its file. */
  readonly findings: readonly Finding[]
  /** The names of those that were not looked at, in their order. */
  readonly left: readonly string[]
}

/** Messages that the account has sent, for being asked for again. Entries are JSON-serialisable. */
export interface SentLog {
  /** Oldest first; what cannot be read is left out. */
  read(): Promise<readonly unknown[]>
  /** Durable when resolved. */
  append(entries: readonly unknown[]): Promise<void>
  /** These in the place of all that is there; durable when resolved. */
  replace(entries: readonly unknown[]): Promise<void>
}

/** What became of the last writes of an owner that was killed. */
export interface Replayed {
  /** Files that were put in their place. */
  readonly finished: readonly string[]
  /**
   * Files that another program had written since: theirs stay, and what was still to be written is in the quarantine.
   */
  readonly superseded: readonly string[]
  /**
   * Journals that could not be read to their end: what could be counts, and they lie beside under the ending
   * `.damaged`.
   */
  readonly spoilt: readonly string[]
}

/** How many writes an account on a database has seen, of all its owners. */
export interface Written {
  /** How many writes there were. */
  readonly count: number
  /**
   * With a key: the key's id, and what stands for all rows as the last write left them. Two of one count and key differ
   * if the rows do. No secret.
   */
  readonly digest?: string
  /** How many this process has seen, where the database knows fewer. */
  readonly seen?: number
}

/** An account of which some rows are of an earlier time than its last write. */
export interface WentBack {
  /** For people: what was found. Names no contact. */
  readonly words: string
  /** The files of those sessions; undefined if nobody can say which. */
  readonly sessions?: readonly string[]
}

/**
 * Where one account's credentials and keys live. One owner at a time: `acquire` first, `release` last. Every failure of
 * the medium (no space, no permission, read-only, I/O) rejects with `AuthStoreError` of code `AUTH_STORE_DISK`.
 */
export interface AuthStore {
  /** For logs and messages: the folder, or the table and account. */
  readonly location: string
  /**
   * The folder for the library's own files beside the credentials; stores without a folder have none, and what needs
   * one is kept in memory.
   */
  readonly ownFolder?: string
  /** True where no lock tells processes apart: this one is the owner by declaration. */
  readonly declared?: boolean
  /**
   * Becomes the one owner, in this process and others; finishes what a crash interrupted. Rejects with `LockedError`
   * naming the owner, nothing changed. Without it every method but the reading ones (`inspect`, `quarantined`,
   * `stagingPaired`, `readFacts`, `readHistory`, `sent.read`) rejects with `AUTH_STORE_NOT_OWNED`.
   */
  acquire(): Promise<void>
  /**
   * What the last `acquire` found of an owner that was killed. Absent where nothing is written behind an
   * acknowledgement.
   */
  readonly replayed?: Replayed
  /**
   * What the last `acquire` found to be of an earlier time than the last write, until `wentBackSettled`. Absent where
   * that cannot be seen.
   */
  readonly wentBack?: WentBack | undefined
  /** Says no more of it; with `done` the next owner does not either, from the next write on. */
  wentBackSettled?(done: boolean): void
  /** How many writes there were by now; undefined without the lock. Absent where they are not counted. */
  readonly written?: Written | undefined
  /** True while this store still owns the account; re-checked against the medium. */
  owned(): Promise<boolean>
  /**
   * Told when the account turns out to be another's, or can no longer be shown to be this store's: what was open is
   * fenced by then, and its socket has to be closed. Returns the unsubscribe function. Absent where that is found out
   * by the next write alone.
   */
  onLost?(listener: () => void): () => void
  /**
   * True if the account is no longer in its place: deleted or moved since it was acquired, or its disk is not mounted.
   * Until it is released, nothing is made in its place. Absent where that cannot be.
   */
  gone?(): Promise<boolean>
  /**
   * Told when the medium does not take what was acknowledged to the place where others look for it, and with undefined
   * when it does again. Nothing is lost meanwhile. Returns the unsubscribe function. Absent where everything lies in
   * its place when it is acknowledged.
   */
  onTrouble?(listener: (failure: Error | undefined) => void): () => void
  /**
   * Told, in words that name no contact, of each stored thing that is not used: somebody without the key has written it
   * or put it back, or it is no file that can be read, and went aside. Returns the unsubscribe function.
   */
  onRefused?(listener: (words: string) => void): () => void
  /** Fences what is open and lets go of the lock. Idempotent. */
  release(): Promise<void>

  /**
   * Fresh state and caches over what is stored. Rejects with `UnreadableCredsError` if creds are unreadable (or gone
   * although a good generation is there); mints an identity only if they are absent and `mint` is true, otherwise
   * rejects with `AUTH_STORE_CREDS_ABSENT`.
   */
  open(options?: { readonly mint?: boolean }): Promise<OpenAuth>
  /** Reads all that is stored and tells what is wrong with it; changes nothing. */
  inspect(options?: { readonly depth?: 'creds' | 'full' }): Promise<Inspection>
  /**
   * Looks for sessions that nothing can load; nothing is changed by it. Absent: a full `inspect` takes its place, which
   * takes seconds where there are thousands.
   */
  lookAtSessions?(look: SessionsLook): Promise<SessionsSeen>

  /**
   * Takes the rights of other users away from what is stored; the names that were changed. Absent where the medium has
   * no such rights.
   */
  tighten?(): Promise<readonly string[]>

  /**
   * Moves files out, byte for byte, with a manifest; durable when resolved. Undefined if nothing matched. Refuses while
   * an opening is not fenced.
   */
  quarantine(selection: Selection, reason: string): Promise<QuarantineEntry | undefined>
  /**
   * Copies files into the quarantine and leaves them in place: what the live cure does before Baileys itself overwrites
   * them. Works beside an open socket.
   */
  copyAside(selection: Selection, reason: string): Promise<QuarantineEntry | undefined>
  /** What was set aside. */
  quarantined(): Promise<readonly QuarantineEntry[]>
  /**
   * Puts an entry's files back. Refuses, with the reason, to overwrite a successor (a ratchet rollback) unless `force`;
   * what it replaces is quarantined.
   */
  restore(id: string, options?: { readonly force?: boolean }): Promise<readonly string[]>
  /**
   * Removes entries that are too old, then the oldest ones while all together are too large. Never one with
   * credentials. The ids of the removed.
   */
  trimQuarantine(bounds: QuarantineBounds): Promise<readonly string[]>
  /**
   * Sets bad creds aside and puts the newest good generation of the same identity back. Undefined, with nothing
   * changed, if there is none or the creds are good.
   */
  restoreCreds(reason: string): Promise<{ readonly savedAt: number } | undefined>
  /**
   * Makes credentials usable where arithmetic can: raises `nextPreKeyId` and `firstUnuploadedPreKeyId` past every
   * stored pre-key if they regressed or are no ids, or always with `force` (after a restore), and takes out what
   * Baileys cannot calculate with (`routingInfo` as text …). What it replaces is kept. True if creds changed.
   */
  repairPreKeys(options?: { readonly force?: boolean }): Promise<boolean>

  /** A fresh, empty staging area with a new identity, for a pairing that must not touch the account's own files. */
  openStaging(): Promise<OpenAuth>
  /** True if the staging area holds a completed pairing (`me.id` and `account`). */
  stagingPaired(): Promise<boolean>
  /** Re-opens the staging area as it is (after the 515 that follows a scan). */
  resumeStaging(): Promise<OpenAuth>
  /**
   * Moves what is in the staging area into the quarantine; the account's own files stay. Undefined if nothing was
   * there. Absent: the next `openStaging` removes it.
   */
  discardStaging?(reason: string): Promise<QuarantineEntry | undefined>
  /**
   * The staged pairing becomes the account: the old files go into the quarantine, the new ones take their place. A
   * crash between leaves one or the other, never a mixture that loads.
   */
  promoteStaging(reason: string): Promise<QuarantineEntry | undefined>

  /** The library's own few facts (budgets, last closes, clean marker); absent or unreadable reads as undefined. */
  readFacts(): Promise<unknown>
  /** Keeps what the supervision has to know after a restart; replaces what was kept before. */
  writeFacts(facts: unknown): Promise<void>
  /**
   * The process exits in this turn of the event loop: writes the facts and an entry of the history, and lets go of the
   * lock, all of it before it returns. Nothing if the account is not owned. Never throws. Absent: such an end counts as
   * unclean.
   */
  endNow?(facts: unknown, entry: unknown): void
  /** One JSON-serialisable entry at the end of the history, oldest entries dropped past a bound. */
  appendHistory(entry: unknown): Promise<void>
  /** The newest `limit` lines of the history, oldest first. */
  readHistory(limit: number): Promise<readonly unknown[]>

  /** Used where the policy's `resend.keep` is `store`. Absent: what was sent is kept in memory. */
  readonly sent?: SentLog
}
