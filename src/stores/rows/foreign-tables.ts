import { FencedError } from '../../errors/errors.ts'
import { classify, fileClassRows } from '../file-class.ts'
import { keyFileName } from '../file-name.ts'
import type { Rows } from './rows.ts'

/** A table in which another package keeps accounts: the names of its columns. */
interface ForeignTable {
  readonly package: string
  readonly session: string
  readonly id: string
  readonly value: string
}

/** The tables that are known, told apart by the names of their columns. */
export const foreignTables: readonly ForeignTable[] = [
  { package: 'mysql-baileys', session: 'session', id: 'id', value: 'value' },
  { package: 'baileys-store', session: 'sessionId', id: 'id', value: 'data' },
]

/** The files of one account, as Baileys' own store would have written them. */
export interface ForeignAccount {
  readonly files: ReadonlyMap<string, Buffer>
  /** Ids of rows that are nothing of Baileys'. */
  readonly leftOut: readonly string[]
}

interface Gathered extends ForeignAccount {
  readonly files: Map<string, Buffer>
  readonly leftOut: string[]
}

/** Accounts in the rows of such a table, by session; undefined if the rows are of no table that is known. */
export function accountsInTable(rows: readonly object[]): ReadonlyMap<string, ForeignAccount> | undefined {
  const [first] = rows
  const table = first && foreignTables.find(({ session, id, value }) => [session, id, value].every((n) => n in first))
  if (!table) return undefined
  const accounts = new Map<string, Gathered>()
  for (const row of rows) {
    const [session, id] = [String(Reflect.get(row, table.session)), String(Reflect.get(row, table.id))]
    const account: Gathered = accounts.get(session) ?? { files: new Map(), leftOut: [] }
    accounts.set(session, account)
    const name = fileOf(id)
    const content = contentOf(id, Reflect.get(row, table.value))
    if (content === undefined) continue
    if (classify(name)) account.files.set(name, content)
    else account.leftOut.push(id)
  }
  return accounts
}

function fileOf(id: string): string {
  // The longest one: some begin with another.
  const type = fileClassRows.find(({ prefix }) => id.startsWith(`${prefix}-`))?.prefix
  return type === undefined ? `${id}.json` : keyFileName(type, id.slice(type.length + 1))
}

/** Text, or what a driver makes of a column of bytes or JSON. Undefined: nothing is there. */
function contentOf(id: string, value: unknown): Buffer | undefined {
  if (value === null || value === undefined) return undefined
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value
  if (typeof text !== 'string') return Buffer.from(JSON.stringify(id.startsWith('lid-mapping-') ? String(text) : text))
  // mysql-baileys stores a string as it is: a phone number, which would be read back as a number.
  return Buffer.from(id.startsWith('lid-mapping-') && !text.startsWith('"') ? JSON.stringify(text) : text)
}

/** The account as rows, to read. */
export function rowsOfAccount({ files }: ForeignAccount): Rows {
  return {
    read: (table, name) => (table === 'account' ? (files.get(name) ?? null) : null),
    names: async (table) => (table === 'account' ? [...files.keys()].sort() : []),
    commit: () => Promise.reject(new FencedError('a table of another package')),
    claim: async () => undefined,
    reading: (step) => step(),
    close: async () => undefined,
  }
}
