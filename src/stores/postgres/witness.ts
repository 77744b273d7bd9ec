import type { LastWrites } from './last-writes.ts'

/**
 * What this process knows of accounts on a database, and the database may have lost: how many writes each has seen. A
 * database that was brought back from a copy says fewer.
 */
export class Witness {
  readonly #seen = new Map<string, number>()
  readonly #last = new Map<string, LastWrites>()

  saw(account: string, written: number): void {
    if (written > this.seen(account)) this.#seen.set(account, written)
  }

  seen(account: string): number {
    return this.#seen.get(account) ?? 0
  }

  /** An owner that lost the account to no other owner remembers which rows it wrote. */
  keep(account: string, last: LastWrites): void {
    this.#last.set(account, last)
  }

  /** What was kept, once. */
  take(account: string): LastWrites | undefined {
    const last = this.#last.get(account)
    this.#last.delete(account)
    return last
  }
}
