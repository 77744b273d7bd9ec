import { AuthStoreError } from '../../errors/errors.ts'
import type { PostgresConnection } from './connection.ts'
import { schemaMissing } from './failure.ts'

/**
 * One step of the schema: statements of one transaction. `oldest` is the oldest version of the code's schema that can
 * still work on the result.
 */
interface Migration {
  readonly oldest: number
  readonly statements: (schema: string) => readonly string[]
}

/**
 * The schema's history: its version is how many of these were made. Plain SQL that CockroachDB and YugabyteDB take too.
 */
const migrations: readonly Migration[] = [
  {
    oldest: 1,
    statements: (s) => [
      // Never deleted from, so that epochs only ever rise.
      `CREATE TABLE ${s}.lease (
        account text PRIMARY KEY, owner text, host text, identity text, epoch bigint NOT NULL, written bigint NOT NULL,
        expires_at timestamptz NOT NULL, heir text, heir_until timestamptz)`,
      `CREATE TABLE ${s}.item (
        account text NOT NULL, kind text NOT NULL, name text NOT NULL, key_id text, content bytea NOT NULL,
        PRIMARY KEY (account, kind, name))`,
      `CREATE TABLE ${s}.host (host text PRIMARY KEY, seen_at timestamptz NOT NULL, key_id text, content bytea NOT NULL)`,
      `CREATE TABLE ${s}.account (account text PRIMARY KEY, desired text NOT NULL, key_id text, content bytea NOT NULL)`,
      `CREATE TABLE ${s}.status (
        account text PRIMARY KEY, host text NOT NULL, epoch bigint NOT NULL, at timestamptz NOT NULL, key_id text, content bytea NOT NULL)`,
      `CREATE TABLE ${s}.command (
        id text PRIMARY KEY, host text NOT NULL, account text NOT NULL, sent_at timestamptz NOT NULL, taken_at timestamptz, key_id text,
        content bytea NOT NULL, answered_at timestamptz, answer_key_id text, answer bytea)`,
      `CREATE INDEX command_inbox ON ${s}.command (host, sent_at)`,
    ],
  },
  {
    // Code of before would begin the count of writes anew.
    oldest: 2,
    statements: (s) => [
      `ALTER TABLE ${s}.lease ADD COLUMN head_key_id text`,
      `ALTER TABLE ${s}.lease ADD COLUMN head bytea`,
      `ALTER TABLE ${s}.item ADD COLUMN stamp bigint NOT NULL DEFAULT 0`,
    ],
  },
]

const current = migrations.length

/** The version of the tables before and after; equal if there was nothing to do. */
export interface Migrated {
  /** The version of the tables before; 0: there were none. */
  readonly from: number
  /** The version of the tables now. */
  readonly to: number
}

/**
 * Makes the tables, or brings them to this version; nothing if they are. Safe to run twice and by several at once: a
 * row of the version table is locked while it runs, which every database of this protocol knows, other than advisory
 * locks.
 */
export const migrate = async (database: PostgresConnection): Promise<Migrated> => {
  const s = database.schema
  const first = [
    `CREATE SCHEMA IF NOT EXISTS ${s}`,
    `CREATE TABLE IF NOT EXISTS ${s}.version (only_row integer PRIMARY KEY, version integer NOT NULL, oldest integer NOT NULL)`,
    `INSERT INTO ${s}.version VALUES (1, 0, 0) ON CONFLICT (only_row) DO NOTHING`,
  ]
  for (const statement of first) await once(() => database.ask('making the schema', statement))
  return database.transaction('migrating the schema', async (ask) => {
    const { rows } = await ask(`SELECT version FROM ${s}.version WHERE only_row = 1 FOR UPDATE`)
    const from = Number(rows[0]?.version)
    for (const { statements } of migrations.slice(from)) for (const statement of statements(s)) await ask(statement)
    const oldest = Math.max(...migrations.map((one) => one.oldest))
    if (from < current)
      await ask(`UPDATE ${s}.version SET version = $1, oldest = $2 WHERE only_row = 1`, [current, oldest])
    return { from, to: Math.max(from, current) }
  })
}

/**
 * Two that create the same thing at once: `IF NOT EXISTS` does not help the one that comes second, asking again does.
 */
const once = async (step: () => Promise<unknown>): Promise<void> => {
  try {
    await step()
  } catch (error) {
    if (!/^(42P06|42P07|23505|42710)$/.test(String(Object(error).errno))) throw error
    await step()
  }
}

/** Rejects unless the tables are there, in a version that this code can work on. */
export const demandSchema = async (database: PostgresConnection): Promise<void> => {
  const { rows } = await database.ask(
    'looking at the schema',
    `SELECT version, oldest FROM ${database.schema}.version WHERE only_row = 1`,
  )
  const [row] = rows
  const version = Number(row?.version)
  if (!row || version < current) throw schemaMissing(database.location)
  if (Number(row.oldest) > current)
    throw new AuthStoreError(
      'AUTH_STORE_SCHEMA',
      `The tables for ${database.location} have version ${version}, too new for this version of baileys-lifeline. Nothing was changed.`,
      'Update baileys-lifeline on this host.',
    )
}
