import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { LockedError } from '../../errors/errors.ts'
import { ensureFolder, nodeFileSystem } from '../disk/file-system.ts'
import { Lock, nodeTimers } from '../folder/lock.ts'
import type { OwnerLock } from '../ownership.ts'
import { systemProcesses } from '../process-identity.ts'
import { isFenced } from './row-rules.ts'
import type { Rows } from './rows.ts'

/** One owner of an account across processes and hosts, as far as its medium knows of them. */
export type RowLock = OwnerLock

/** Rows that a store of this process has claimed. */
const claimed = new WeakSet<Rows>()

/**
 * Without a lock one process is the owner by declaration. Two stores of one process are told apart here, and of two
 * processes the rows fence the older one out with its next write; until that write both may be connected.
 */
export class DeclaredLock implements OwnerLock {
  readonly #rows: Rows
  readonly #location: string
  #held = false

  constructor(rows: Rows, location: string) {
    this.#rows = rows
    this.#location = location
  }

  get held(): boolean {
    return this.#held
  }

  async acquire(): Promise<void> {
    if (claimed.has(this.#rows)) throw new LockedError(this.#location, { pid: process.pid, host: hostname() })
    claimed.add(this.#rows)
    this.#held = true
  }

  /** A commit of nothing is refused once another has claimed the rows. */
  async owned(): Promise<boolean> {
    if (!this.#held) return false
    try {
      await this.#rows.commit([])
      return true
    } catch (error) {
      if (isFenced(error)) return false
      throw error
    }
  }

  async release(): Promise<void> {
    if (this.#held) claimed.delete(this.#rows)
    this.#held = false
  }
}

/**
 * A lock of files in a folder, as accounts in folders have it: for rows on a disk, such as SQLite's. The folder is made
 * if its parent exists. A live owner is named; one that is gone is taken over from.
 */
export function folderLock(folder: string): RowLock {
  const path = resolve(folder)
  const lock = new Lock(nodeFileSystem, path, path, systemProcesses, nodeTimers)
  return {
    get held() {
      return lock.held
    },
    acquire: async (onLost) => {
      await ensureFolder(nodeFileSystem, path, resolve(path, '..'))
      await lock.acquire(onLost)
    },
    owned: () => lock.owned(),
    release: () => lock.release(),
  }
}
