/**
 * The statements that write. `$1` account, `$2` epoch, `$3` owner, `$4` number of the write: the fence is an update of
 * the lease's row, which waits for whoever changes it and is judged by what it holds then. A write that was given up
 * and arrives late has a number that is too low.
 */
const fence = (s: string) =>
  `UPDATE ${s}.lease SET written = $4 WHERE account = $1 AND epoch = $2 AND owner = $3 AND written < $4 AND expires_at > clock_timestamp()`

const numbered = (first: number) => (offset: number) => `$${first + offset}`

/** Kinds and names of the rows that go. */
const goes = (s: string, first: number, account: string, from = '') => {
  const at = numbered(first)
  return `DELETE FROM ${s}.item AS i USING ${from}unnest(${at(0)}::text[], ${at(1)}::text[]) AS w (kind, name)
    WHERE i.account = ${account} AND i.kind = w.kind AND i.name = w.name`
}

/** Kinds, names, starts and lengths of the contents, the contents one after the other, the id of their key. */
const puts = (s: string, first: number, account: string, from = '') => {
  const at = numbered(first)
  return `INSERT INTO ${s}.item (account, kind, name, key_id, content)
    SELECT ${account}, w.kind, w.name, ${at(5)}::text, substring(${at(4)}::bytea FROM w.start FOR w.bytes)
    FROM ${from}unnest(${at(0)}::text[], ${at(1)}::text[], ${at(2)}::int[], ${at(3)}::int[]) AS w (kind, name, start, bytes)
    ON CONFLICT (account, kind, name) DO UPDATE SET key_id = excluded.key_id, content = excluded.content`
}

/**
 * All of a write in one statement, hence one transaction and one round trip: nothing happens unless the fence lets it
 * through.
 */
export const writeStatement = (s: string, going: boolean, putting: boolean): string => {
  const parts = [
    `mine AS (${fence(s)} RETURNING account)`,
    ...(going ? [`gone AS (${goes(s, 5, 'mine.account', 'mine, ')})`] : []),
    ...(putting ? [`put AS (${puts(s, going ? 7 : 5, 'mine.account', 'mine, ')})`] : []),
  ]
  return `WITH ${parts.join(', ')} SELECT count(*)::int AS counted FROM mine`
}

/**
 * The same in steps, for databases that change a table only once in a statement; the fence first, in one transaction
 * with the others.
 */
export const fenceStatement = (s: string): string =>
  `WITH mine AS (${fence(s)} RETURNING account) SELECT count(*)::int AS counted FROM mine`
export const deleteStatement = (s: string): string => goes(s, 2, '$1')
export const putStatement = (s: string): string => puts(s, 2, '$1')
