import type { PostgresDatabase } from './database.ts'
import type { RowPlace } from './keyring.ts'

export interface Reencrypted {
  /** Rows that were sealed anew. */
  readonly rows: number
  /** Rows that their owner changed meanwhile, and sealed with its own first key. */
  readonly skipped: number
  /** Rows that open with no key: damaged, or moved here from elsewhere. They stay as they are. */
  readonly damaged: number
}

/** A table with sealed content: which columns name the row and hold it. */
interface SealedTable {
  readonly table: string
  readonly id: readonly string[]
  readonly keyId: string
  readonly content: string
  readonly placeOf: (row: Readonly<Record<string, unknown>>) => RowPlace
}

const text = (value: unknown): string => String(value)

/** Every place where something sealed stands. */
const sealedTables: readonly SealedTable[] = [
  {
    table: 'item',
    id: ['account', 'kind', 'name'],
    keyId: 'key_id',
    content: 'content',
    placeOf: ({ account, kind, name }) => ({ account: text(account), kind: text(kind), name: text(name) }),
  },
  {
    table: 'host',
    id: ['host'],
    keyId: 'key_id',
    content: 'content',
    placeOf: ({ host }) => ({ account: text(host), kind: 'host', name: text(host) }),
  },
  ...(['account', 'status'] as const).map((table) => ({
    table,
    id: ['account'],
    keyId: 'key_id',
    content: 'content',
    placeOf: ({ account }: Readonly<Record<string, unknown>>) => ({
      account: text(account),
      kind: table === 'account' ? 'desired' : 'status',
      name: text(account),
    }),
  })),
  ...(['command', 'answer'] as const).map((kind) => ({
    table: 'command',
    id: ['id', 'account'],
    keyId: kind === 'command' ? 'key_id' : 'answer_key_id',
    content: kind === 'command' ? 'content' : 'answer',
    placeOf: ({ id, account }: Readonly<Record<string, unknown>>) => ({
      account: text(account),
      kind,
      name: text(id),
    }),
  })),
]

const atOnce = 500

/**
 * Seals every row that is plain, or sealed with an older key, with the first of the keys; beside running gateways. A
 * row is replaced only while it is as it was read, so nothing that an owner writes meanwhile is lost. Afterwards older
 * keys are needed no more, provided that every host seals with the first one.
 */
export const reencrypt = async (database: PostgresDatabase): Promise<Reencrypted> => {
  await database.ready()
  const counts = { rows: 0, skipped: 0, damaged: 0 }
  for (const table of sealedTables)
    for (let after: Row | undefined; ; ) {
      const found = await someAfter(database, table, after)
      for (const row of found) counts[await sealAnew(database, table, row)] += 1
      after = found.at(-1)
      if (!after) break
    }
  return counts
}

type Row = Readonly<Record<string, unknown>>

const someAfter = async (
  database: PostgresDatabase,
  { table, id, keyId, content }: SealedTable,
  after: Row | undefined,
): Promise<readonly Row[]> => {
  const columns = id.join(', ')
  const beyond = after ? `AND (${columns}) > (${id.map((_, at) => `$${at + 2}`).join(', ')})` : ''
  const { rows } = await database.ask(
    'reading rows',
    `SELECT ${columns}, ${keyId} AS key_id, ${content} AS content FROM ${database.schema}.${table}
     WHERE ${content} IS NOT NULL AND ${keyId} IS DISTINCT FROM $1 ${beyond} ORDER BY ${columns} LIMIT ${atOnce}`,
    [database.keyring.current, ...(after ? id.map((column) => after[column]) : [])],
  )
  return rows
}

const sealAnew = async (
  database: PostgresDatabase,
  { table, id, keyId, content, placeOf }: SealedTable,
  row: Row,
): Promise<keyof Reencrypted> => {
  if (!(row.content instanceof Uint8Array)) return 'damaged'
  const place = placeOf(row)
  const stored = { keyId: row.key_id === null ? null : text(row.key_id), content: row.content }
  const plain = database.keyring.open(place, stored)
  // Sealing it would make it look sound.
  if (stored.keyId !== null && plain === stored.content) return 'damaged'
  const fresh = database.keyring.seal(place, plain)
  const { rows } = await database.ask(
    'sealing a row',
    `UPDATE ${database.schema}.${table} SET ${keyId} = $1, ${content} = $2 WHERE ${content} = $3
     AND ${id.map((column, at) => `${column} = $${at + 4}`).join(' AND ')} RETURNING 1 AS done`,
    [fresh.keyId, fresh.content, row.content, ...id.map((column) => row[column])],
  )
  return rows.length > 0 ? 'rows' : 'skipped'
}
