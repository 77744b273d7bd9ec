import { open, stat } from 'node:fs/promises'
import { AuthStoreError } from '../../errors/errors.ts'
import { isAbsent } from '../disk/file-system.ts'

/** The database file in the account's folder; its reader table lies beside it as `account.mdb-lock`. */
export const dataFile = 'account.mdb'

const magic = 0xbeefc0de
const versionKnown = 2
/** Where the fields of a meta page lie (64 bits, little-endian), in bytes from its start. */
const at = { magic: 24, version: 28, pageSize: 48, roots: [88, 136], transaction: 152, end: 160 } as const
const emptyRoot = 0xffff_ffff_ffff_ffffn

/**
 * False if there is no database. Rejects if what is there cannot be one, or lost its end: the LMDB driver does not
 * report such a file, it brings the whole process down.
 */
export const isSoundDatabase = async (path: string): Promise<boolean> => {
  let size: number
  try {
    size = (await stat(path)).size
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
  const why = await damage(path, size)
  if (why === undefined) return true
  throw new AuthStoreError(
    'AUTH_STORE_DISK',
    `${path} ${why}. It was left as it is, and no new account was made in its place.`,
    'Copy it aside, then restore it from a backup or export, or remove it and link the device again.',
    undefined,
    'MDB_INVALID',
  )
}

const damage = async (path: string, size: number): Promise<string | undefined> => {
  if (size === 0) return 'is empty'
  const file = await open(path, 'r')
  try {
    const metaAt = async (offset: number): Promise<Buffer | undefined> => {
      const page = Buffer.alloc(at.end)
      const { bytesRead } = await file.read(page, 0, at.end, offset)
      return bytesRead === at.end && page.readUInt32LE(at.magic) === magic ? page : undefined
    }
    const first = await metaAt(0)
    if (!first) return 'is no LMDB database'
    // Another version of the format lays its pages out in its own way.
    if (first.readUInt32LE(at.version) !== versionKnown) return undefined
    const pageSize = first.readUInt32LE(at.pageSize)
    const second = await metaAt(pageSize)
    if (!second) return 'has lost a meta page'
    const transactionOf = (meta: Buffer) => meta.readBigUInt64LE(at.transaction)
    const newest = transactionOf(second) > transactionOf(first) ? second : first
    const pages = BigInt(Math.floor(size / pageSize))
    const cut = at.roots.some((field) => {
      const root = newest.readBigUInt64LE(field)
      return root !== emptyRoot && root >= pages
    })
    return cut ? 'is cut off' : undefined
  } finally {
    await file.close()
  }
}
