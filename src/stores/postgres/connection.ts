import { hostname } from 'node:os'
import { millisecondsOption, wrongOption } from '../../errors/wrong-option.ts'
import { databaseError, failureCode, isPassing } from './failure.ts'
import { type HostClock, nodeHostClock } from './host-clock.ts'
import { type EncryptionKey, Keyring } from './keyring.ts'
import {
  isExhausted,
  mostConnections,
  openPool,
  type PostgresAnswer,
  type PostgresClient,
  type PostgresPool,
} from './pool.ts'
import { TamperWatch } from './tampering.ts'
import { type LeaseTiming, leaseTiming } from './timing.ts'
import { Witness } from './witness.ts'

/** Where a database is, how it is encrypted and how long it is waited for. Give `pool` or `connectionString`. */
export interface PostgresOptions {
  /** Your own `pg` pool, which stays yours to end: what many accounts of one process should share. */
  readonly pool?: PostgresPool
  /** Instead of a pool: where the database is; a small pool is made and ended with the store. */
  readonly connectionString?: string
  /** Where the tables stand. Default `lifeline`. */
  readonly schema?: string
  /**
   * The first one encrypts credentials, keys and all else that is stored, all of them decrypt. Without any, rows are
   * stored plain. With one, plain rows are refused: `lifeline db reencrypt --from-plain` takes in those of before.
   */
  readonly encryptionKeys?: readonly EncryptionKey[]
  /** The name of this host, as others see it. Default: the system's host name. */
  readonly host?: string
  /** How long a lease lasts and how often it is renewed. Default 30 s, each 10 s. */
  readonly lease?: Partial<LeaseTiming>
  /**
   * How long a read or write waits for a database that cannot be reached before it fails, in milliseconds. Default
   * 5000.
   */
  readonly patienceMs?: number
  /** The clocks of this host; default: Node's. */
  readonly clock?: HostClock
  /** How many bytes of writes may wait meanwhile. Default 16 MiB; more fails at once. */
  readonly queueBytes?: number
}

export const postgresOptions = [
  'pool',
  'connectionString',
  'schema',
  'encryptionKeys',
  'host',
  'lease',
  'patienceMs',
  'clock',
  'queueBytes',
] as const

export type Ask = (text: string, values?: unknown[]) => Promise<PostgresAnswer>

/** How the database differs from PostgreSQL, as far as it matters here. */
export interface Flavour {
  /** LISTEN and NOTIFY reach other sessions. */
  readonly notifies: boolean
  /** One statement may change a table in two places. */
  readonly changesTwice: boolean
}

const schemaPattern = /^[a-z_][a-z0-9_]{0,62}$/
/** How long saying goodbye to the database may take, in milliseconds. */
const endMs = 1_500
const firstPauseMs = 50
const lastPauseMs = 1_000

/** How a database of accounts is asked: its connections, keys and settings. */
export class PostgresConnection {
  /** For messages; without user and password. */
  readonly location: string
  /** Quoted by its pattern: letters, digits and underscores. */
  readonly schema: string
  readonly keyring: Keyring
  /** Rows that somebody without the key has written or put back. */
  readonly tampering = new TamperWatch()
  /** What was seen of its accounts, for when it goes back. */
  readonly witness = new Witness()
  readonly host: string
  readonly timing: LeaseTiming
  readonly patienceMs: number
  readonly queueBytes: number
  readonly clock: HostClock
  readonly #given: PostgresPool | undefined
  readonly #connectionString: string | undefined
  #made: Promise<PostgresPool> | undefined
  #flavour: Promise<Flavour> | undefined
  #name: Promise<string> | undefined

  constructor(options: PostgresOptions) {
    const { pool, connectionString, schema = 'lifeline', host = hostname() } = options
    if (pool === undefined && typeof connectionString !== 'string')
      throw wrongOption('connectionString', connectionString, 'the address of a database, or a pool of the package pg')
    if (typeof schema !== 'string' || !schemaPattern.test(schema))
      throw wrongOption('schema', schema, 'a name of lower-case letters, digits and underscores')
    if (typeof host !== 'string' || host === '') throw wrongOption('host', host, 'the name of this host')
    this.#given = pool
    this.#connectionString = connectionString
    this.schema = schema
    this.host = host
    this.location = `${placeOf(connectionString)}/${schema}`
    this.keyring = new Keyring(options.encryptionKeys)
    this.timing = leaseTiming(options.lease)
    this.patienceMs = millisecondsOption(
      'patienceMs',
      options.patienceMs ?? Math.min(5_000, this.timing.ttlMs),
      0,
      this.timing.ttlMs,
    )
    this.queueBytes = millisecondsOption('queueBytes', options.queueBytes ?? 16 * 1024 * 1024, 0, 2 ** 30)
    this.clock = options.clock ?? nodeHostClock
  }

