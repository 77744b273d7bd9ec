import { statfs } from 'node:fs/promises'
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'

/** With less room than this, in bytes, a failed write is put down to it. */
const leastRoom = 1024 * 1024

/** Why a commit failed: LMDB hands that out later, in a promise of its own. */
export const causeOf = async (error: unknown, folder: string): Promise<unknown> => {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  const cause: unknown = await Promise.resolve(error.commitError).catch((reason: unknown) => reason)
  if (!(cause instanceof Error) || !('code' in cause) || cause.code !== constants.errno.EIO) return cause
  // It says the same of a disk that failed and of one that took only a part, being full.
  const room = await statfs(folder).catch(() => undefined)
  return room && room.bavail * room.bsize < leastRoom
    ? Object.assign(new Error(cause.message, { cause }), { code: 'ENOSPC' })
    : cause
}

/** LMDB says what failed by a number: the system's own, or a negative one of its own. */
export const withErrno = (error: unknown): unknown => {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return error
  const code = error.code > 0 ? getSystemErrorName(-error.code) : (ownCodes.get(error.code) ?? 'LMDB')
  return Object.assign(new Error(error.message, { cause: error }), { code })
}

const ownCodes: ReadonlyMap<number, string> = new Map([
  [-30796, 'MDB_CORRUPTED'],
  [-30795, 'MDB_PANIC'],
  [-30794, 'MDB_VERSION_MISMATCH'],
  [-30793, 'MDB_INVALID'],
  [-30792, 'MDB_MAP_FULL'],
  [-30790, 'MDB_READERS_FULL'],
])
