import { randomBytes } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { AuthStoreError, FencedError } from '../../errors/errors.ts'
import { diskError } from '../disk/disk-error.ts'
import { nodeFileSystem } from '../disk/file-system.ts'
import type { Change, Rows, Table } from '../rows/rows.ts'
import type { Content } from '../write-ahead.ts'
import { dataFile, isSoundDatabase } from './data-file.ts'
import { causeOf, withErrno } from './failure.ts'

type Database = RootDatabase<Buffer, string>

/** Its version is the epoch: each claim raises it, and a commit under an older one changes nothing. */
const ownerRow = 'own/owner'
/** Rows other than the owner's carry no version of their own. */
const plain = 1

/** Rows in one LMDB file. */
export class LmdbRows implements Rows {
  readonly #folder: string
  readonly #path: string
  /** Where a new database is made, before it gets its name. */
  readonly #draft: string
  #db: Database | undefined
  #epoch: number | undefined
  /** Steps that read without a claim, and the handle they share. */
  #readers = 0
  #turn: Promise<unknown> = Promise.resolve()

  /** `own` is the library's folder below it. */
  constructor(folder: string, own: string) {
    this.#folder = folder
    this.#path = join(folder, dataFile)
    this.#draft = join(own, `new-${dataFile}`)
  }

  read(table: Table, name: string): Content {
    try {
      return this.#db?.getBinary(`${table}/${name}`) ?? this.#absent()
    } catch (error) {
      throw this.#failure('reading', error)
    }
  }

  async names(table: Table, prefix = ''): Promise<readonly string[]> {
    const start = `${table}/${prefix}`
    try {
      // '0' is the character after '/'.
      const keys = this.#db?.getKeys({ start, end: `${start.slice(0, -1)}0` }) ?? []
      return [...keys].map((key) => key.slice(table.length + 1))
    } catch (error) {
      throw this.#failure('listing rows', error)
    }
  }

  async commit(changes: readonly Change[]): Promise<void> {
    const db = this.#db
    if (!db || this.#epoch === undefined) throw new FencedError(this.#folder)
    let counted: boolean
    const single = new Set<Promise<unknown>>()
    try {
      // The puts between are one batch of LMDB's writer thread, in the one transaction that the condition was looked at
      // in; the promise resolves after its fsync.
      const batch = db.ifVersion(ownerRow, this.#epoch, () => {
        for (const { table, name, content } of changes) {
          const key = `${table}/${name}`
          single.add(content === null ? db.remove(key) : db.put(key, asBuffer(content), plain))
        }
      })
      // They fail with the batch; unheard, that would end the process.
      for (const one of single) one.then(undefined, () => undefined)
      counted = await batch
    } catch (error) {
      throw this.#failure('writing', await causeOf(error, this.#folder))
    }
    if (!counted) throw new FencedError(this.#folder)
  }

  claim(): Promise<void> {
    return this.#alone(async () => {
      const before = this.#db
      if (!(await isSoundDatabase(this.#path))) await this.#create()
      const db = await this.#open(this.#path, false)
      this.#db = db
      await before?.close()
      this.#protect()
      const epoch = (db.getEntry(ownerRow)?.version ?? 0) + 1
      await db.put(ownerRow, randomBytes(8), epoch)
      this.#epoch = epoch
    })
  }

  async reading<T>(step: () => Promise<T>): Promise<T> {
    await this.#alone(async () => {
      this.#readers += 1
      try {
        if (!this.#db && (await isSoundDatabase(this.#path))) this.#db = await this.#open(this.#path, true)
      } catch (error) {
        this.#readers -= 1
        throw error
      }
    })
    try {
      return await step()
    } finally {
      await this.#alone(async () => {
        this.#readers -= 1
        if (this.#readers === 0 && this.#epoch === undefined) await this.#shut()
      })
    }
  }

  close(): Promise<void> {
    return this.#alone(async () => {
      this.#epoch = undefined
      if (this.#readers === 0) await this.#shut()
    })
  }

  #absent(): null {
    if (!this.#db && this.#readers === 0) throw new FencedError(this.#folder)
    return null
  }

  async #open(path: string, readOnly: boolean): Promise<Database> {
    const { open } = await loadLmdb()
    // Without overlapping syncs a commit that resolved is on the disk; with them it would only be visible.
    const durable = { overlappingSync: false }
    // The driver's own batch of an event turn keeps a promise that nobody can hear; its rejection would end the
    // process. Ours are batches already.
    const heard = { eventTurnBatching: false }
    return open<Buffer, string>({ path, readOnly, encoding: 'binary', useVersions: true, ...durable, ...heard })
  }

  /** LMDB makes its files readable to all. */
  #protect(): void {
    for (const path of [this.#path, `${this.#path}-lock`]) chmodSync(path, 0o600)
  }

  async #shut(): Promise<void> {
    const db = this.#db
    this.#db = undefined
    await db?.close()
  }

  /**
   * Whole before it has its name: a crash here leaves no empty file, which would look like an account that lost
   * everything.
   */
  async #create(): Promise<void> {
    const remove = async () => {
      for (const path of [this.#draft, `${this.#draft}-lock`]) await rm(path, { force: true })
    }
    await remove()
    const db = await this.#open(this.#draft, false)
    db.putSync(ownerRow, randomBytes(8), plain)
    await db.close()
    await rename(this.#draft, this.#path)
    await nodeFileSystem.syncFolder(this.#folder)
    await remove()
  }

  /** One opening or closing at a time. */
  #alone(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step).catch((error: unknown) => {
      throw this.#failure('opening the database', error)
    })
    this.#turn = done.catch(() => undefined)
    return done
  }

  #failure(doing: string, error: unknown): Error {
    return diskError(this.#folder, doing, withErrno(error))
  }
}

const asBuffer = (content: Uint8Array): Buffer => Buffer.from(content.buffer, content.byteOffset, content.byteLength)

const loadLmdb = async (): Promise<typeof import('lmdb')> => {
  try {
    return await import('lmdb')
  } catch (error) {
    throw new AuthStoreError(
      'AUTH_STORE_DRIVER',
      'The package lmdb, which this store needs, cannot be loaded. Nothing was changed.',
      'Install it beside baileys-lifeline: npm install lmdb.',
      error,
    )
  }
}
