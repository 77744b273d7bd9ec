import { chmod, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { AuthStoreError, FencedError } from '../../errors/errors.ts'
import { wordsOf } from '../../errors/thrown.ts'
import { diskError } from '../disk/disk-error.ts'
import type { Content } from '../write-ahead.ts'
import type { Change, Rows, Table } from './rows.ts'

/** Options of `sqliteRows`. */
export interface SqliteRowsOptions {
  /** The database: made if it is not there, readable to its owner alone. */
  readonly file: string
  /** Several accounts may share a file. Default `default`. */
  readonly account?: string
}

/** The part of `node:sqlite` that is used. */
export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}
export interface Driver {
  readonly DatabaseSync: new (file: string) => Database
}
interface Statement {
  get(...values: readonly unknown[]): Record<string, unknown> | undefined
  all(...values: readonly unknown[]): Record<string, unknown>[]
  run(...values: readonly unknown[]): unknown
}

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS item (
    account TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (account, kind, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS owner (account TEXT PRIMARY KEY, epoch INTEGER NOT NULL);
`

/**
 * Rows in SQLite, by the module that Node has from 22.13 on. Each commit is one transaction, on the disk when it
 * resolves.
 */
export function sqliteRows({ file, account = 'default' }: SqliteRowsOptions): Rows {
  return new SqliteRows(resolve(file), account, loadSqlite)
}

export class SqliteRows implements Rows {
  readonly #file: string
  readonly #account: string
  readonly #driver: () => Promise<Driver>
  #db: Database | undefined
  #opening: Promise<Database> | undefined
  #epoch: number | undefined

  constructor(file: string, account: string, driver: () => Promise<Driver>) {
    this.#file = file
    this.#account = account
    this.#driver = driver
  }

  read(table: Table, name: string): Content {
    return this.#step('reading', (db) => {
      const row = db.prepare('SELECT content FROM item WHERE account = ? AND kind = ? AND name = ?')
      const content = row.get(this.#account, table, name)?.content
      return content instanceof Uint8Array ? content : null
    })
  }

  async names(table: Table, prefix = ''): Promise<readonly string[]> {
    return this.#step('listing rows', (db) => {
      // '0' is the character after '/'.
      const [where, ...bounds] =
        prefix === '' ? [''] : ['AND name >= ? AND name < ?', prefix, `${prefix.slice(0, -1)}0`]
      const rows = db.prepare(`SELECT name FROM item WHERE account = ? AND kind = ? ${where} ORDER BY name`)
      return rows.all(this.#account, table, ...bounds).map(({ name }) => String(name))
    })
  }

  async commit(changes: readonly Change[]): Promise<void> {
    this.#step('writing', (db) => {
      this.#inTransaction(db, () => {
        if (this.#owner(db) !== this.#epoch) throw new FencedError(this.#file)
        const put = db.prepare('INSERT OR REPLACE INTO item (account, kind, name, content) VALUES (?, ?, ?, ?)')
        const remove = db.prepare('DELETE FROM item WHERE account = ? AND kind = ? AND name = ?')
        for (const { table, name, content } of changes)
          if (content === null) remove.run(this.#account, table, name)
          else put.run(this.#account, table, name, content)
      })
    })
  }

  async claim(): Promise<void> {
    await this.#ready()
    this.#epoch = this.#step('claiming', (db) => {
      return this.#inTransaction(db, () => {
        const epoch = this.#owner(db) + 1
        db.prepare('INSERT OR REPLACE INTO owner (account, epoch) VALUES (?, ?)').run(this.#account, epoch)
        return epoch
      })
    })
  }

  async reading<T>(step: () => Promise<T>): Promise<T> {
    await this.#ready()
    return step()
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => undefined)
    this.#db?.close()
    this.#db = undefined
    this.#epoch = undefined
  }

  /** The database is opened once, also for several that come at once. */
  async #ready(): Promise<void> {
    if (this.#db) return
    this.#opening ??= this.#open()
    try {
      this.#db = await this.#opening
    } finally {
      this.#opening = undefined
    }
  }

  #owner(db: Database): number {
    return Number(db.prepare('SELECT epoch FROM owner WHERE account = ?').get(this.#account)?.epoch ?? 0)
  }

  #inTransaction<T>(db: Database, step: () => T): T {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = step()
      db.exec('COMMIT')
      return result
    } catch (error) {
      try {
        db.exec('ROLLBACK')
      } catch {
        // The failure has ended it already.
      }
      throw error
    }
  }

  #step<T>(doing: string, step: (db: Database) => T): T {
    if (!this.#db) throw new FencedError(this.#file)
    try {
      return step(this.#db)
    } catch (error) {
      throw diskError(this.#file, doing, named(error))
    }
  }

  async #open(): Promise<Database> {
    const { DatabaseSync } = await this.#driver()
    let db: Database | undefined
    try {
      // SQLite gives its other files the rights of this one.
      await (await open(this.#file, 'a', 0o600)).close()
      await chmod(this.#file, 0o600)
      db = new DatabaseSync(this.#file)
      db.exec(schema)
      return db
    } catch (error) {
      db?.close()
      throw diskError(this.#file, 'opening the database', named(error))
    }
  }
}

const full = 13

/** SQLite names its failures by number. */
function named(error: unknown): unknown {
  if (Object(error).errcode !== full) return error
  return Object.assign(new Error(wordsOf(error), { cause: error }), { code: 'ENOSPC' })
}

async function loadSqlite(): Promise<Driver> {
  const name: string = 'node:sqlite'
  try {
    return await import(name)
  } catch (error) {
    throw new AuthStoreError(
      'AUTH_STORE_DRIVER',
      'This Node has no node:sqlite. Nothing was changed.',
      'Use Node 22.13 or later.',
      error,
    )
  }
}
