import type { Command } from 'commander'
import type { EncryptionKey } from '../stores/postgres/index.ts'
import { UsageError } from './failure.ts'
import { given } from './given.ts'

export interface DatabaseOptions {
  readonly database?: string
  readonly schema?: string
}

const keysVariable = 'LIFELINE_ENCRYPTION_KEYS'

export const withDatabase = (command: Command): Command =>
  command
    .option('--database <url>', 'the PostgreSQL database; or DATABASE_URL, which no process list shows')
    .option('--schema <name>', 'the schema of the tables (default: lifeline)')

/** The options of a database. Keys come from the environment alone: arguments are seen by every user of the system. */
export function databaseOf({ database = process.env.DATABASE_URL, schema }: DatabaseOptions) {
  if (!database) throw new UsageError('No database was named.', 'Give --database <url>, or set DATABASE_URL.')
  const encryptionKeys = keysOf(process.env[keysVariable] ?? '')
  return { connectionString: database, ...given({ schema }), encryptionKeys }
}

/** `id:base64`, several separated by commas or blanks. */
function keysOf(text: string): readonly EncryptionKey[] {
  return text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf(':')
      if (at < 1)
        throw new UsageError(
          `${keysVariable} holds a key without its id.`,
          `Write it as id:base64, several separated by commas; the first one encrypts.`,
        )
      return { id: part.slice(0, at), key: part.slice(at + 1) }
    })
}
