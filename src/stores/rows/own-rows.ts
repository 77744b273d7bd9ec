import type { KeyTypesNote } from '../key-types.ts'
import type { Rows } from './rows.ts'

/** Entries share a row up to this size: a month of history is read in hundreds of rows, not in tens of thousands. */
const rowBytes = 16 * 1024
/** How much history is kept, about 12 MB: past the greater number of rows, the oldest go until the lesser one is left. */
const mostRows = 750
const fewestRows = 600
const historyPrefix = 'history/'

/** The library's own rows: facts, learned key types, history. */
export class OwnRows {
  readonly #rows: Rows
  /** Numbers of the oldest and the newest row, and what the newest holds; known after the first look. */
  #history: { first: number; last: number; entries: readonly unknown[] } | undefined
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
    const names = await this.#rows.names('own', historyPrefix)
    const read: (readonly unknown[])[] = []
    let found = 0
    for (const name of [...names].reverse()) {
      if (found >= limit) break
      const entries = entriesIn(await this.read(name))
      read.push(entries)
      found += entries.length
    }
    return read.reverse().flat().slice(-limit)
  }

  /** What was known of the rows is void: another owner may have written. */
  forget(): void {
    this.#history = undefined
  }

  async #append(entry: unknown): Promise<void> {
    const { first, last, entries } = this.#history ?? (await this.#newest())
    const joined = [...entries, entry]
    const fits = entries.length === 0 || Buffer.byteLength(JSON.stringify(joined)) <= rowBytes
    const number = fits ? last : last + 1
    const held = fits ? joined : [entry]
    const kept = number - first + 1 > mostRows ? number - fewestRows + 1 : first
    const dropped = Array.from({ length: kept - first }, (_, at) => first + at)
    await this.#rows.commit([
      { table: 'own', name: nameOf(number), content: Buffer.from(JSON.stringify(held)) },
      ...dropped.map((old) => ({ table: 'own', name: nameOf(old), content: null }) as const),
    ])
    this.#history = { first: kept, last: number, entries: held }
  }

  async #newest(): Promise<{ first: number; last: number; entries: readonly unknown[] }> {
    const names = await this.#rows.names('own', historyPrefix)
    const numberOf = (name: string | undefined) => Number(name?.slice(historyPrefix.length) ?? 0)
    const newest = names.at(-1)
    const entries = newest === undefined ? [] : entriesIn(await this.read(newest))
    return { first: numberOf(names[0]), last: numberOf(newest), entries }
  }
}

/** A row that cannot be read costs its own entries. */
const entriesIn = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : row === undefined ? [] : [row])

/** Padded, so that names sort by number. */
const nameOf = (number: number): string => `${historyPrefix}${String(number).padStart(15, '0')}`
