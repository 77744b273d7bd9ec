import { constants } from 'node:fs'
import { access, chmod, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Takes every right of other users away: 0700 on the folder, 0600 on the files in it. The names that were gone over.
 */
export async function tightenModes(folder: string): Promise<readonly string[]> {
  // Windows has no such rights; there the folder's access list decides, which is the owner's.
  if (process.platform === 'win32') return []
  await chmod(folder, 0o700)
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile())
  for (const { name } of files) await chmod(join(folder, name), 0o600)
  return files.map(({ name }) => name)
}

/**
 * Bytes that this user may still write where the folder lies. A medium that does not say counts as roomy: its writes
 * will tell.
 */
export async function freeBytesAt(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Whether this process may make files in that folder. */
export const isWritable = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
