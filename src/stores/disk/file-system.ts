import * as callbacks from 'node:fs'
import { mkdir, readdir, rmdir, stat, unlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { createOpen, type OpenFile } from './open-file.ts'
import { readWhole, syncPath, writeWhole } from './whole-file.ts'

export interface FileStat {
  readonly size: number
  readonly mode: number
  readonly mtimeMs: number
  isFile(): boolean
  isDirectory(): boolean
}

export interface WriteOptions {
  /** `wx` creates and fails on an existing file, `a` appends, `r+` overwrites in place without cutting. */
  readonly flag: 'wx' | 'a' | 'r+'
  readonly mode: number
  /** True: fsync before the file is closed. */
  readonly flush: boolean
}

/** Every call the store makes to the medium, in one place, so that a failing or vanishing disk can stand in for it. */
export interface FileSystem {
  readFile(path: string): Promise<Buffer>
  writeFile(path: string, data: Uint8Array, options: WriteOptions): Promise<void>
  /** Makes a file that is not there yet and keeps it open, so that each write to it is durable. */
  create(path: string, mode: number): Promise<OpenFile>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  readdir(path: string): Promise<string[]>
  /** Follows symbolic links. */
  stat(path: string): Promise<FileStat>
  mkdir(path: string, mode: number): Promise<void>
  rmdir(path: string): Promise<void>
  /** Makes the content of a file durable that was written without `flush`. */
  syncFile(path: string): Promise<void>
  /** Makes the names in a folder durable (fsync of the folder itself). */
  syncFolder(path: string): Promise<void>
}

// Node's promise version takes about twice as long, and accounts have thousands of files.
const rename = promisify(callbacks.rename)

export const nodeFileSystem: FileSystem = {
  readFile: readWhole,
  writeFile: writeWhole,
  create: (path, mode) => createOpen(path, mode),
  rename: (from, to) => rename(from, to),
  unlink,
  readdir: (path) => readdir(path),
  stat: (path) => stat(path),
  mkdir: async (path, mode) => {
    await mkdir(path, { mode })
  },
  rmdir: (path) => rmdir(path),
  // Windows syncs only what was opened to be written to.
  syncFile: (path) => syncPath(path, 'r+'),
  syncFolder: async (path) => {
    // Windows has no fsync for folders; its file systems journal names by themselves.
    if (process.platform === 'win32') return
    await syncPath(path, 'r')
  },
}

/** The errno of a failed file-system call, if the error has one. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

export const isAbsent = (error: unknown): boolean => errnoOf(error) === 'ENOENT'

/** Names in a folder; a missing folder has none. */
export const namesIn = async (fs: FileSystem, folder: string): Promise<string[]> => {
  try {
    return await fs.readdir(folder)
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

export const exists = async (fs: FileSystem, path: string): Promise<boolean> => {
  try {
    await fs.stat(path)
    return true
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

/** Creates one folder, 0700, and makes its name durable. True if it was not there. */
export const ensureFolder = async (fs: FileSystem, path: string, parent: string): Promise<boolean> => {
  try {
    await fs.mkdir(path, 0o700)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
  await fs.syncFolder(parent)
  return true
}
