import { join } from 'node:path'
import { replaceFile } from '../disk/atomic-write.ts'
import { ensureFolder, type FileSystem, namesIn } from '../disk/file-system.ts'
import { noFileWords } from '../disk/no-file.ts'
import type { GenerationShelf } from '../generations.ts'
import type { Layout } from '../layout.ts'

/** Generations as files in the library's own folder. */
export class GenerationFolder implements GenerationShelf {
  readonly #fs: FileSystem
  readonly #layout: Layout

  constructor(fs: FileSystem, layout: Layout) {
    this.#fs = fs
    this.#layout = layout
  }

  names(): Promise<readonly string[]> {
    return namesIn(this.#fs, this.#layout.generations)
  }

  /** What is no file holds nothing, and is passed over as a damaged one. */
  async read(name: string): Promise<Buffer> {
    try {
      return await this.#fs.readFile(join(this.#layout.generations, name))
    } catch (error) {
      if (noFileWords(error) === undefined) throw error
      return Buffer.alloc(0)
    }
  }

  async put(name: string, bytes: Buffer): Promise<void> {
    await ensureFolder(this.#fs, this.#layout.generations, this.#layout.own)
    await replaceFile(this.#fs, join(this.#layout.generations, name), bytes)
  }

  async drop(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#fs.unlink(join(this.#layout.generations, name))
  }
}
