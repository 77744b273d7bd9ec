import type { Content } from '../../write-ahead.ts'
import { type Digest, digestOf } from './digest.ts'

/** About 300 kB at most, for an account that hears from two thousand devices between two looks at their files. */
const most = 2_000

/**
 * What the files hold that were read or put in place last: a later look tells whether somebody else has written them
 * since.
 */
export class KnownDigests {
  /** The one used last comes last. */
  readonly #digests = new Map<string, Digest>()

  of(name: string): Digest | undefined {
    return this.#digests.get(name)
  }

  note(name: string, content: Content): void {
    this.#digests.delete(name)
    this.#digests.set(name, digestOf(content))
    for (const oldest of this.#digests.keys()) {
      if (this.#digests.size <= most) break
      this.#digests.delete(oldest)
    }
  }

  clear(): void {
    this.#digests.clear()
  }
}
