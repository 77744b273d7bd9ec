import { diskError, onDisk } from '../disk/disk-error.ts'
import { classify } from '../file-class.ts'
import { credsFile } from '../file-name.ts'
import type { KeyTypes } from '../key-types.ts'
import type { AccountFiles } from '../opening.ts'
import type { Content } from '../write-ahead.ts'
import type { Rows, Table } from './rows.ts'

/** The files of an account as rows of one table. */
export class RowFiles implements AccountFiles {
  readonly #rows: Rows
  readonly #location: string
  readonly #table: Table
  readonly #keyTypes: KeyTypes
  readonly #ahead = new Map<string, { readonly content: Content }>()

  constructor(rows: Rows, location: string, table: Table, keyTypes: KeyTypes) {
    this.#rows = rows
    this.#location = location
    this.#table = table
    this.#keyTypes = keyTypes
  }

  ahead(name: string): Content | undefined {
    return this.#ahead.get(name)?.content
  }

  read(name: string): Content | Promise<Content> {
    const failed = (error: unknown): never => {
      throw diskError(this.#location, 'reading a key', error)
    }
    try {
      const content = this.#rows.read(this.#table, name)
      return content instanceof Promise ? content.catch(failed) : content
    } catch (error) {
      return failed(error)
    }
  }

  async write(files: Iterable<readonly [name: string, content: Content]>): Promise<void> {
    const pending = new Map([...files].map(([name, content]) => [name, { content }]))
    if (pending.size === 0) return
    for (const [name, write] of pending) this.#ahead.set(name, write)
    try {
      const changes = [...pending].map(([name, { content }]) => ({ table: this.#table, name, content }))
      await onDisk(this.#location, 'writing', () => this.#rows.commit(changes))
    } finally {
      // A later write to the same name is still on its way.
      for (const [name, write] of pending) if (this.#ahead.get(name) === write) this.#ahead.delete(name)
    }
  }

  async keys(): Promise<readonly string[]> {
    const learned = await this.#keyTypes.learned()
    const names = await onDisk(this.#location, 'listing the keys', () => this.#rows.names(this.#table))
    return names.filter((name) => name !== credsFile && classify(name, learned))
  }

  learn(types: readonly string[]): Promise<void> {
    return onDisk(this.#location, 'noting key types', () => this.#keyTypes.learn(types))
  }
}
