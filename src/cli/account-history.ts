import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuthStore } from '../stores/store.ts'

/** The history of an account in a folder of files, or in the LMDB database that the folder holds. Reads only. */
export async function historyOf(store: AuthStore, limit: number): Promise<readonly unknown[]> {
  if (!(await isThere(join(store.location, 'account.mdb')))) return store.readHistory(limit)
  const { lmdbAuthStore } = await import('../stores/lmdb/index.ts')
  return lmdbAuthStore(store.location).readHistory(limit)
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
