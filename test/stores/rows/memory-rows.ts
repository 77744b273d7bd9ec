import { FencedError } from '../../../src/errors/errors.ts'
import type { Change, Content, Rows, Table } from '../../../src/stores/rows/index.ts'

/** What outlives the handles: rows by `<table>/<name>`, and who claimed them last. */
export class Memory {
  readonly rows = new Map<string, Uint8Array>()
  epoch = 0
}

/** The least that rows have to be. */
export class MemoryRows implements Rows {
  readonly #memory: Memory
  #epoch: number | undefined

  constructor(memory: Memory) {
    this.#memory = memory
  }

  read(table: Table, name: string): Content {
    return this.#memory.rows.get(`${table}/${name}`) ?? null
  }

  async names(table: Table, prefix = ''): Promise<readonly string[]> {
    const below = [...this.#memory.rows.keys()].filter((key) => key.startsWith(`${table}/${prefix}`))
    return below.map((key) => key.slice(table.length + 1)).sort()
  }

  async commit(changes: readonly Change[]): Promise<void> {
    if (this.#epoch !== this.#memory.epoch) throw new FencedError('memory')
    for (const { table, name, content } of changes)
      if (content === null) this.#memory.rows.delete(`${table}/${name}`)
      else this.#memory.rows.set(`${table}/${name}`, Uint8Array.from(content))
  }

  async claim(): Promise<void> {
    this.#memory.epoch += 1
    this.#epoch = this.#memory.epoch
  }

  reading<T>(step: () => Promise<T>): Promise<T> {
    return step()
  }

  async close(): Promise<void> {
    this.#epoch = undefined
  }
}
