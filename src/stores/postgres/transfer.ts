import { AuthStoreError } from '../../errors/errors.ts'
import { copyIntoFolder, copyIntoRows, type Transferred } from '../rows/transfer.ts'
import { type PostgresAuthStoreOptions, postgresParts } from './postgres-store.ts'

/**
 * Copies an account from a folder of Baileys' layout into the database: creds, keys, good generations of creds,
 * budgets; one transaction, compared by hashes. The folder stays as it is, its quarantine and history too; only one of
 * the two may be used from then on. Rejects with `LockedError` while either has an owner, with `AUTH_STORE_NOT_EMPTY`
 * if the database holds that account, and if the folder's creds cannot be used.
 */
export const importFolder = (folder: string, options: PostgresAuthStoreOptions): Promise<Transferred> =>
  copyIntoRows(folder, postgresParts(options), bareOptions(options))

/**
 * The way back: the files as they would be had Baileys written them into `folder`, which must hold no account. Refusals
 * as with `importFolder`.
 */
export const exportFolder = async (options: PostgresAuthStoreOptions, folder: string): Promise<Transferred> => {
  const parts = postgresParts(options)
  const names = await parts.rows.reading(() => parts.rows.names('account'))
  if (names.length > 0) return copyIntoFolder(parts, folder, bareOptions(options))
  throw new AuthStoreError(
    'AUTH_STORE_NOT_FOUND',
    `${parts.store.location} holds no account to copy. Nothing was changed.`,
    'Correct the name of the account, or the address of the database.',
  )
}

const bareOptions = ({ baileys, now }: PostgresAuthStoreOptions) => ({
  ...(baileys ? { baileys } : {}),
  ...(now ? { now } : {}),
})