  /**
   * One attempt; rejects with the driver's own error. Within half the time that a lease has left after a renewal,
   * whoever made the pool.
   */
  async try(text: string, values?: unknown[]): Promise<PostgresAnswer> {
    const pool = await this.pool()
    return this.#inTime(pool, () => pool.query(text, values))
  }

  /** How many connections the pool that was given has at most; undefined if it does not tell, or is made here. */
  get poolSize(): number | undefined {
    return this.#given && mostConnections(this.#given)
  }

  /** A connection of the pool; one that comes too late goes back. */
  async connect(): Promise<PostgresClient> {
    const pool = await this.pool()
    let late = false
    const coming = pool.connect().then((client) => {
      if (late) client.release()
      return client
    })
    try {
      return await this.#inTime(pool, () => coming)
    } catch (error) {
      late = true
      throw error
    }
  }

  /** Within half the time that a lease has left after a renewal; says so if it was the pool that had nothing free. */
  async #inTime<T>(pool: PostgresPool, step: () => Promise<T>): Promise<T> {
    try {
      return await within(this.timing.renewMs, step)
    } catch (error) {
      if (failureCode(error) !== 'TIMEOUT' || !isExhausted(pool)) throw error
      throw Object.assign(new Error('no connection of the pool was free'), { code: 'POOL' })
    }
  }

  /**
   * A question that may be asked again: for as long as `patienceMs` while the database cannot be reached. Rejects with
   * a true `LifelineError`.
   */
  async ask(doing: string, text: string, values?: unknown[]): Promise<PostgresAnswer> {
    return this.patiently(doing, () => this.try(text, values))
  }

  /** A step that changes nothing unless all of it does; it is begun again from its start after a passing failure. */
  async transaction<T>(doing: string, step: (ask: Ask) => Promise<T>): Promise<T> {
    return this.patiently(doing, () => this.tryTransaction(step))
  }

  async tryTransaction<T>(step: (ask: Ask) => Promise<T>): Promise<T> {
    const client = await this.connect()
    let broken = true
    try {
      const ask: Ask = (text, values) => within(this.timing.renewMs, () => client.query(text, values))
      await ask('BEGIN')
      try {
        const result = await step(ask)
        await ask('COMMIT')
        broken = false
        return result
      } catch (error) {
        await ask('ROLLBACK')
        broken = false
        throw error
      }
    } finally {
      client.release(broken)
    }
  }

  async patiently<T>(doing: string, step: () => Promise<T>): Promise<T> {
    const endsAt = performance.now() + this.patienceMs
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(lastPauseMs, pauseMs * 2)) {
      try {
        return await step()
      } catch (error) {
        if (!isPassing(error) || performance.now() + pauseMs > endsAt) throw databaseError(this.location, doing, error)
        await pause(pauseMs)
      }
    }
  }

  flavour(): Promise<Flavour> {
    this.#flavour ??= this.ask('looking at the database', 'SELECT version() AS version').then(
      ({ rows }) => flavourOf(String(rows[0]?.version)),
      (error: unknown) => {
        this.#flavour = undefined
        throw error
      },
    )
    return this.#flavour
  }

  /**
   * The name of this database and schema, whichever way they are reached: what hosts tell each other is bound to it.
   */
  name(): Promise<string> {
    this.#name ??= this.ask('looking at the database', 'SELECT current_database() AS name').then(
      ({ rows }) => `${rows[0]?.name}/${this.schema}`,
      (error: unknown) => {
        this.#name = undefined
        throw error
      },
    )
    return this.#name
  }

  pool(): Promise<PostgresPool> | PostgresPool {
    if (this.#given) return this.#given
    this.#made ??= openPool(String(this.#connectionString), this.timing.renewMs).catch((error: unknown) => {
      this.#made = undefined
      throw error
    })
    return this.#made
  }

  /**
   * Ends the connections that were made here; a later question makes new ones. A pool that was given stays as it is.
   */
  async end(): Promise<void> {
    const made = this.#made
    this.#made = undefined
    const pool = await made?.catch(() => undefined)
    // One that hangs in a dead network is left to the system.
    if (pool) await within(endMs, () => pool.end()).catch(() => undefined)
  }
}

export const flavourOf = (version: string): Flavour => {
  const cockroach = /cockroach/i.test(version)
  return { notifies: !cockroach && !/-YB-/.test(version), changesTwice: !cockroach }
}

const placeOf = (connectionString: string | undefined): string => {
  try {
    const { host, pathname } = new URL(connectionString ?? '')
    return `postgres://${host}${pathname}`
  } catch {
    return 'postgres'
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const answeredTooLate = (): Error => Object.assign(new Error('no answer in time'), { code: 'TIMEOUT' })

/**
 * A connection that went dead without a word answers never; the question then counts as failed, whatever became of it.
 */
export const within = async <T>(ms: number, step: () => Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(answeredTooLate()), ms)
  })
  try {
    return await Promise.race([step(), late])
  } finally {
    clearTimeout(timer)
  }
}
