import { resolve } from 'node:path'
import type { BaileysParts } from '../codec.ts'
import { nodeFileSystem } from '../disk/file-system.ts'
import { prepareFolder } from '../folder/folder.ts'
import { Lock, nodeTimers, type Timers } from '../folder/lock.ts'
import { layoutOf } from '../layout.ts'
import { Ownership } from '../ownership.ts'
import { type Processes, systemProcesses } from '../process-identity.ts'
import { RowStore } from '../rows/row-store.ts'
import type { Rows } from '../rows/rows.ts'
import type { AuthStore } from '../store.ts'
import { LmdbRows } from './lmdb-rows.ts'

/** Options of `lmdbAuthStore`. */
export interface LmdbAuthStoreOptions {
  /** Where Baileys comes from; default: the one that is installed, under either of its names. */
  readonly baileys?: () => Promise<BaileysParts>
  /** Epoch milliseconds; default: `Date.now`. */
  readonly now?: () => number
  /** How owners of the lock are told apart; default: this system's processes. */
  readonly processes?: Processes
  /** Drives the lock's heartbeat; default: Node's timers. */
  readonly timers?: Timers
}

/**
 * Credentials and keys in one LMDB file, `<folder>/account.mdb`: every `keys.set` is one transaction, on the disk when
 * it resolves. Needs the package `lmdb`. The folder is created by `acquire` (0700) if its parent exists, and has to lie
 * on a local disk: LMDB maps the file into memory.
 */
export const lmdbAuthStore = (folder: string, options: LmdbAuthStoreOptions = {}): AuthStore =>
  lmdbParts(folder, options).store

/** The store and the rows under it. */
export const lmdbParts = (
  folder: string,
  { baileys, now, processes = systemProcesses, timers = nodeTimers }: LmdbAuthStoreOptions,
): { readonly store: AuthStore; readonly rows: Rows } => {
  const location = resolve(folder)
  const layout = layoutOf(location)
  const rows = new LmdbRows(location, layout.own)
  const lock = new Lock(nodeFileSystem, layout.lock, location, processes, timers)
  const ownership = new Ownership(location, lock)
  const prepare = () => prepareFolder(nodeFileSystem, layout)
  return { rows, store: new RowStore({ location, ownFolder: layout.own, rows, ownership, prepare, baileys, now }) }
}
