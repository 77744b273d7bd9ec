import type { KeyTypesNote } from '../key-types.ts'
import type { Rows } from './rows.ts'

/** Entries share a row up to this size: a month of history is read in hundreds of rows, not in tens of thousands. */
const rowBytes = 16 * 1024
/**
 * How much history is kept, about 12 MB: past the greater number of rows, the oldest go until the lesser one is left.
 */
const mostRows = 750
const fewestRows = 600

/** The library's own rows: facts, learned key types, history, and what was sent. */
export class OwnRows {
  readonly #rows: Rows
  readonly history: RowLog
  readonly sent: RowLog

  constructor(rows: Rows) {
    this.#rows = rows
    const read = (name: string) => this.read(name)
    this.history = new RowLog({ rows, read, prefix: 'history/', mostRows, fewestRows })
    // Whoever writes it sees to its size.
    this.sent = new RowLog({ rows, read, prefix: 'sent/', mostRows: Number.POSITIVE_INFINITY, fewestRows: 0 })
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

  /** What was known of the rows is void: another owner may have written. */
  forget(): void {
    this.history.forget()
    this.sent.forget()
  }
}

interface RowLogParts {
  readonly rows: Rows
  readonly read: (name: string) => Promise<unknown>
  readonly prefix: string
  readonly mostRows: number
  readonly fewestRows: number
}

/** Entries one after the other, in numbered rows. */
export class RowLog {
  readonly #parts: RowLogParts
  /** Numbers of the oldest and the newest row, and what the newest holds; known after the first look. */
  #known: { first: number; last: number; entries: readonly unknown[] } | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(parts: RowLogParts) {
    this.#parts = parts
  }

  /** All of them are durable when it resolves. */
  append(...entries: readonly unknown[]): Promise<void> {
    return this.#inTurn(() => this.#append(entries))
  }

  /** These in the place of all that is there, in one step. */
  replace(entries: readonly unknown[]): Promise<void> {
    return this.#inTurn(async () => {
      const { rows, prefix } = this.#parts
      const [first = [], ...more] = rowsOf([], entries)
      const names = await rows.names('own', prefix)
      const { last } = this.#known ?? (await this.#newest())
      await this.#write(last + 1, [first, ...more], names)
      this.#known = { first: last + 1, last: last + 1 + more.length, entries: more.at(-1) ?? first }
    })
  }

  /** The newest entries, oldest of them first. */
  async read(limit: number): Promise<readonly unknown[]> {
    const names = await this.#parts.rows.names('own', this.#parts.prefix)
    const read: (readonly unknown[])[] = []
    let found = 0
    for (const name of [...names].reverse()) {
      if (found >= limit) break
      const entries = entriesIn(await this.#parts.read(name))
      read.push(entries)
      found += entries.length
    }
    return read.reverse().flat().slice(-limit)
  }

  /** What was known of the rows is void: another owner may have written. */
  forget(): void {
    this.#known = undefined
  }

  /** One after the other, so that numbers are given once; a failed one does not stop the next. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #append(added: readonly unknown[]): Promise<void> {
    const { mostRows, fewestRows } = this.#parts
    const { first, last, entries } = this.#known ?? (await this.#newest())
    const held = rowsOf(entries, added)
    const number = last + held.length - 1
    const kept = number - first + 1 > mostRows ? number - fewestRows + 1 : first
    const dropped = Array.from({ length: kept - first }, (_, at) => this.#nameOf(first + at))
    await this.#write(last, held, dropped)
    this.#known = { first: kept, last: number, entries: held.at(-1) ?? entries }
  }

  async #newest(): Promise<{ first: number; last: number; entries: readonly unknown[] }> {
    const { rows, read, prefix } = this.#parts
    const names = await rows.names('own', prefix)
    const newest = names.at(-1)
    const entries = newest === undefined ? [] : entriesIn(await read(newest))
    return { first: numberIn(names[0]), last: numberIn(newest), entries }
  }

  #write(from: number, rows: readonly (readonly unknown[])[], gone: readonly string[]): Promise<void> {
    return this.#parts.rows.commit([
      ...rows.map((held, at) => ({
        table: 'own' as const,
        name: this.#nameOf(from + at),
        content: Buffer.from(JSON.stringify(held)),
      })),
      ...gone.map((name) => ({ table: 'own', name, content: null }) as const),
    ])
  }

  /** Padded, so that names sort by number. */
  #nameOf(number: number): string {
    return `${this.#parts.prefix}${String(number).padStart(15, '0')}`
  }
}

const numberIn = (name = '/0'): number => Number(name.slice(name.lastIndexOf('/') + 1))

/** What the rows hold from the newest on, once these were added to what it held. */
function rowsOf(held: readonly unknown[], added: readonly unknown[]): readonly (readonly unknown[])[] {
  const rows: unknown[][] = [[...held]]
  for (const entry of added) {
    const newest = rows.at(-1) ?? []
    const fits = newest.length === 0 || Buffer.byteLength(JSON.stringify([...newest, entry])) <= rowBytes
    if (fits) newest.push(entry)
    else rows.push([entry])
  }
  return rows
}

/** A row that cannot be read costs its own entries. */
const entriesIn = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : row === undefined ? [] : [row])
