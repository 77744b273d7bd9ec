import { join, resolve } from 'node:path'
import { copyIntoFolder, copyIntoRows, demand, type Transferred } from '../rows/transfer.ts'
import { dataFile } from './data-file.ts'
import { type LmdbAuthStoreOptions, lmdbParts } from './lmdb-store.ts'

export type { Transferred }

/**
 * Copies an account from a folder of Baileys' layout into an LMDB store: creds, keys, good generations of creds,
 * budgets; one transaction, compared by hashes. The folder stays as it is, its quarantine and history too; only one of
 * the two may be used from then on. Rejects with `LockedError` while either has an owner, with `AUTH_STORE_NOT_EMPTY`
 * if the store holds an account, and if the folder's creds cannot be used.
 */
export const importFolder = (
  folder: string,
  lmdbFolder: string,
  options: LmdbAuthStoreOptions = {},
): Promise<Transferred> => copyIntoRows(folder, lmdbParts(lmdbFolder, options), options)

/**
 * The way back: the files as they would be had Baileys written them into `folder`, which must hold no account. Refusals
 * as with `importFolder`.
 */
export const exportFolder = async (
  lmdbFolder: string,
  folder: string,
  options: LmdbAuthStoreOptions = {},
): Promise<Transferred> => {
  await demand(join(resolve(lmdbFolder), dataFile))
  return copyIntoFolder(lmdbParts(lmdbFolder, options), folder, options)
}
