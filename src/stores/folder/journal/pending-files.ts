import { join } from 'node:path'
import { eachBounded } from '../../bounded.ts'
import { discard, writeTemporary } from '../../disk/atomic-write.ts'
import { type FileSystem, isAbsent } from '../../disk/file-system.ts'
import { type Content, removeIfThere } from '../../write-ahead.ts'
import { type Digest, digestOf } from './digest.ts'
import type { Row } from './frame.ts'
import { KnownDigests } from './known-digests.ts'

/** Fewer than Node's four threads, so that neither a read nor the journal waits behind a row of files. */
const width = 2

/** How far the newest content of a file has come; a newer one is another `Pending`. */
interface Pending {
  readonly content: Content
  /** What may stand in the file before it. */
  readonly replaces: readonly Digest[] | undefined
  /** It may stand in its place from here on. */
  begun: boolean
  /** It stands in its place. */
  stands: boolean
  /** It would be read back after a power cut, if its name were. */
  synced: boolean
  /** For how many looks nothing newer came, and for how many the file has been behind. */
  quiet: number
  behind: number
}

/**
 * The files whose newest content is durable in the journal alone. They are written behind it, a file that changed many
 * times once, by rename, so that a kill never tears one; each is synced before the journal forgets it.
 */
export class PendingFiles {
  readonly known = new KnownDigests()
  readonly #fs: FileSystem
  readonly #folder: string
  readonly #files = new Map<string, Pending>()
  /** Names that are being written, each by one step at a time: what is not durable must never lie over what is. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(fs: FileSystem, folder: string) {
    this.#fs = fs
    this.#folder = folder
  }

  get size(): number {
    return this.#files.size
  }

  /** The newest content of a file that does not stand in its place yet; undefined if the disk is right. */
  ahead(name: string): Content | undefined {
    const file = this.#files.get(name)
    return file === undefined || file.stands ? undefined : file.content
  }

  /** Whether any file does not stand in its place. */
  get behind(): boolean {
    for (const { stands } of this.#files.values()) if (!stands) return true
    return false
  }

  /** All of those. */
  allAhead(): readonly (readonly [name: string, content: Content])[] {
    return [...this.#files].filter(([, { stands }]) => !stands).map(([name, { content }]) => [name, content])
  }

  /** The row of the journal for a new content. */
  rowFor(name: string, content: Content): Row {
    const known = this.known.of(name)
    if (known !== undefined) return { name, content, replaces: [known] }
    // Earlier rows say what it replaces.
    return { name, content, replaces: this.#files.has(name) ? [] : undefined }
  }

  /** The rows of a journal that takes the place of the one that was. */
  rows(): readonly Row[] {
    return [...this.#files].map(([name, { content, replaces }]) => ({ name, content, replaces }))
  }

  /** The journal has these rows for certain. */
  note(rows: readonly Row[]): void {
    for (const { name, content, replaces } of rows) {
      const before = this.#files.get(name)
      this.#files.set(name, {
        content,
        replaces: before ? withContent(before) : replaces,
        begun: false,
        stands: false,
        synced: false,
        quiet: 0,
        behind: before && !before.stands ? before.behind : 0,
      })
    }
  }

  /** Looks at them once: those that have not changed for `quiet` looks, or been behind for `most`. */
  due(quiet: number, most: number): readonly string[] {
    const due: string[] = []
    for (const [name, file] of this.#files) {
      if (file.stands) continue
      file.quiet += 1
      file.behind += 1
      if (file.quiet > quiet || file.behind > most) due.push(name)
    }
    return due
  }

  place(names: readonly string[]): Promise<void> {
    return this.#each(names, (name) => this.placeOne(name))
  }

  /** Puts one file in place. */
  async placeOne(name: string): Promise<void> {
    await this.#alone(name, async (file) => {
      if (!file.stands) await this.#place(name, file, false)
    })
  }

  /** Puts every file in its place and makes its content durable; their names are once the folder is synced. */
  async settle(): Promise<void> {
    const unsettled = [...this.#files].filter(([, { synced }]) => !synced).map(([name]) => name)
    await this.#each(unsettled, (name) =>
      this.#alone(name, async (file) => {
        if (!file.stands) await this.#place(name, file, true)
        else if (!file.synced) await this.#sync(name, file)
      }),
    )
  }

  /** The folder was synced: what is settled is durable without the journal. */
  forgetSettled(): void {
    for (const [name, { synced, content }] of this.#files) {
      if (!synced) continue
      this.known.note(name, content)
      this.#files.delete(name)
    }
  }

  /** One file that cannot be written does not keep the others from it. */
  async #each(names: readonly string[], step: (name: string) => Promise<void>): Promise<void> {
    let failure: { readonly error: unknown } | undefined
    await eachBounded(names, width, async (name) => {
      try {
        await step(name)
      } catch (error) {
        failure ??= { error }
      }
    })
    if (failure) throw failure.error
  }

  /** The step is given the newest there is when its turn has come. */
  async #alone(name: string, step: (file: Pending) => Promise<void>): Promise<void> {
    const before = this.#busy.get(name)
    const done = (before ?? Promise.resolve()).then(async () => {
      const file = this.#files.get(name)
      if (file) await step(file)
    })
    const turn = done.catch(() => undefined)
    this.#busy.set(name, turn)
    await done.finally(() => {
      if (this.#busy.get(name) === turn) this.#busy.delete(name)
    })
  }

  async #place(name: string, file: Pending, durable: boolean): Promise<void> {
    const path = join(this.#folder, name)
    file.begun = true
    if (file.content === null) await removeIfThere(this.#fs, path)
    else {
      const temporary = await writeTemporary(this.#fs, this.#folder, file.content, durable)
      try {
        await this.#fs.rename(temporary, path)
      } catch (error) {
        await discard(this.#fs, temporary)
        throw error
      }
    }
    file.stands = true
    file.synced = durable || file.content === null
  }

  async #sync(name: string, file: Pending): Promise<void> {
    try {
      await this.#fs.syncFile(join(this.#folder, name))
      file.synced = true
    } catch (error) {
      // Gone by another's hand: there is nothing to make durable.
      if (isAbsent(error)) file.synced = true
      // After a failed fsync the system may take for written what it could not write.
      else await this.#place(name, file, true)
    }
  }
}

const withContent = ({ content, replaces, begun }: Pending): readonly Digest[] | undefined =>
  begun && replaces ? [...replaces, digestOf(content)] : replaces
