import { AuthStoreError, LifelineError } from '../../errors/errors.ts'
import { wordsOf } from '../../errors/thrown.ts'
import { errnoOf } from './file-system.ts'

/** What a person can do about each errno. */
const remediations: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space on the disk.',
  EDQUOT: 'Free space, or raise the disk quota of this user.',
  EACCES: 'Give the user that runs this process read and write permission on the folder and its files.',
  EPERM: 'Give the user that runs this process ownership of the folder and its files.',
  EROFS: 'Mount the file system read-write; after a disk error Linux mounts it read-only, so look at the kernel log.',
  EIO: 'The disk failed to read or write: look at the kernel log, save a copy of the folder, replace the disk.',
  EMFILE: 'Raise the limit of open files (ulimit -n), or find what leaks them.',
  ENFILE: 'Raise the system-wide limit of open files.',
  ENAMETOOLONG: 'Use a shorter name: 255 bytes are the most, and letters of other scripts have two to four each.',
  ELOOP: 'Name the folder itself: a link there leads nowhere.',
  ESTALE: 'Mount the network file system again.',
}

/** A failed call to the medium as the one error that callers see; an error of ours passes through. */
export const diskError = (location: string, doing: string, cause: unknown): LifelineError => {
  if (cause instanceof LifelineError) return cause
  const errno = errnoOf(cause) ?? 'UNKNOWN'
  // What reads the files is missing: that says nothing about the disk.
  if (errno === 'ERR_MODULE_NOT_FOUND')
    return new AuthStoreError(
      'AUTH_STORE_DRIVER',
      `A package is missing, so ${doing} in ${location} failed: ${wordsOf(cause)}`,
      'Install the package that this names.',
      cause,
    )
  return new AuthStoreError(
    'AUTH_STORE_DISK',
    `The disk failed with ${errno} while ${doing} in ${location}. What was stored before is still there.`,
    remediations[errno] ?? 'Check the disk and the permissions of the folder; the store continues once they work.',
    cause,
    errno,
  )
}

/** Runs a step against the medium and turns its failure into a disk error. */
export const onDisk = async <T>(location: string, doing: string, step: () => Promise<T>): Promise<T> => {
  try {
    return await step()
  } catch (error) {
    throw diskError(location, doing, error)
  }
}
