/**
 * The statements that write. `$1` account, `$2` epoch, `$3` owner, `$4` number of the write, `$5` the last number that
 * counts, `$6` and `$7` key and content of the head: the fence is an update of the lease's row, which waits for whoever
 * changes it and is judged by what it holds then. A write that was given up and arrives late, and one to a database
 * that went back, find another number than the last.
 */
const fence = (s: string) =>
  `UPDATE ${s}.lease SET written = $4, head_key_id = $6::text, head = $7::bytea WHERE account = $1 AND epoch = $2 AND owner = $3
   AND written = $5::bigint AND written < $4 AND expires_at > clock_timestamp()`
const fenceValues = 7

const numbered = (first: number) => (offset: number) => `$${first + offset}`

/** Kinds and names of the rows that go. */
const goes = (s: string, first: number, account: string, from = '') => {
  const at = numbered(first)
  return `DELETE FROM ${s}.item AS i USING ${from}unnest(${at(0)}::text[], ${at(1)}::text[]) AS w (kind, name)
    WHERE i.account = ${account} AND i.kind = w.kind AND i.name = w.name`
}

/**
 * Kinds, names, starts and lengths of the contents, the contents one after the other, the id of their key. `stamp` is
 * the number of the write.
 */
const puts = (s: string, first: number, account: string, stamp: string, from = '') => {
  const at = numbered(first)
  return `INSERT INTO ${s}.item (account, kind, name, stamp, key_id, content)
    SELECT ${account}, w.kind, w.name, ${stamp}::bigint, ${at(5)}::text, substring(${at(4)}::bytea FROM w.start FOR w.bytes)
    FROM ${from}unnest(${at(0)}::text[], ${at(1)}::text[], ${at(2)}::int[], ${at(3)}::int[]) AS w (kind, name, start, bytes)
    ON CONFLICT (account, kind, name) DO UPDATE SET stamp = excluded.stamp, key_id = excluded.key_id, content = excluded.content`
}

/** Put together once for each schema: it is asked for with every write. */
const writeStatements = new Map<string, string>()

/**
 * All of a write in one statement, hence one transaction and one round trip: nothing happens unless the fence lets it
 * through.
 */
export const writeStatement = (s: string, going: boolean, putting: boolean): string => {
  const which = `${s} ${going} ${putting}`
  const known = writeStatements.get(which)
  if (known !== undefined) return known
  const parts = [
    `mine AS (${fence(s)} RETURNING account)`,
    ...(going ? [`gone AS (${goes(s, fenceValues + 1, 'mine.account', 'mine, ')})`] : []),
    ...(putting ? [`put AS (${puts(s, fenceValues + (going ? 3 : 1), 'mine.account', '$4', 'mine, ')})`] : []),
  ]
  const statement = `WITH ${parts.join(', ')} SELECT count(*)::int AS counted FROM mine`
  writeStatements.set(which, statement)
  return statement
}

/**
 * The same in steps, for databases that change a table only once in a statement; the fence first, in one transaction
 * with the others.
 */
export const fenceStatement = (s: string): string =>
  `WITH mine AS (${fence(s)} RETURNING account) SELECT count(*)::int AS counted FROM mine`
export const deleteStatement = (s: string): string => goes(s, 2, '$1')
/** `$2` the number of the write. */
export const putStatement = (s: string): string => puts(s, 3, '$1', '$2')
