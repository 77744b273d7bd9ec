import { createRequire } from 'node:module'
import type { Database, Driver } from '../../../src/stores/rows/sqlite-rows.ts'

/** What `node-sqlite3-wasm` has, which is SQLite itself, and has no types. */
interface WasmDatabase {
  exec(sql: string): void
  all(sql: string, values: readonly unknown[]): Record<string, unknown>[]
  close(): void
}
const require = createRequire(import.meta.url)
const { Database: Wasm } = require('node-sqlite3-wasm') as {
  readonly Database: new (file: string) => WasmDatabase
}

/** SQLite for every Node, in the words of `node:sqlite`, which only some have. */
export class AnySqlite implements Database {
  static readonly driver = async (): Promise<Driver> => ({ DatabaseSync: AnySqlite })
  /** Of them all. */
  static open = 0
  readonly #db: WasmDatabase

  constructor(file: string) {
    this.#db = new Wasm(file)
    AnySqlite.open += 1
  }

  exec(sql: string): void {
    numbered(() => this.#db.exec(sql))
  }

  /** A statement of its own each time: one that was read in part would keep its lock. */
  prepare(sql: string) {
    const all = (...values: readonly unknown[]) => numbered(() => this.#db.all(sql, values))
    return { all, get: (...values: readonly unknown[]) => all(...values)[0], run: all }
  }

  close(): void {
    this.#db.close()
    AnySqlite.open -= 1
  }
}

/** `node:sqlite` gives SQLite's number of a failure; this one gives its words. */
function numbered<T>(step: () => T): T {
  try {
    return step()
  } catch (error) {
    const { message } = error as Error
    throw Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode: /is full$/.test(message) ? 13 : 1 })
  }
}
