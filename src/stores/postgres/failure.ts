import { AuthStoreError, LifelineError } from '../../errors/errors.ts'
import { errnoOf } from '../disk/file-system.ts'

interface FailureRow {
  /** The SQLSTATE, or the errno of the connection, or the driver's own words. */
  readonly when: RegExp
  readonly what: string
  readonly remediation: string
  /** True if it passes by itself, so that asking again makes sense. */
  readonly passing: boolean
}

const waits = 'Nothing by hand if it is a restart or a short break: the store goes on once the database answers.'

/** What the database, or the way to it, can fail with. The first row that fits counts. */
const failureRows: readonly FailureRow[] = [
  {
    when: /^(40001|40P01|55P03)$/,
    what: 'the database was busy with the same rows',
    remediation: waits,
    passing: true,
  },
  { when: /^57014$/, what: 'the database took too long', remediation: waits, passing: true },
  { when: /^(57P0\d|53300|08...)$/, what: 'the database takes no connections', remediation: waits, passing: true },
  {
    when: /^25006$/,
    what: 'the database is read-only',
    remediation: 'Point the connection at the primary, or end the read-only mode.',
    passing: true,
  },
  {
    when: /^(53100|53200|53400|54000)$/,
    what: 'the database has no room left',
    remediation: 'Free space on its disk.',
    passing: false,
  },
  {
    when: /^(28...|3D000)$/,
    what: 'the database refuses this user',
    remediation: 'Correct the user, the password or the database name of the connection.',
    passing: false,
  },
  {
    when: /^42501$/,
    what: 'this user has too few rights in the database',
    remediation: 'Grant it SELECT, INSERT, UPDATE and DELETE on the tables of the schema.',
    passing: false,
  },
  {
    when: /^POOL$/,
    what: 'no connection of the pool was free in time',
    remediation: 'Give the pool more connections (max), or see what keeps those that it has.',
    passing: true,
  },
  {
    when: /^(E[A-Z_]+|TIMEOUT|CLOSED)$/,
    what: 'the database cannot be reached',
    remediation: `${waits} If it lasts, look at the database, the network and the connection's address.`,
    passing: true,
  },
]

const unknownRow: FailureRow = {
  when: /^/,
  what: 'the database failed',
  remediation: "Look at the database's log.",
  passing: false,
}

/** Tables or columns that are not there. */
const absentSchema = /^(42P01|3F000|42703)$/

/** The driver says these in words alone. */
const words: readonly (readonly [RegExp, string])[] = [
  [/timeout/i, 'TIMEOUT'],
  [/terminated|closed|not queryable|after calling end|ended/i, 'CLOSED'],
]

/** SQLSTATE or errno of a failure. */
export const failureCode = (error: unknown): string => {
  const code = errnoOf(error)
  if (code !== undefined) return code
  if (error instanceof AggregateError) return failureCode(error.errors[0])
  const message = error instanceof Error ? error.message : ''
  return words.find(([pattern]) => pattern.test(message))?.[1] ?? 'UNKNOWN'
}

const rowOf = (error: unknown): FailureRow => {
  const code = failureCode(error)
  return failureRows.find(({ when }) => when.test(code)) ?? unknownRow
}

/** Whether the same question may well be answered a moment later. */
export const isPassing = (error: unknown): boolean => !(error instanceof LifelineError) && rowOf(error).passing

/**
 * A failure of the database as the one error that callers see; an error of ours passes through. Holds no value of the
 * statement.
 */
export const databaseError = (location: string, doing: string, error: unknown): LifelineError => {
  if (error instanceof LifelineError) return error
  const code = failureCode(error)
  if (absentSchema.test(code)) return schemaMissing(location)
  const { what, remediation } = rowOf(error)
  return new AuthStoreError(
    'AUTH_STORE_DISK',
    `While ${doing} in ${location}: ${what} (${code}). What was stored before is still there.`,
    remediation,
    new Error(`${what} (${code})`),
    code,
  )
}

export const schemaMissing = (location: string): LifelineError =>
  new AuthStoreError(
    'AUTH_STORE_SCHEMA',
    `The tables for ${location} are missing, or older than this version needs. Nothing was changed.`,
    'Run `lifeline db migrate --database URL` once; it is safe beside running gateways.',
  )
