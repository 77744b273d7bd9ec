import type { Ask, PostgresConnection } from './connection.ts'
import type { PostgresDatabase } from './database.ts'
import { RowBook, type StampedRow } from './row-book.ts'

/** All rows of an account, without their contents. */
export const stampedRows = async (
  ask: Ask,
  { schema }: PostgresConnection,
  account: string,
): Promise<readonly StampedRow[]> => {
  const { rows } = await ask(`SELECT kind, name, stamp::text AS stamp FROM ${schema}.item WHERE account = $1`, [
    account,
  ])
  return rows.map(({ kind, name, stamp }) => ({ kind: String(kind), name: String(name), stamp: Number(stamp) }))
}

/**
 * Signs the head of every account with the first of the keys. What did not fit before does not afterwards. Accounts
 * that have no head count as they stand with `fromPlain`, since a person has said so, and stay as they are without.
 */
export const renewHeads = async (database: PostgresDatabase, fromPlain: boolean): Promise<void> => {
  const { keyring, schema: s } = database
  const { current } = keyring
  if (current === null) return
  const { rows: accounts } = await database.ask(
    'looking for heads of other keys',
    `SELECT account FROM ${s}.lease WHERE head_key_id IS DISTINCT FROM $1 ORDER BY account`,
    [current],
  )
  for (const { account: named } of accounts)
    await database.transaction('signing the head of an account', async (ask) => {
      const account = String(named)
      // Its owner writes nothing while the row is locked.
      const { rows } = await ask(
        `SELECT written::text AS written, head_key_id, head FROM ${s}.lease WHERE account = $1 FOR UPDATE`,
        [account],
      )
      const [row] = rows
      const keyId = row?.head_key_id === null ? null : String(row?.head_key_id)
      if (!row || keyId === current || (keyId === null ? !fromPlain : !keyring.has(keyId))) return
      const written = Number(row.written)
      const stamped = await stampedRows(ask, database, account)
      const fits =
        keyId === null ||
        (row.head instanceof Uint8Array && new RowBook(stamped, keyring.notary(account, keyId)).fits(row.head, written))
      const book = new RowBook(stamped, keyring.notary(account, current))
      book.doubt(!fits)
      const { head } = book.after([], written)
      await ask(`UPDATE ${s}.lease SET head_key_id = $2, head = $3 WHERE account = $1`, [
        account,
        head.keyId,
        head.content,
      ])
    })
}
