import { resolve } from 'node:path'
import { AuthStoreError, UnreadableCredsError } from '../../errors/errors.ts'
import { eachBounded } from '../bounded.ts'
import { absentCreds } from '../creds-verdict.ts'
import { putFile, replaceFile } from '../disk/atomic-write.ts'
import { onDisk } from '../disk/disk-error.ts'
import { ensureFolder, exists, type FileSystem, nodeFileSystem } from '../disk/file-system.ts'
import { credsFile } from '../file-name.ts'
import { fileAuthStore } from '../folder/file-store.ts'
import type { FileAuthStoreOptions } from '../folder/file-store-options.ts'
import { type Layout, layoutOf } from '../layout.ts'
import type { AuthStore } from '../store.ts'
import { differing, type Piece, pathOf, piecesOfFolder, piecesOfRows } from './account-pieces.ts'
import type { Rows } from './rows.ts'

/** What arrived, each file compared by its SHA-256 after it was written. */
export interface Transferred {
  /** How many files. */
  readonly files: number
  /** How large they are together. */
  readonly bytes: number
}

/** A store and the rows under it. */
export interface RowParts {
  readonly store: AuthStore
  readonly rows: Rows
}

const width = 16

/**
 * Copies an account from a folder of Baileys' layout into a store of rows: creds, keys, good generations of creds,
 * budgets; one transaction, compared by hashes. The folder stays as it is, its quarantine and history too; only one of
 * the two may be used from then on. Rejects with `LockedError` while either has an owner, with `AUTH_STORE_NOT_EMPTY`
 * if the store holds an account, and if the folder's creds cannot be used.
 */
export const copyIntoRows = async (
  folder: string,
  { store, rows }: RowParts,
  options: FileAuthStoreOptions,
): Promise<Transferred> => {
  const fs = options.fileSystem ?? nodeFileSystem
  await demand(resolve(folder), fs)
  return between(fileAuthStore(folder, options), store, async () => {
    const pieces = await piecesOfFolder(fs, layoutOf(resolve(folder)))
    refuseAccount(store, await rows.names('account'))
    await rows.commit(pieces)
    const wrong = differing(pieces, await piecesOfRows(rows))
    if (wrong.length > 0) {
      await rows.commit(pieces.map((piece) => ({ ...piece, content: null })))
      throw mismatch(store.location, wrong)
    }
    return summary(pieces)
  })
}

/**
 * The way back: the files as they would be had Baileys written them into `folder`, which must hold no account. Refusals
 * as with `copyIntoRows`.
 */
export const copyIntoFolder = async (
  { store: source, rows }: RowParts,
  folder: string,
  options: FileAuthStoreOptions,
): Promise<Transferred> => {
  const fs = options.fileSystem ?? nodeFileSystem
  const store = fileAuthStore(folder, options)
  const layout = layoutOf(resolve(folder))
  return between(source, store, async () => {
    const there = await piecesOfFolder(fs, layout)
    refuseAccount(
      store,
      there.filter(({ table }) => table === 'account').map(({ name }) => name),
    )
    const pieces = await piecesOfRows(rows)
    await place(fs, pieces, layout)
    const wrong = differing(pieces, await piecesOfFolder(fs, layout))
    if (wrong.length > 0) throw mismatch(store.location, wrong)
    return summary(pieces)
  })
}

/** Neither an import nor an export makes its source. */
export const demand = async (path: string, fs: FileSystem = nodeFileSystem): Promise<void> => {
  if (await exists(fs, path)) return
  throw new AuthStoreError(
    'AUTH_STORE_FOLDER',
    `${path} is not there, so there is no account to copy. Nothing was changed.`,
    'Correct the path.',
  )
}

/** Runs a step as the owner of both stores, once the source has shown usable creds. */
const between = async <T>(source: AuthStore, target: AuthStore, step: () => Promise<T>): Promise<T> => {
  await source.acquire()
  try {
    const { creds } = await source.inspect({ depth: 'creds' })
    if (creds.kind === 'unreadable') throw new UnreadableCredsError(source.location, creds.why)
    if (creds.kind === 'absent') throw absentCreds(source.location)
    await target.acquire()
    return await onDisk(target.location, 'copying the account', step)
  } finally {
    await target.release()
    await source.release()
  }
}

/** Writes pieces into a folder, creds last: until then nothing that loads is there. */
const place = async (fs: FileSystem, pieces: readonly Piece[], layout: Layout): Promise<void> => {
  const isCreds = ({ name }: Piece) => name === credsFile
  const inFolder = pieces.filter(({ table }) => table === 'account')
  const others = pieces.filter(({ table }) => table !== 'account')
  await ensureFolder(fs, layout.generations, layout.own)
  for (const piece of others) await replaceFile(fs, pathOf(layout, piece), piece.content)
  for (const batch of [inFolder.filter((piece) => !isCreds(piece)), inFolder.filter(isCreds)]) {
    await eachBounded(batch, width, (piece) => putFile(fs, pathOf(layout, piece), piece.content))
    await fs.syncFolder(layout.folder)
  }
}

const summary = (pieces: readonly Piece[]): Transferred => ({
  files: pieces.length,
  bytes: pieces.reduce((sum, { content }) => sum + content.length, 0),
})

const refuseAccount = ({ location }: AuthStore, names: readonly string[]): void => {
  if (names.length === 0) return
  throw new AuthStoreError(
    'AUTH_STORE_NOT_EMPTY',
    `${location} holds ${names.length} files of an account already. Nothing was changed.`,
    'Name an empty place: two accounts are never mixed.',
  )
}

const mismatch = (location: string, names: readonly string[]) =>
  new AuthStoreError(
    'AUTH_STORE_DISK',
    `${names.length} files did not arrive in ${location} as they were sent (${names.slice(0, 3).join(', ')}). The source is untouched.`,
    'Look at the disk of the target (and whether its file system tells upper from lower case), then copy again into an empty place.',
  )
