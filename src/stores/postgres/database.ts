import { knownOptions } from '../../errors/wrong-option.ts'
import { PostgresConnection, type PostgresOptions, postgresOptions } from './connection.ts'
import { Leases } from './lease.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { demandSchema } from './schema.ts'

/** One database of accounts, shared by all stores and leases on it. */
export class PostgresDatabase extends PostgresConnection {
  /** Who has which account. */
  readonly leases: Leases
  /** Keeps the leases of this process on this database alive. */
  readonly keeper: LeaseKeeper
  #ready: Promise<void> | undefined

  constructor(options: PostgresOptions) {
    super(options)
    this.leases = new Leases(this)
    this.keeper = new LeaseKeeper({
      timing: this.timing,
      clock: this.clock,
      renew: (held) => this.leases.renew(held),
      look: (held) => this.leases.look(held),
    })
  }

  /** Rejects unless the tables are there; asked once. */
  ready(): Promise<void> {
    this.#ready ??= demandSchema(this).catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }
}

/** A database for stores, leases and the board of a fleet. Nothing is connected before the first question. */
export const connectPostgres = (options: PostgresOptions): PostgresDatabase => {
  knownOptions('postgres', options, postgresOptions)
  return new PostgresDatabase(options)
}
