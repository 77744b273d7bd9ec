import { knownOptions } from '../../errors/wrong-option.ts'
import { accountName } from '../account-name.ts'
import type { BaileysParts } from '../codec.ts'
import { Ownership } from '../ownership.ts'
import { type Processes, systemProcesses } from '../process-identity.ts'
import { RowStore } from '../rows/row-store.ts'
import type { Rows } from '../rows/rows.ts'
import type { WentBack, Written } from '../store.ts'
import { type PostgresOptions, postgresOptions } from './connection.ts'
import { PostgresDatabase } from './database.ts'
import type { LossReason } from './lease-keeper.ts'
import { LeaseLock } from './lease-lock.ts'
import { PostgresRows } from './postgres-rows.ts'

/** Options of `postgresAuthStore`. */
export interface PostgresAuthStoreOptions extends PostgresOptions {
  /** The account's name: the key of all its rows. */
  readonly account: string
  /** Shared by many accounts, of `connectPostgres`; the options of a database are then given there. */
  readonly database?: PostgresDatabase
  /** Where Baileys comes from; default: the one that is installed, under either of its names. */
  readonly baileys?: () => Promise<BaileysParts>
  /** Epoch milliseconds; default: `Date.now`. */
  readonly now?: () => number
  /** How owners are told apart; default: this system's processes. */
  readonly processes?: Processes
}

/** An account in PostgreSQL: an `AuthStore` whose owner holds a lease. */
export class PostgresAuthStore extends RowStore {
  /** The name of the account. */
  readonly account: string
  readonly #lock: LeaseLock
  readonly #database: PostgresDatabase
  readonly #rows: PostgresRows

  constructor(
    parts: ConstructorParameters<typeof RowStore>[0] & { readonly rows: PostgresRows },
    lock: LeaseLock,
    database: PostgresDatabase,
    account: string,
  ) {
    super(parts)
    this.#lock = lock
    this.#database = database
    this.#rows = parts.rows
    this.account = account
  }

  /** The epoch of the lease that this store holds; undefined without one. */
  get epoch(): number | undefined {
    return this.#lock.lease?.epoch
  }

  /**
   * How long, by this host's clock, the socket may stay open if nothing more is heard from the database; 0 without the
   * lease.
   */
  get leftMs(): number {
    return this.#lock.held ? this.#database.keeper.leftMs(this.account) : 0
  }

  /**
   * Told once when the lease is lost, `marginMs` before its end at the latest: everything that was open is fenced by
   * then, and the socket has to be closed now, since another host may open one soon. Returns the unsubscribe function.
   */
  override onLost(listener: (reason: LossReason) => void): () => void {
    return this.#lock.onLost(listener)
  }

  /** As `AuthStore.onRefused`. */
  onRefused(listener: (words: string) => void): () => void {
    return this.#database.tampering.on(({ place, message }) => {
      if (place.account === this.account) listener(message)
    })
  }

  /** What the last claim found to be of an earlier time than the last write. */
  get wentBack(): WentBack | undefined {
    return this.#rows.wentBack
  }

  /** The count of writes beside the lease, and what stands for the rows. */
  get written(): Written | undefined {
    return this.#rows.written
  }

  /** As `AuthStore.wentBackSettled`. */
  wentBackSettled(done: boolean): void {
    this.#rows.wentBackSettled(done)
  }

  /** `release`, and for ten seconds none but that host may claim the account. */
  async handOver(host: string): Promise<void> {
    this.#lock.handTo(host)
    await this.release()
  }
}

/**
 * Credentials and keys in PostgreSQL, or a database that speaks its protocol: every `keys.set` is one transaction and
 * one round trip, and the database refuses it unless this store's lease still holds. Needs the package `pg`, and tables
 * made by `lifeline db migrate` (or `migrate`).
 */
export const postgresAuthStore = (options: PostgresAuthStoreOptions): PostgresAuthStore => postgresParts(options).store

/** The store and the rows under it. */
export const postgresParts = (
  options: PostgresAuthStoreOptions,
): { readonly store: PostgresAuthStore; readonly rows: Rows } => {
  const own = ['account', 'database', 'baileys', 'now', 'processes']
  knownOptions('postgresAuthStore', options, [...postgresOptions, ...own])
  const { account, database = new PostgresDatabase(options), baileys, now, processes = systemProcesses } = options
  accountName('account', account)
  const location = `${database.location}/${account}`
  const lock = new LeaseLock({ database, account, location, processes })
  const rows = new PostgresRows({ database, account, location, lock, ends: options.database === undefined })
  const ownership = new Ownership(location, lock)
  const parts = { location, rows, ownership, prepare: () => database.ready(), baileys, now }
  return { rows, store: new PostgresAuthStore(parts, lock, database, account) }
}
