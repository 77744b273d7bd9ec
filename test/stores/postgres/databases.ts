import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import {
  connectPostgres,
  migrate,
  type PostgresDatabase,
  type PostgresOptions,
} from '../../../src/stores/postgres/index.ts'
import type { TestServer } from './server.ts'

/** The address of a new, empty database. */
export async function emptyDatabase(): Promise<string> {
  const answer = await fetch(process.env.LIFELINE_TEST_DATABASES ?? '')
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}

/** The server that all test files share, which none of them stops or restarts. */
export const sharedServer: TestServer = { newDatabase: emptyDatabase, stop: async () => undefined }

/** A database with the tables, for the tests of one file; ended after them. */
export function testDatabase() {
  let url = ''
  let pool: pg.Pool | undefined
  const opened: PostgresDatabase[] = []
  beforeAll(async () => {
    url = await emptyDatabase()
    pool = new pg.Pool({ connectionString: url, max: 20 })
    pool.on('error', () => undefined)
    await migrate(connectPostgres({ pool }))
  })
  afterAll(async () => {
    for (const database of opened) await database.end()
    await pool?.end()
  })
  return {
    get url() {
      return url
    },
    get pool(): pg.Pool {
      if (!pool) throw new Error('the database is made before the tests')
      return pool
    },
    /** As another process would have it: connections of its own. */
    connect(options: Omit<PostgresOptions, 'connectionString'> = {}): PostgresDatabase {
      const database = connectPostgres({ connectionString: url, ...options })
      opened.push(database)
      return database
    },
  }
}
