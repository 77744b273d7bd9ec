import { join } from 'node:path'
import { onDisk } from './disk-error.ts'
import { classify } from './file-class.ts'
import { credsFile } from './file-name.ts'
import { errnoOf, type FileSystem } from './file-system.ts'
import type { KeyTypes } from './key-types.ts'
import type { AccountFiles } from './opening.ts'
import { type Content, WriteQueue } from './write-queue.ts'

export interface FolderFilesParts {
  readonly fs: FileSystem
  readonly folder: string
  readonly location: string
  readonly keyTypes: KeyTypes
}

/** The files of an account in a folder. */
export class FolderFiles implements AccountFiles {
  readonly #parts: FolderFilesParts
  readonly #queue: WriteQueue

  constructor(parts: FolderFilesParts) {
    this.#parts = parts
    this.#queue = new WriteQueue(parts.fs, parts.folder)
  }

  ahead(name: string): Content | undefined {
    return this.#queue.ahead(name)
  }

  async read(name: string): Promise<Content> {
    const { fs, folder, location } = this.#parts
    try {
      return await fs.readFile(join(folder, name))
    } catch (error) {
      if (['ENOENT', 'EISDIR'].includes(errnoOf(error) ?? '')) return null
      return onDisk(location, 'reading a key', () => Promise.reject(error))
    }
  }

  write(files: Iterable<readonly [name: string, content: Content]>): Promise<void> {
    return this.#queue.write(files)
  }

  async keys(): Promise<readonly string[]> {
    const { fs, folder, location, keyTypes } = this.#parts
    const names = await onDisk(location, 'listing the keys', () => fs.readdir(folder))
    const learned = await keyTypes.learned()
    return names.filter((name) => name !== credsFile && classify(name, learned))
  }

  learn(types: readonly string[]): Promise<void> {
    const { location, keyTypes } = this.#parts
    return onDisk(location, 'noting key types', () => keyTypes.learn(types))
  }
}
