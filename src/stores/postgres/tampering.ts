import { putBackWords, unsealedWords } from '../unsealed.ts'
import type { RowPlace } from './row-place.ts'

/** What is found of a row that none who has the key has written so. */
export type Tampering = 'unsealed' | 'unopened' | 'stale' | 'older'

const words: Readonly<Record<Tampering, string>> = {
  unsealed: unsealedWords,
  unopened: 'does not open with its key: it was damaged, changed or moved here from elsewhere',
  stale: 'is from another time than its row says: it was put back',
  older: putBackWords,
}

export interface Tampered {
  readonly place: RowPlace
  readonly what: Tampering
  /** For people; names no contact. */
  readonly message: string
}

/** More rows than anybody reads about. */
const most = 10_000

/** Tells whoever listens of rows that were tampered with, once for each row and way. Nothing of such a row is used. */
export class TamperWatch {
  readonly #listeners = new Set<(tampered: Tampered) => void>()
  readonly #told = new Set<string>()

  on(listener: (tampered: Tampered) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  note(place: RowPlace, what: Tampering): void {
    const { account, kind, name } = place
    const key = JSON.stringify([account, kind, name, what])
    if (this.#told.has(key)) return
    if (this.#told.size >= most) this.#told.clear()
    this.#told.add(key)
    // Names of rows hold the numbers of contacts.
    const row = kind === 'account' ? `a ${name.split(/[-.]/)[0]} row` : `a row of kind ${kind}`
    const tampered = { place, what, message: `${row} of ${account} ${words[what]}; it is not used` }
    for (const listener of [...this.#listeners]) listener(tampered)
  }
}
