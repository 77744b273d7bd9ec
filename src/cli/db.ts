import type { Command } from 'commander'
import type { PostgresDatabase, Reencrypted } from '../stores/postgres/index.ts'
import { plural } from './columns.ts'
import { type DatabaseOptions, databaseOf, withDatabase } from './database-options.ts'
import { exitCodes, UsageError } from './failure.ts'
import { print } from './output.ts'

interface DbOptions extends DatabaseOptions {
  readonly fromPlain?: boolean
  readonly json?: boolean
}

/** `lifeline db migrate` and `lifeline db reencrypt`: what a database of accounts needs now and then. */
export function addDb(program: Command): void {
  const db = program.command('db').description('the tables of accounts in a PostgreSQL database')
  withDatabase(db.command('migrate'))
    .description('make the tables or bring them up to date; safe to run twice, side by side and beside gateways')
    .option('--json', 'what was done as one JSON document')
    .action((options: DbOptions) =>
      onDatabase(options, async (database) => {
        const { migrate } = await import('../stores/postgres/index.ts')
        const { from, to } = await migrate(database)
        if (options.json) print(JSON.stringify({ database: database.location, from, to }))
        else if (from === to) print(`${database.location} is up to date (version ${to}).`)
        else print(`${database.location} was brought from version ${from} to ${to}.`)
      }),
    )
  withDatabase(db.command('reencrypt'))
    .description('encrypt every row with the first of LIFELINE_ENCRYPTION_KEYS (id:base64,…); beside gateways too')
    .option('--from-plain', 'once: take in rows of before there was a key; with a key, plain rows are refused')
    .option('--json', 'what was done as one JSON document')
    .action((options: DbOptions) =>
      onDatabase(options, async (database) => {
        const key = database.keyring.current
        if (key === null)
          throw new UsageError(
            'No key for the encryption was given.',
            'Set LIFELINE_ENCRYPTION_KEYS to new:<base64>,old:<base64>; a key is 32 random bytes (openssl rand -base64 32).',
          )
        const { reencrypt } = await import('../stores/postgres/index.ts')
        const { fromPlain = false } = options
        const done = await reencrypt(database, { fromPlain })
        if (options.json) print(JSON.stringify({ database: database.location, key, ...done }))
        else for (const line of reencryptedLines(database.location, key, done, fromPlain)) print(line)
        if (isUnfinished(done, fromPlain)) process.exitCode = exitCodes.failure
      }),
    )
}

/** Whether a row was left as it was. */
export const isUnfinished = ({ damaged, skipped, plain }: Reencrypted, fromPlain: boolean): boolean =>
  damaged + skipped > 0 || (plain > 0 && !fromPlain)

/** What was encrypted anew, and what was not. */
export function reencryptedLines(location: string, key: string, done: Reencrypted, fromPlain: boolean): string[] {
  const { rows, skipped, damaged, plain } = done
  const lines = [`${plural(rows, 'row')} of ${location} now encrypted with the key ${key}.`]
  if (plain > 0 && fromPlain) lines.push(`${plural(plain, 'row')} of these stood plain before.`)
  if (plain > 0 && !fromPlain)
    lines.push(
      `${plural(plain, 'row')} written without the key: refused. If they are from before there was one, add --from-plain, once.`,
    )
  if (skipped > 0) lines.push(`${plural(skipped, 'row')} changed meanwhile and left to their owners: run it again.`)
  if (damaged > 0) lines.push(`${plural(damaged, 'row')} open with no key: damaged. Left as they are.`)
  return lines
}

async function onDatabase(options: DbOptions, step: (database: PostgresDatabase) => Promise<void>): Promise<void> {
  const { connectPostgres } = await import('../stores/postgres/index.ts')
  const database = connectPostgres(databaseOf(options))
  try {
    await step(database)
  } finally {
    await database.end()
  }
}
