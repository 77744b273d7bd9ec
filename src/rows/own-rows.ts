import type { KeyTypesNote } from '../auth/key-types.ts'
import type { Rows } from './rows.ts'

/** How much history is kept: past the greater number of entries, the oldest go until the lesser one is left. */
const mostEntries = 10_000
const fewestEntries = 8_000
const historyPrefix = 'history/'

/** The library's own rows: facts, learned key types, history. */
export class OwnRows {
  readonly #rows: Rows
  /** Numbers of the oldest and the next entry; known after the first look. */
  #history: { first: number; next: number } | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(rows: Rows) {
    this.#rows = rows
  }

  readonly keyTypes: KeyTypesNote = {
    read: () => this.read('key-types'),
    write: (types) => this.write('key-types', types),
  }

  /** Undefined if it is absent or no JSON. */
  async read(name: string): Promise<unknown> {
    const content = await this.#rows.read('own', name)
    try {
      return content === null ? undefined : JSON.parse(Buffer.from(content).toString('utf8'))
    } catch {
      return undefined
    }
  }

  write(name: string, value: unknown): Promise<void> {
    return this.#rows.commit([{ table: 'own', name, content: Buffer.from(JSON.stringify(value)) }])
  }

  appendHistory(entry: unknown): Promise<void> {
    // One after the other, so that numbers are given once; a failed one does not stop the next.
    const appended = this.#last.then(() => this.#append(entry))
    this.#last = appended.catch(() => undefined)
    return appended
  }

  /** The newest entries, oldest of them first. */
  async readHistory(limit: number): Promise<readonly unknown[]> {
    const names = await this.#rows.names('own', historyPrefix, limit)
    const newest = limit > 0 ? names.slice(-limit) : []
    return (await Promise.all(newest.map((name) => this.read(name)))).filter((entry) => entry !== undefined)
  }

  /** What was known of the rows is void: another owner may have written. */
  forget(): void {
    this.#history = undefined
  }

  async #append(entry: unknown): Promise<void> {
    const { first, next } = this.#history ?? (await this.#bounds())
    const content = Buffer.from(JSON.stringify(entry))
    const kept = next - first + 1 > mostEntries ? next - fewestEntries + 1 : first
    const dropped = Array.from({ length: kept - first }, (_, at) => first + at)
    await this.#rows.commit([
      { table: 'own', name: nameOf(next), content },
      ...dropped.map((number) => ({ table: 'own', name: nameOf(number), content: null }) as const),
    ])
    this.#history = { first: kept, next: next + 1 }
  }

  async #bounds(): Promise<{ first: number; next: number }> {
    const names = await this.#rows.names('own', historyPrefix)
    const numberOf = (name: string | undefined) => Number(name?.slice(historyPrefix.length) ?? Number.NaN)
    return names.length === 0 ? { first: 0, next: 0 } : { first: numberOf(names[0]), next: numberOf(names.at(-1)) + 1 }
  }
}

/** Padded, so that names sort by number. */
const nameOf = (number: number): string => `${historyPrefix}${String(number).padStart(15, '0')}`
