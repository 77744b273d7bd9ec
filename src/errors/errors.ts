/** What went wrong, in true words, with what a person can do about it. Never holds a key, credentials or a QR code. */
export class LifelineError extends Error {
  /** The name of its class. */
  override readonly name: string = 'LifelineError'
  /** Stable identifier for programs, e.g. `AUTH_STORE_DISK`. */
  readonly code: string
  /** What to do about it, in plain words. */
  readonly remediation: string

  constructor(code: string, message: string, remediation: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.remediation = remediation
  }
}

/** An option is wrong. Thrown before anything starts or touches the disk. */
export class OptionsError extends LifelineError {
  /** The name of its class. */
  override readonly name = 'OptionsError'
  /** The path of the option, e.g. `policy.reconnect.initialMs`. */
  readonly path: string

  constructor(path: string, message: string, remediation: string) {
    super('OPTIONS_INVALID', message, remediation)
    this.path = path
  }
}

/** Why a store could not do what was asked. */
export type AuthStoreErrorCode =
  | 'AUTH_STORE_DISK' // the medium failed: no space, no permission, read-only, I/O
  | 'AUTH_STORE_SILENT' // a read or a write of keys, or a save of the credentials, was not answered in time
  | 'AUTH_STORE_FOLDER' // the folder cannot serve: it is a file, or its parent is missing
  | 'AUTH_STORE_GONE' // the account was deleted or moved while it was in use, or its disk is not mounted
  | 'AUTH_STORE_NOT_OWNED' // acquire() is missing, or the lock went to another owner
  | 'AUTH_STORE_OPEN' // an opening is not fenced yet, so its files must not move
  | 'AUTH_STORE_FENCED' // a write came after the fence
  | 'AUTH_STORE_LOCKED' // somebody else owns the account
  | 'AUTH_STORE_CREDS_UNREADABLE' // creds are damaged, or missing although they were there before
  | 'AUTH_STORE_CREDS_ABSENT' // there are no creds, and minting was not asked for
  | 'AUTH_STORE_SUCCESSOR' // a restore would roll a key back behind its successor
  | 'AUTH_STORE_NOT_FOUND' // no such quarantine entry
  | 'AUTH_STORE_NOT_EMPTY' // an import or export would write over an account
  | 'AUTH_STORE_DRIVER' // a package that this store needs is not installed
  | 'AUTH_STORE_SCHEMA' // the tables of this store are missing, too old or too new
  | 'AUTH_STORE_KEY' // a row is encrypted with a key that was not given
  | 'AUTH_STORE_NOT_PAIRED' // the staging area holds no completed pairing

/** The store of credentials and keys could not do what was asked; what was stored before still is. */
export class AuthStoreError extends LifelineError {
  /** The name of its class. */
  override readonly name: string = 'AuthStoreError'
  declare readonly code: AuthStoreErrorCode
  /** The errno of the medium, e.g. `ENOSPC`; only with code `AUTH_STORE_DISK`. */
  readonly errno: string | undefined

  constructor(code: AuthStoreErrorCode, message: string, remediation: string, cause?: unknown, errno?: string) {
    super(code, message, remediation, cause)
    this.errno = errno
  }
}

/** A write of an opening that was shut off. A late socket gets this; nothing was written. */
export class FencedError extends AuthStoreError {
  /** The name of its class. */
  override readonly name = 'FencedError'

  constructor(location: string) {
    super(
      'AUTH_STORE_FENCED',
      `This opening of ${location} is fenced: the write was refused and nothing changed.`,
      'Nothing to do: a newer opening, or none, owns the account now. Open the store again to write.',
    )
  }
}

/** The account has another live owner. */
export class LockedError extends AuthStoreError {
  /** The name of its class. */
  override readonly name = 'LockedError'
  /** Process and host of the owner, as far as its lock says. */
  readonly owner: { readonly pid: number | undefined; readonly host: string | undefined }
  /**
   * When the lock is free if its owner is gone, epoch milliseconds: the owner runs in another container or on another
   * host, and nobody here can see whether it lives. Undefined if it is known to live.
   */
  readonly freeAt: number | undefined

  constructor(
    location: string,
    owner: { readonly pid: number | undefined; readonly host: string | undefined },
    freeAt?: number,
    remediation = 'Stop that process, or use another folder. If it is gone already (a crashed container, another host), the lock is free 20 seconds after its last heartbeat.',
  ) {
    const who =
      owner.pid === undefined ? 'another process' : `process ${owner.pid} on host ${owner.host ?? '(unknown)'}`
    super('AUTH_STORE_LOCKED', `${location} is in use by ${who}.`, remediation)
    this.owner = owner
    this.freeAt = freeAt
  }
}

/** creds.json cannot be used, and no new identity is made in its place. */
export class UnreadableCredsError extends AuthStoreError {
  /** The name of its class. */
  override readonly name = 'UnreadableCredsError'

  constructor(location: string, why: string) {
    super(
      'AUTH_STORE_CREDS_UNREADABLE',
      `The credentials in ${location} cannot be used: ${why}.`,
      'Restore the newest good generation (restoreCreds, or `lifeline doctor --fix`). Only if there is none, link the device again. The damaged file is kept.',
    )
  }
}
