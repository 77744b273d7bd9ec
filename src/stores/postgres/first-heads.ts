import type { PostgresDatabase } from './database.ts'
import { RowBook } from './row-book.ts'
import { headPlace } from './row-place.ts'

/** The rows of accounts that have no head yet count as they stand: a person has said so. */
export const makeFirstHeads = async (database: PostgresDatabase): Promise<void> => {
  const { keyring, schema: s } = database
  if (keyring.current === null) return
  const { rows: accounts } = await database.ask(
    'looking for accounts of before there was a key',
    `SELECT account FROM ${s}.lease WHERE head IS NULL ORDER BY account`,
  )
  for (const { account: named } of accounts)
    await database.transaction('counting the rows of an account', async (ask) => {
      const account = String(named)
      // Its owner writes nothing while the row is locked.
      const { rows: leases } = await ask(
        `SELECT written::text AS written FROM ${s}.lease WHERE account = $1 AND head IS NULL FOR UPDATE`,
        [account],
      )
      if (!leases[0]) return
      const { rows } = await ask(`SELECT kind, name, stamp::text AS stamp FROM ${s}.item WHERE account = $1`, [account])
      const stamped = rows.map(({ kind, name, stamp }) => ({
        kind: String(kind),
        name: String(name),
        stamp: Number(stamp),
      }))
      const { head } = new RowBook(stamped, undefined).after([], 0)
      const sealed = keyring.seal(headPlace(account, Number(leases[0].written)), head)
      await ask(`UPDATE ${s}.lease SET head_key_id = $2, head = $3 WHERE account = $1`, [
        account,
        sealed.keyId,
        sealed.content,
      ])
    })
}
