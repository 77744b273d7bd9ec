import { replaceJson } from './disk/atomic-write.ts'
import type { FileSystem } from './disk/file-system.ts'
import { classify } from './file-class.ts'
import { keyFileName } from './file-name.ts'
import type { Layout } from './layout.ts'

/** Where learned key types are kept. */
export interface KeyTypesNote {
  /** Rejects, or resolves to anything, if there is none. */
  read(): Promise<unknown>
  write(types: readonly string[]): Promise<void>
}

export const keyTypesFile = (fs: FileSystem, layout: Layout): KeyTypesNote => ({
  read: async () => JSON.parse((await fs.readFile(layout.keyTypes)).toString('utf8')),
  write: (types) => replaceJson(fs, layout.keyTypes, types),
})

/**
 * Key types that this version does not know but Baileys has written: remembered, so that their files are told from
 * foreign ones later.
 */
export class KeyTypes {
  readonly #note: KeyTypesNote
  #learned: ReadonlySet<string> | undefined

  constructor(note: KeyTypesNote) {
    this.#note = note
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
    await this.#note.write(all)
    this.#learned = new Set(all)
  }

  async #stored(): Promise<readonly string[]> {
    try {
      const value: unknown = await this.#note.read()
      return Array.isArray(value) ? value.filter((type) => typeof type === 'string') : []
    } catch {
      // Absent or damaged: such files count as foreign until their type is written again.
      return []
    }
  }
}

/** The type as it stands in file names. */
const prefixOf = (type: string): string => keyFileName(type, 'x').slice(0, -'-x.json'.length)
