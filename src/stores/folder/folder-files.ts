import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { errnoOf, type FileSystem } from '../../disk/file-system.ts'
import { classify } from '../file-class.ts'
import { credsFile } from '../file-name.ts'
import type { KeyTypes } from '../key-types.ts'
import type { AccountFiles } from '../opening.ts'
import { type Content, WriteAhead } from '../write-ahead.ts'
import { WriteQueue } from './write-queue.ts'

export interface FolderFilesParts {
  readonly fs: FileSystem
  readonly folder: string
  /** Where records of large sets lie. */
  readonly records: string
  /** From how many files on a set is noted in such a record. */
  readonly aheadFrom: number
  readonly location: string
  readonly keyTypes: KeyTypes
}

/** The files of an account in a folder. */
export class FolderFiles implements AccountFiles {
  readonly #parts: FolderFilesParts
  readonly #queue: WriteQueue

  constructor(parts: FolderFilesParts) {
    this.#parts = parts
    const { fs, folder, records, aheadFrom } = parts
    this.#queue = new WriteQueue(fs, folder, { writeAhead: new WriteAhead(fs, folder, records), from: aheadFrom })
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

  get busy(): boolean {
    return this.#queue.busy
  }

  settled(): Promise<void> {
    return this.#queue.drained()
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
