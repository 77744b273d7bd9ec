import type { Change } from '../rows/rows.ts'
import { keyOf } from './row-book.ts'

/** Rows: more than a database loses when a copy of it takes over. */
const most = 1_000

/** Which rows the newest writes changed, so that those can be named that a database has lost. */
export class LastWrites {
  readonly #numbers = new Map<string, number>()
  /** Not all rows of the writes up to this one are known any more. */
  #forgotten: number

  /** `from`: the number of the write before the first. */
  constructor(from: number) {
    this.#forgotten = from
  }

  add(changes: readonly Change[], number: number): void {
    for (const { table, name } of changes) {
      const key = keyOf(table, name)
      this.#numbers.delete(key)
      this.#numbers.set(key, number)
    }
    for (const [key, oldest] of this.#numbers) {
      if (this.#numbers.size <= most) return
      this.#numbers.delete(key)
      this.#forgotten = oldest
    }
  }

  /** The names of the account's rows that were changed after that write; undefined if not all are known. */
  since(number: number): readonly string[] | undefined {
    if (number < this.#forgotten) return undefined
    const account = keyOf('account', '')
    return [...this.#numbers].flatMap(([key, at]) =>
      at > number && key.startsWith(account) ? [key.slice(account.length)] : [],
    )
  }
}
