import { FencedError } from '../src/errors/errors.ts'
import type { Change, Content, Rows, Table } from '../src/stores/rows/index.ts'

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

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate)
}

/**
 * Takes its time for each step, as a database does, most of all for a claim and an end, and suffers nothing beside
 * these two.
 */
export class SlowRows extends MemoryRows {
  #steps = 0
  #alone = false

  /** A promise, which those that override it need not think of. */
  override read(table: Table, name: string): never {
    return this.#step(1, () => super.read(table, name)) as never
  }

  override names(table: Table, prefix?: string): Promise<readonly string[]> {
    return this.#step(1, () => super.names(table, prefix))
  }

  override commit(changes: readonly Change[]): Promise<void> {
    return this.#step(1, () => super.commit(changes))
  }

  override claim(): Promise<void> {
    return this.#byItself(() => super.claim())
  }

  override close(): Promise<void> {
    return this.#byItself(() => super.close())
  }

  async #step<T>(count: number, step: () => T | Promise<T>): Promise<T> {
    if (this.#alone) throw new Error('a claim, or an end, is under way')
    this.#steps += 1
    try {
      await turns(count)
      return await step()
    } finally {
      this.#steps -= 1
    }
  }

  async #byItself(step: () => Promise<void>): Promise<void> {
    if (this.#alone || this.#steps > 0) throw new Error('something is under way')
    this.#alone = true
    try {
      await turns(4)
      await step()
    } finally {
      this.#alone = false
    }
  }
}
