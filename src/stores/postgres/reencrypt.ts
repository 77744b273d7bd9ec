import type { PostgresDatabase } from './database.ts'
import { renewHeads } from './row-heads.ts'
import { itemPlace, type RowPlace } from './row-place.ts'
import { commandPlace, desiredPlace, hostPlace, statusPlace } from './told-places.ts'

/** What `reencrypt` did, counted in rows. */
export interface Reencrypted {
  /** Rows that were sealed anew. */
  readonly rows: number
  /** Rows that their owner changed meanwhile, and sealed with its own first key. */
  readonly skipped: number
  /** Rows that open with no key: damaged, or moved here from elsewhere. They stay as they are. */
  readonly damaged: number
  /** Rows that stood plain: with `fromPlain` they are sealed now, else they are refused as before. */
  readonly plain: number
}

export interface ReencryptOptions {
  /**
   * Seals rows that stand plain as well: those of before there was a key. Whoever could write into the database without
   * the key could have put them there, so this is said once, by a person. Default false.
   */
  readonly fromPlain?: boolean
}

/** A table with sealed content: which columns name the row and hold it. */
interface SealedTable {
  readonly table: string
  readonly id: readonly string[]
  readonly keyId: string
  readonly content: string
  /** Columns that are bound into the seal. */
  readonly bound?: readonly string[]
  /** What hosts tell each other is told anew by itself, so what stands there plain is never sealed. */
  readonly passing?: true
  readonly placeOf: (row: Row, name: string) => RowPlace
}

type Row = Readonly<Record<string, unknown>>

const text = (value: unknown): string => String(value)

/** Every place where something sealed stands. */
const sealedTables: readonly SealedTable[] = [
  {
    table: 'item',
    id: ['account', 'kind', 'name'],
    keyId: 'key_id',
    content: 'content',
    bound: ['stamp'],
    placeOf: ({ account, kind, name, stamp }) => itemPlace(text(account), text(kind), text(name), Number(stamp)),
  },
  {
    table: 'account',
    id: ['account'],
    keyId: 'key_id',
    content: 'content',
    bound: ['desired'],
    placeOf: ({ account, desired }) => desiredPlace(text(account), text(desired)),
  },
  {
    table: 'host',
    id: ['host'],
    keyId: 'key_id',
    content: 'content',
    passing: true,
    placeOf: ({ host }, name) => hostPlace(name, text(host)),
  },
  {
    table: 'status',
    id: ['account'],
    keyId: 'key_id',
    content: 'content',
    bound: ['host', 'epoch'],
    passing: true,
    placeOf: ({ account, host, epoch }, name) => statusPlace(name, text(account), text(host), Number(epoch)),
  },
  ...(['command', 'answer'] as const).map((kind) => ({
    table: 'command',
    id: ['id', 'account'],
    keyId: kind === 'command' ? 'key_id' : 'answer_key_id',
    content: kind === 'command' ? 'content' : 'answer',
    bound: ['host'],
    passing: true as const,
    placeOf: ({ id, account, host }: Row, name: string) =>
      commandPlace(kind, name, text(account), text(id), text(host)),
  })),
]

const atOnce = 500

/**
 * Seals every row that is sealed with an older key, with `fromPlain` those that stand plain too, with the first of
 * the keys; beside running gateways. A row is replaced only while it is as it was read, so nothing that an owner
 * writes meanwhile is lost. Afterwards older keys are needed no more, provided that every host seals with the first
 * one.
 */
export const reencrypt = async (
  database: PostgresDatabase,
  { fromPlain = false }: ReencryptOptions = {},
): Promise<Reencrypted> => {
  await database.ready()
  const name = await database.name()
  const counts = { rows: 0, skipped: 0, damaged: 0, plain: 0 }
  for (const table of sealedTables)
    for (let after: Row | undefined; ; ) {
      const found = await someAfter(database, table, after)
      for (const row of found) {
        const plain = row.key_id === null
        if (plain && table.passing) continue
        if (plain && !fromPlain) counts.plain += 1
        else {
          const done = await sealAnew(database, table, row, name)
          counts[done] += 1
          if (plain && done === 'rows') counts.plain += 1
        }
      }
      after = found.at(-1)
      if (!after) break
    }
  await renewHeads(database, fromPlain)
  return counts
}

const someAfter = async (
  database: PostgresDatabase,
  { table, id, keyId, content, bound = [] }: SealedTable,
  after: Row | undefined,
): Promise<readonly Row[]> => {
  const columns = id.join(', ')
  const beyond = after ? `AND (${columns}) > (${id.map((_, at) => `$${at + 2}`).join(', ')})` : ''
  const { rows } = await database.ask(
    'reading rows',
    `SELECT ${[...id, ...bound].join(', ')}, ${keyId} AS key_id, ${content} AS content FROM ${database.schema}.${table}
     WHERE ${content} IS NOT NULL AND ${keyId} IS DISTINCT FROM $1 ${beyond} ORDER BY ${columns} LIMIT ${atOnce}`,
    [database.keyring.current, ...(after ? id.map((column) => after[column]) : [])],
  )
  return rows
}

const sealAnew = async (
  database: PostgresDatabase,
  { table, id, keyId, content, bound = [], placeOf }: SealedTable,
  row: Row,
  name: string,
): Promise<'rows' | 'skipped' | 'damaged'> => {
  if (!(row.content instanceof Uint8Array)) return 'damaged'
  const place = placeOf(row, name)
  const stored = { keyId: row.key_id === null ? null : text(row.key_id), content: row.content }
  let sound = true
  const opened = () =>
    database.keyring.open(place, stored, () => {
      sound = false
    })
  const plain = stored.keyId === null ? stored.content : opened()
  // Sealing it would make it look sound.
  if (!sound) return 'damaged'
  const resealed = database.keyring.seal(place, plain)
  const same = [...id, ...bound]
  const { rows } = await database.ask(
    'sealing a row',
    `UPDATE ${database.schema}.${table} SET ${keyId} = $1, ${content} = $2 WHERE ${content} = $3
     AND ${same.map((column, at) => `${column} = $${at + 4}`).join(' AND ')} RETURNING 1 AS done`,
    [resealed.keyId, resealed.content, row.content, ...same.map((column) => row[column])],
  )
  return rows.length > 0 ? 'rows' : 'skipped'
}
