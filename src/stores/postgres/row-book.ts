import { hash, randomBytes } from 'node:crypto'
import type { Change } from '../rows/rows.ts'

/** A row as it stands, and the number of the write that it is of. */
export interface StampedRow {
  readonly kind: string
  readonly name: string
  readonly stamp: number
}

/** What a write makes of the book, once it counts. */
export interface Turned {
  readonly head: Uint8Array
  readonly apply: () => void
}

const saltBytes = 32
const sumBytes = 32
const headBytes = saltBytes + sumBytes + 1
const modulus = 1n << BigInt(8 * sumBytes)

export const keyOf = (kind: string, name: string): string => `${kind}/${name}`

/**
 * Of which write each row of an account is, and the head that says so in 65 bytes: a sum over all rows, which a write
 * changes by its own rows alone. A row that was put back, removed or added by anybody else makes another sum. The salt
 * keeps others from finding rows of the same sum; the head is sealed, so nobody without the key learns either.
 */
export class RowBook {
  readonly #salt: Uint8Array
  readonly #stamps: Map<string, number>
  /** The head that the account had does not fit its rows, and what that led to is not done yet. */
  #doubted: boolean
  #sum: bigint

  /** `head` as it was opened; undefined for none that can be used. */
  constructor(rows: readonly StampedRow[], head: Uint8Array | undefined) {
    const known = head?.length === headBytes ? head : undefined
    this.#salt = known?.slice(0, saltBytes) ?? randomBytes(saltBytes)
    this.#stamps = new Map(rows.map(({ kind, name, stamp }) => [keyOf(kind, name), stamp]))
    this.#sum = 0n
    for (const [key, stamp] of this.#stamps) this.#sum += this.#term(key, stamp)
    this.#sum %= modulus
    this.#doubted = known !== undefined && !Buffer.from(this.#head(this.#sum, false)).equals(known)
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
    return { head: this.#head(sum, this.#doubted), apply }
  }

  #head(sum: bigint, doubted: boolean): Uint8Array {
    const digits = sum.toString(16).padStart(2 * sumBytes, '0')
    return Buffer.concat([this.#salt, Buffer.from(digits, 'hex'), Buffer.from([doubted ? 1 : 0])])
  }

  #term(key: string, stamp: number): bigint {
    return BigInt(`0x${hash('sha256', Buffer.concat([this.#salt, Buffer.from(`${stamp} ${key}`)]))}`)
  }
}
