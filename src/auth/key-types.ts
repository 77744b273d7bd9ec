import { replaceJson } from './atomic-write.ts'
import { classify } from './file-class.ts'
import { keyFileName } from './file-name.ts'
import type { FileSystem } from './file-system.ts'
import type { Layout } from './layout.ts'

/** Key types that this version does not know but Baileys has written: remembered, so that their files are told from foreign ones later. */
export class KeyTypes {
  readonly #fs: FileSystem
  readonly #path: string
  #learned: ReadonlySet<string> | undefined

  constructor(fs: FileSystem, layout: Layout) {
    this.#fs = fs
    this.#path = layout.keyTypes
  }

  async learned(): Promise<ReadonlySet<string>> {
    this.#learned ??= new Set(await this.#stored())
    return this.#learned
  }

  /** Remembers types that no row of the file classes covers. */
  async learn(types: readonly string[]): Promise<void> {
    const unknown = types.filter((type) => classify(keyFileName(type, 'x')) === undefined).map(prefixOf)
    if (unknown.length === 0) return
    const learned = await this.learned()
    const more = unknown.filter((type) => !learned.has(type))
    if (more.length === 0) return
    const all = [...learned, ...more]
    await replaceJson(this.#fs, this.#path, all)
    this.#learned = new Set(all)
  }

  async #stored(): Promise<readonly string[]> {
    try {
      const value: unknown = JSON.parse((await this.#fs.readFile(this.#path)).toString('utf8'))
      return Array.isArray(value) ? value.filter((type) => typeof type === 'string') : []
    } catch {
      // Absent or damaged: such files count as foreign until their type is written again.
      return []
    }
  }
}

/** The type as it stands in file names. */
const prefixOf = (type: string): string => keyFileName(type, 'x').slice(0, -'-x.json'.length)
