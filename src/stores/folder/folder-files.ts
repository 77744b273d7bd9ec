import { join } from 'node:path'
import { onDisk } from '../disk/disk-error.ts'
import { errnoOf, type FileSystem } from '../disk/file-system.ts'
import { noFileWords } from '../disk/no-file.ts'
import { classify } from '../file-class.ts'
import { credsFile } from '../file-name.ts'
import type { KeyTypes } from '../key-types.ts'
import type { AccountFiles } from '../opening.ts'
import type { Content } from '../write-ahead.ts'
import type { FolderWrites } from './journal/folder-writes.ts'

export interface FolderFilesParts {
  readonly fs: FileSystem
  readonly folder: string
  readonly location: string
  readonly keyTypes: KeyTypes
  readonly writes: FolderWrites
  /** Sets aside what stands in the place of a file and is none. Never rejects. */
  readonly refuse: (name: string, why: string) => Promise<void>
}

/** The files of an account in a folder. */
export class FolderFiles implements AccountFiles {
  readonly #parts: FolderFilesParts

  constructor(parts: FolderFilesParts) {
    this.#parts = parts
  }

  ahead(name: string): Content | undefined {
    return this.#parts.writes.ahead(name)
  }

  async read(name: string): Promise<Content> {
    const { fs, folder, location, writes } = this.#parts
    const found = writes.looking(name)
    try {
      const content = await fs.readFile(join(folder, name))
      found(content)
      return content
    } catch (error) {
      const errno = errnoOf(error)
      found(errno === 'ENOENT' ? null : undefined)
      if (errno === 'ENOENT') return null
      const why = noFileWords(error)
      if (why !== undefined) {
        // Aside before anybody writes there: its place is taken by the next write.
        await this.#parts.refuse(name, why)
        return null
      }
      return onDisk(location, 'reading a key', () => Promise.reject(error))
    }
  }

  write(files: Iterable<readonly [name: string, content: Content]>): Promise<void> {
    return this.#parts.writes.write(files)
  }

  get busy(): boolean {
    return this.#parts.writes.busy
  }

  settled(): Promise<void> {
    return this.#parts.writes.settle()
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
