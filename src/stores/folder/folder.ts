import { AuthStoreError } from '../../errors/errors.ts'
import { onDisk } from '../disk/disk-error.ts'
import { ensureFolder, errnoOf, type FileSystem, isAbsent } from '../disk/file-system.ts'
import type { Layout } from '../layout.ts'

const cannotServe = (message: string, remediation: string, cause?: unknown) =>
  new AuthStoreError('AUTH_STORE_FOLDER', message, remediation, cause)

/** True if the folder is there; throws if what is there cannot serve. Changes nothing. */
const isThere = async (fs: FileSystem, folder: string): Promise<boolean> => {
  try {
    if ((await fs.stat(folder)).isDirectory()) return true
  } catch (error) {
    if (isAbsent(error)) return false
    if (errnoOf(error) !== 'ENOTDIR') throw error
  }
  throw cannotServe(
    `${folder} is a file, or lies below one; credentials need a folder. Nothing was changed.`,
    'Name a folder, or move the file away.',
  )
}

/** Makes the account's folder (0700, its parent must exist) and the library's own folder in it. */
export const prepareFolder = async (fs: FileSystem, layout: Layout): Promise<void> => {
  const { folder, parent, own, lock } = layout
  await onDisk(folder, 'looking for the folder', async () => {
    if (await isThere(fs, folder)) return
    if (!(await isThere(fs, parent))) {
      throw cannotServe(
        `${folder} cannot be made: its parent folder ${parent} does not exist. Nothing was changed.`,
        `Create ${parent}, or correct the path.`,
      )
    }
    // A link that leads nowhere is in the way of the folder, and yet there is nothing at its end.
    if (!(await ensureFolder(fs, folder, parent)) && !(await isThere(fs, folder)))
      throw cannotServe(
        `${folder} is a link that leads nowhere. Nothing was changed.`,
        'Remove the link, or make the folder that it leads to.',
      )
  })
  await onDisk(folder, 'making the own folder', async () => {
    await ensureFolder(fs, own, folder)
    if (!(await isThere(fs, own))) return
    await ensureFolder(fs, lock, own)
  })
}
