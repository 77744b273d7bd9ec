import { hash } from 'node:crypto'
import { EntryIds } from '../entry-ids.ts'
import { isPlainName } from '../file-name.ts'
import { generationPrefix, type Manifest, parseManifest, storedName } from '../quarantine.ts'
import type { QuarantineEntry } from '../store.ts'
import type { Content } from '../write-ahead.ts'
import type { Change, Rows, Table } from './rows.ts'

/**
 * What is set aside, as rows. It only says what is to change: the store makes one transaction of it, so an entry is
 * whole or not there.
 */
export class RowQuarantine {
  readonly #rows: Rows
  readonly #ids = new EntryIds()

  constructor(rows: Rows) {
    this.#rows = rows
  }

  /** Copies of files, byte for byte, under a new entry. Undefined if none of the files exists. */
  async copies(names: readonly string[], reason: string, at: number, home = homeOf) {
    const id = this.#ids.next(at, await this.#rows.names('entry'))
    const changes: Change[] = []
    const files: Manifest['files'][number][] = []
    for (const name of [...names].sort()) {
      const place = home(name)
      const content = await this.#rows.read(place.table, place.name)
      if (content === null) continue
      const stored = storedName(name)
      files.push({ name, stored, bytes: content.length, sha256: hash('sha256', content) })
      changes.push({ table: 'quarantine', name: `${id}/${stored}`, content })
    }
    if (files.length === 0) return undefined
    const manifest: Manifest = { id, at, reason, files }
    changes.push({ table: 'entry', name: id, content: Buffer.from(JSON.stringify(manifest)) })
    return { entry: entryOf(manifest), changes }
  }

  /** As `copies`, and the files leave the account. */
  async moves(names: readonly string[], reason: string, at: number, home = homeOf) {
    const copied = await this.copies(names, reason, at, home)
    if (!copied) return undefined
    const left = copied.entry.files.map(({ name }) => ({ ...home(name), content: null }))
    return { entry: copied.entry, changes: [...copied.changes, ...left] }
  }

  /** An entry's files back in their places, and the entry gone. */
  async back(manifest: Manifest): Promise<readonly Change[]> {
    const stored = manifest.files.map(
      (file) => ({ table: 'quarantine', name: `${manifest.id}/${file.stored}` }) as const,
    )
    const contents = await this.#contents(stored)
    const back = manifest.files.flatMap(({ name }, at) => {
      const content = contents[at]
      return content ? [{ ...homeOf(name), content }] : []
    })
    return [...back, ...this.#dropped(manifest)]
  }

  async drop(ids: readonly string[]): Promise<readonly Change[]> {
    const manifests = await Promise.all(ids.map((id) => this.read(id)))
    return manifests.flatMap((manifest) => (manifest ? this.#dropped(manifest) : []))
  }

  /** Oldest first. */
  async list(): Promise<readonly QuarantineEntry[]> {
    const manifests = await Promise.all((await this.#rows.names('entry')).map((id) => this.read(id)))
    return manifests.flatMap((manifest) => (manifest ? [entryOf(manifest)] : []))
  }

  async read(id: string): Promise<Manifest | undefined> {
    const content = isPlainName(id) ? await this.#rows.read('entry', id) : null
    return content === null ? undefined : parseManifest(content, id)
  }

  /** Whether a file of the account is the same as one in an entry. */
  async sameAs(name: string, sha256: string): Promise<boolean> {
    const { table, name: home } = homeOf(name)
    const content = await this.#rows.read(table, home)
    return content !== null && hash('sha256', content) === sha256
  }

  /** Asked for together: a database across a network answers them together. */
  #contents(rows: readonly { readonly table: Table; readonly name: string }[]): Promise<readonly Content[]> {
    return Promise.all(rows.map(({ table, name }) => this.#rows.read(table, name)))
  }

  #dropped({ id, files }: Manifest): readonly Change[] {
    const rows = files.map(({ stored }) => ({ table: 'quarantine', name: `${id}/${stored}`, content: null }) as const)
    return [...rows, { table: 'entry', name: id, content: null }]
  }
}

/** The row of a file that is named as in the account's folder. */
export const homeOf = (name: string): { readonly table: Table; readonly name: string } =>
  name.startsWith(generationPrefix)
    ? { table: 'generation', name: name.slice(generationPrefix.length) }
    : { table: 'account', name }

/** The row of a file in the staging area. */
export const stagedHome: typeof homeOf = (name) => ({ table: 'staging', name })

const entryOf = ({ id, at, reason, files }: Manifest): QuarantineEntry => ({
  id,
  at,
  reason,
  files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
})
