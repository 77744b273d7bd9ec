import type { Change } from '../rows/rows.ts'
import type { Notary, Sealed } from './keyring.ts'

/** A row as it stands, and the number of the write that it is of. */
export interface StampedRow {
  readonly kind: string
  readonly name: string
  readonly stamp: number
}

/** What a write makes of the book, once it counts. */
export interface Turned {
  readonly head: Sealed
  readonly apply: () => void
}

const modulus = 1n << 256n

export const keyOf = (kind: string, name: string): string => `${kind}/${name}`

/**
 * Of which write each row of an account is, and the head that says so: a signature under the sum over all rows, which a
 * write changes by its own rows alone. A row that was put back, removed or added by anybody else makes another sum.
 */
export class RowBook {
  readonly #notary: Notary
  readonly #stamps: Map<string, number>
  /** The head that the account had does not fit its rows, and what that led to is not done yet. */
  #doubted = false
  #sum: bigint

  constructor(rows: readonly StampedRow[], notary: Notary) {
    this.#notary = notary
    this.#stamps = new Map(rows.map(({ kind, name, stamp }) => [keyOf(kind, name), stamp]))
    this.#sum = 0n
    for (const [key, stamp] of this.#stamps) this.#sum += this.#term(key, stamp)
    this.#sum %= modulus
  }

  /** Whether these rows are those of that head, of the write of that number, and nobody doubted them. */
  fits(head: Uint8Array, written: number): boolean {
    return Buffer.compare(this.#head(this.#sum, written, false).content, head) === 0
  }

  get doubted(): boolean {
    return this.#doubted
  }

  doubt(doubted: boolean): void {
    this.#doubted = doubted
  }

  stampOf(key: string): number | undefined {
    return this.#stamps.get(key)
  }

  after(changes: readonly Change[], number: number): Turned {
    let sum = this.#sum
    for (const { table, name, content } of changes) {
      const key = keyOf(table, name)
      const old = this.#stamps.get(key)
      if (old !== undefined) sum += modulus - this.#term(key, old)
      if (content !== null) sum += this.#term(key, number)
    }
    sum %= modulus
    const apply = () => {
      this.#sum = sum
      for (const { table, name, content } of changes)
        if (content === null) this.#stamps.delete(keyOf(table, name))
        else this.#stamps.set(keyOf(table, name), number)
    }
    return { head: this.#head(sum, number, this.#doubted), apply }
  }

  #head(sum: bigint, written: number, doubted: boolean): Sealed {
    const { keyId, sign } = this.#notary
    return { keyId, content: sign(`${written} ${sum.toString(16)}${doubted ? ' doubted' : ''}`) }
  }

  #term(key: string, stamp: number): bigint {
    return this.#notary.termOf(`${stamp} ${key}`)
  }
}
