import type { Content } from '../write-ahead.ts'

/**
 * Where rows stand. `account` and `staging` hold files of Baileys' layout under their own names, `generation` good
 * creds, `entry` the manifests of the quarantine and `quarantine` its files (`<id>/<name>`), `own` the library's facts,
 * history and learned key types.
 */
export type Table = 'account' | 'staging' | 'generation' | 'entry' | 'quarantine' | 'own'

/** New content of a row, or null to remove it. */
export interface Change {
  /** The table that the row is in. */
  readonly table: Table
  /** The name of the row. */
  readonly name: string
  /** Its new content; null removes it. */
  readonly content: Content
}

/**
 * What a store needs of a database: rows of bytes, and transactions that only the newest owner can make. Every failure
 * of the medium rejects with a disk error. Reads may answer at once.
 */
export interface Rows {
  /** Null if it is absent. */
  read(table: Table, name: string): Content | Promise<Content>
  /** Names in a table, ascending; with a prefix, which ends in a slash, just those below it. */
  names(table: Table, prefix?: string): Promise<readonly string[]>
  /** Names in a table, those that were written last first. Absent where nobody knows when a row was written. */
  newestFirst?(table: Table): Promise<readonly string[]>
  /**
   * One transaction, in order: all of it or nothing, durable when resolved. Rejects with `FencedError` once another has
   * claimed the rows.
   */
  commit(changes: readonly Change[]): Promise<void>
  /** Becomes the only one whose commits count; creates what is missing. */
  claim(): Promise<void>
  /** Runs a step that reads, with or without a claim, beside whoever has one. */
  reading<T>(step: () => Promise<T>): Promise<T>
  /** Gives the claim and all handles back. Idempotent; `claim` takes them again. */
  close(): Promise<void>
}
