import { hash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { eachBounded, mapBounded } from './bounded.ts'
import { isTemporary, replaceJson, writeTemporary } from './disk/atomic-write.ts'
import { ensureFolder, errnoOf, type FileSystem, isAbsent, namesIn } from './disk/file-system.ts'
import { noFileWords } from './disk/no-file.ts'
import { EntryIds } from './entry-ids.ts'
import { credsFile, isPlainName } from './file-name.ts'
import { type Layout, ownFolder } from './layout.ts'
import type { QuarantineBounds, QuarantineEntry } from './store.ts'

const manifestFile = 'manifest.json'
export const generationPrefix = `${ownFolder}/creds/`
const width = 16
const dayMs = 86_400_000

/** A file of an entry: its name in the account's folder, and the name it is kept under. */
export interface QuarantinedFile {
  readonly name: string
  readonly stored: string
  readonly bytes: number
  readonly sha256: string
}

export interface Manifest {
  readonly id: string
  readonly at: number
  readonly reason: string
  readonly files: readonly QuarantinedFile[]
}

/** What a file of the account is called within an entry. */
export const storedName = (name: string): string => {
  if (name.startsWith(generationPrefix)) return `generation-${name.slice(generationPrefix.length)}`
  return name === manifestFile ? `original-${manifestFile}` : name
}

export const generationName = (name: string): string => `${generationPrefix}${name}`
export const holdsCreds = (files: readonly { readonly name: string }[]): boolean =>
  files.some(({ name }) => name === credsFile || name.startsWith(generationPrefix))

/**
 * Files set aside, byte for byte, each entry in its own folder with a manifest. The manifest is durable before the
 * first file moves.
 */
export class Quarantine {
  readonly #fs: FileSystem
  readonly #layout: Layout
  readonly #ids = new EntryIds()

  constructor(fs: FileSystem, layout: Layout) {
    this.#fs = fs
    this.#layout = layout
  }

  folderOf(id: string): string {
    return join(this.#layout.quarantine, id)
  }

  /**
   * Hashes the files and writes the manifest; no file has moved yet. Undefined if none of them exists. They lie in
   * `home`, which is the account's folder unless given.
   */
  async plan(names: readonly string[], reason: string, at: number, home?: string): Promise<Manifest | undefined> {
    const described = await mapBounded(names, width, (name) => this.#describe(name, home))
    const rows = described.filter((row) => row !== undefined)
    return rows.length === 0 ? undefined : this.#begin(rows, reason, at)
  }

  /** Moves the planned files that have not moved yet. Credentials go last: until then the account still loads. */
  async move(manifest: Manifest, home = this.#layout.folder): Promise<void> {
    await ensureFolder(this.#fs, this.folderOf(manifest.id), this.#layout.quarantine)
    const kept = new Set(await this.#fs.readdir(this.folderOf(manifest.id)))
    const waiting = manifest.files.filter((row) => !kept.has(row.stored))
    const creds = waiting.filter((row) => row.name === credsFile)
    for (const rows of [waiting.filter((row) => row.name !== credsFile), creds]) {
      await eachBounded(rows, width, (row) =>
        this.#rename(join(home, row.name), join(this.folderOf(manifest.id), row.stored)),
      )
      await this.#sync([this.folderOf(manifest.id)], this.#homes(rows, home))
    }
  }

  /** Keeps copies of files and leaves the files where they are. Undefined if none of them exists. */
  async copy(names: readonly string[], reason: string, at: number): Promise<Manifest | undefined> {
    const manifest = await this.plan(names, reason, at)
    if (!manifest) return undefined
    await eachBounded(manifest.files, width, async (row) => {
      // What cannot be read has no content to copy.
      if (row.sha256 === '') return
      await this.#put(manifest, row, await this.#fs.readFile(join(this.#layout.folder, row.name)))
    })
    await this.#fs.syncFolder(this.folderOf(manifest.id))
    return manifest
  }

  /** Keeps contents that have no file. What an entry of the same reason holds already is not kept twice. */
  async keep(
    contents: readonly (readonly [name: string, content: Uint8Array])[],
    reason: string,
    at: number,
  ): Promise<void> {
    if (contents.length === 0) return
    const kept = (await this.list()).filter((entry) => entry.reason === reason).flatMap(({ files }) => files)
    const files = contents.flatMap(([name, content]) => {
      const row = { name, stored: storedName(name), bytes: content.byteLength, sha256: hash('sha256', content) }
      return kept.some((file) => file.name === name && file.sha256 === row.sha256) ? [] : [{ row, content }]
    })
    if (files.length === 0) return
    const manifest = await this.#begin(
      files.map(({ row }) => row),
      reason,
      at,
    )
    await eachBounded(files, width, ({ row, content }) => this.#put(manifest, row, content))
    await this.#fs.syncFolder(this.folderOf(manifest.id))
  }

  /** Entries with the files that lie in them, oldest first; an entry interrupted by a crash shows what had moved. */
  async list(): Promise<readonly QuarantineEntry[]> {
    const entries: QuarantineEntry[] = []
    for (const id of (await namesIn(this.#fs, this.#layout.quarantine)).sort()) {
      const manifest = await this.read(id)
      if (!manifest || manifest.files.length === 0) continue
      const files = manifest.files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }))
      entries.push({ id, at: manifest.at, reason: manifest.reason, files })
    }
    return entries
  }

  /** The manifest of an entry, reduced to the files that lie in it. */
  async read(id: string): Promise<Manifest | undefined> {
    if (!isPlainName(id)) return undefined
    const names = await this.#namesOf(id)
    if (!names.includes(manifestFile)) return undefined
    const kept = new Set(names)
    const manifest = await this.#manifestOf(id)
    return manifest && { ...manifest, files: manifest.files.filter((row) => kept.has(row.stored)) }
  }

  async #manifestOf(id: string): Promise<Manifest | undefined> {
    try {
      return parseManifest(await this.#fs.readFile(join(this.folderOf(id), manifestFile)), id)
    } catch (error) {
      if (noFileWords(error) === undefined) throw error
      return undefined
    }
  }

  /** Moves an entry's files back into the folder, credentials last, and drops the emptied entry. */
  async moveBack(manifest: Manifest): Promise<void> {
    if (manifest.files.some((row) => row.name.startsWith(generationPrefix))) {
      await ensureFolder(this.#fs, this.#layout.generations, this.#layout.own)
    }
    const isCreds = (row: QuarantinedFile) => row.name === credsFile
    for (const rows of [manifest.files.filter((row) => !isCreds(row)), manifest.files.filter(isCreds)]) {
      if (rows.length === 0) continue
      await eachBounded(rows, width, (row) =>
        this.#rename(join(this.folderOf(manifest.id), row.stored), join(this.#layout.folder, row.name)),
      )
      await this.#sync(this.#homes(rows), [this.folderOf(manifest.id)])
    }
    await this.drop(manifest.id)
  }

  /** Removes an entry's manifest and folder if no file lies in it. */
  async drop(id: string): Promise<void> {
    const names = await this.#namesOf(id)
    if (names.some((name) => name !== manifestFile && !isTemporary(name))) return
    for (const name of names) await this.#fs.unlink(join(this.folderOf(id), name))
    await this.#fs.rmdir(this.folderOf(id)).catch(() => undefined)
  }

  async trim(bounds: QuarantineBounds, now: number): Promise<readonly string[]> {
    const dropped = entriesToTrim(await this.list(), bounds, now)
    for (const id of dropped) {
      for (const row of (await this.read(id))?.files ?? []) await this.#fs.unlink(join(this.folderOf(id), row.stored))
      await this.drop(id)
    }
    return dropped
  }

  /** Whether a file in the account's folder is the same as one in an entry. */
  async sameAs(name: string, sha256: string): Promise<boolean> {
    return (await this.#describe(name))?.sha256 === sha256
  }

  async #begin(rows: readonly QuarantinedFile[], reason: string, at: number): Promise<Manifest> {
    const id = this.#ids.next(at, await namesIn(this.#fs, this.#layout.quarantine))
    const manifest: Manifest = { id, at, reason, files: [...rows].sort((a, b) => (a.name < b.name ? -1 : 1)) }
    await ensureFolder(this.#fs, this.#layout.quarantine, this.#layout.own)
    await ensureFolder(this.#fs, this.folderOf(id), this.#layout.quarantine)
    await replaceJson(this.#fs, join(this.folderOf(id), manifestFile), manifest)
    return manifest
  }

  /** Durable in content, not yet in name. */
  async #put({ id }: Manifest, { stored }: QuarantinedFile, content: Uint8Array): Promise<void> {
    const temporary = await writeTemporary(this.#fs, this.folderOf(id), content)
    await this.#fs.rename(temporary, join(this.folderOf(id), stored))
  }

  async #describe(name: string, home = this.#layout.folder): Promise<QuarantinedFile | undefined> {
    const path = join(home, name)
    try {
      const content = await this.#fs.readFile(path)
      const sha256 = hash('sha256', content)
      return { name, stored: storedName(name), bytes: content.length, sha256 }
    } catch (error) {
      if (isAbsent(error)) return undefined
      // What cannot be read can still be moved, and often has to be.
      const movable = noFileWords(error) !== undefined || ['EIO', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')
      if (!movable) throw error
      return { name, stored: storedName(name), bytes: 0, sha256: '' }
    }
  }

  async #rename(from: string, to: string): Promise<void> {
    try {
      await this.#fs.rename(from, to)
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
  }

  /** Where files arrived first, then where they left: never in neither. */
  async #sync(arrived: readonly string[], left: readonly string[]): Promise<void> {
    for (const folder of [...arrived, ...left]) await this.#fs.syncFolder(folder)
  }

  /** The folders that rows belong to. */
  #homes(rows: readonly QuarantinedFile[], home = this.#layout.folder): readonly string[] {
    return [...new Set(rows.map((row) => dirname(join(home, row.name))))]
  }

  async #namesOf(id: string): Promise<readonly string[]> {
    try {
      return await namesIn(this.#fs, this.folderOf(id))
    } catch (error) {
      if (errnoOf(error) === 'ENOTDIR') return []
      throw error
    }
  }
}

/** The entries, oldest first, that are too old or too much; never one that holds credentials. */
export const entriesToTrim = (
  entries: readonly QuarantineEntry[],
  { keepDays, maxBytes }: QuarantineBounds,
  now: number,
): readonly string[] => {
  const trimmable = entries.filter((entry) => !holdsCreds(entry.files))
  const size = (entry: QuarantineEntry) => entry.files.reduce((sum, file) => sum + file.bytes, 0)
  let total = trimmable.reduce((sum, entry) => sum + size(entry), 0)
  return trimmable.flatMap((entry) => {
    if (now - entry.at <= keepDays * dayMs && total <= maxBytes) return []
    total -= size(entry)
    return [entry.id]
  })
}

export const parseManifest = (bytes: Uint8Array, id: string): Manifest | undefined => {
  try {
    return manifestOf(JSON.parse(Buffer.from(bytes).toString('utf8')), id)
  } catch {
    return undefined
  }
}

/** A manifest, with every row that could point outside its folders left out. */
export const manifestOf = (value: unknown, id: string): Manifest | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { at, reason, files } = value as Record<string, unknown>
  if (typeof at !== 'number' || typeof reason !== 'string' || !Array.isArray(files)) return undefined
  return { id, at, reason, files: files.filter(isRow) }
}

const isRow = (value: unknown): value is QuarantinedFile => {
  if (typeof value !== 'object' || value === null) return false
  const { name, stored, bytes, sha256 } = value as Record<string, unknown>
  if (typeof name !== 'string' || typeof bytes !== 'number' || typeof sha256 !== 'string') return false
  const inFolder = isPlainName(name.startsWith(generationPrefix) ? name.slice(generationPrefix.length) : name)
  return inFolder && name !== ownFolder && stored === storedName(name)
}
