import { AuthStoreError } from '../../errors/errors.ts'

/** An answer of the database, as `pg` gives it. */
export interface PostgresAnswer {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

type Ask = (text: string, values?: unknown[]) => Promise<PostgresAnswer>

/** What is used of a `pg` client. */
export interface PostgresClient {
  query: Ask
  on(event: 'notification' | 'error' | 'end', listener: (told: never) => void): unknown
  removeAllListeners(event?: 'notification'): unknown
  release(destroy?: boolean): void
}

/** What is used of a `pg` pool: give one of your own to share it, or a connection string to have one made. */
export interface PostgresPool {
  /** As `pg.Pool.query`. */
  query: Ask
  /** As `pg.Pool.connect`. */
  connect(): Promise<PostgresClient>
  /** As `pg.Pool.end`. */
  end(): Promise<void>
  /** As `pg.Pool.on`. */
  on(event: 'error', listener: (error: Error) => void): unknown
}

const numberIn = (value: unknown, name: string): number | undefined => {
  const found: unknown = Object(value)[name]
  return typeof found === 'number' ? found : undefined
}

/** As a pool of `pg` tells it. */
export const mostConnections = (pool: PostgresPool): number | undefined => numberIn(Reflect.get(pool, 'options'), 'max')

/** Whether all of its connections are in use, and somebody waits for one. */
export const isExhausted = (pool: PostgresPool): boolean => {
  const most = mostConnections(pool)
  return most !== undefined && (numberIn(pool, 'totalCount') ?? 0) >= most && (numberIn(pool, 'waitingCount') ?? 0) > 0
}

/** Connections of a pool that is made here; writes of one account follow each other anyway. */
const connections = 8

/** A pool that never keeps the process from ending. Needs the package `pg`. */
export const openPool = async (connectionString: string, timeoutMs: number): Promise<PostgresPool> => {
  const { default: pg } = await loadPg()
  const pool = new pg.Pool({
    connectionString,
    max: connections,
    allowExitOnIdle: true,
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'baileys-lifeline',
  })
  // An idle connection that breaks is replaced by the next question; unheard, its error would end the process.
  pool.on('error', () => undefined)
  return pool
}

const loadPg = async (): Promise<typeof import('pg')> => {
  try {
    return await import('pg')
  } catch (error) {
    throw new AuthStoreError(
      'AUTH_STORE_DRIVER',
      'The package pg, which this store needs, cannot be loaded. Nothing was changed.',
      'Install it beside baileys-lifeline: npm install pg.',
      error,
    )
  }
}
