import { createHash } from 'node:crypto'

/**
 * Random bytes that a seed decides: the same seed gives the same message ids, references and paddings in the same
 * order. Keys are not drawn from here: they come from the Signal library, which has its own source.
 */
export class SeededRandom {
  readonly #seed: string
  #drawn = 0

  constructor(seed: number | string) {
    this.#seed = String(seed)
  }

  bytes(length: number): Buffer {
    const blocks: Buffer[] = []
    for (let have = 0; have < length; have += 32) {
      blocks.push(
        createHash('sha256')
          .update(`${this.#seed}:${this.#drawn++}`)
          .digest(),
      )
    }
    return Buffer.concat(blocks).subarray(0, length)
  }

  /** A whole number from `low` up to and including `high`. */
  between(low: number, high: number): number {
    return low + (this.bytes(4).readUInt32BE() % (high - low + 1))
  }

  /** An id as WhatsApp's own clients make them: upper-case hex. */
  id(): string {
    return `3A${this.bytes(9).toString('hex').toUpperCase()}`
  }
}
