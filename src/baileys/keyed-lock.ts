/**
 * Gives work on one key the key to itself, in the order of asking. Not re-entrant: work that asks for its own key again
 * waits for ever.
 */
export class KeyedLock {
  /** Who waits, by key; a key that stands here is held. */
  readonly #held = new Map<string, (() => void)[]>()

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const waiting = this.#held.get(key)
    if (waiting !== undefined)
      return new Promise<void>((resolve) => waiting.push(resolve)).then(() => this.#holding(key, work))
    this.#held.set(key, [])
    return this.#holding(key, work)
  }

  #holding<T>(key: string, work: () => Promise<T>): Promise<T> {
    return endingWith(work, () => this.#letGo(key))
  }

  #letGo(key: string): void {
    const next = this.#held.get(key)?.shift()
    if (next) next()
    else this.#held.delete(key)
  }

  /**
   * Holds all of the keys at once. They are taken in one order by everybody, so that two who want the same keys never
   * wait for each other.
   */
  runAll<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const [only] = keys
    if (keys.length === 1 && only !== undefined) return this.run(only, work)
    const inOrder = [...new Set(keys)].sort()
    return inOrder.reduceRight<() => Promise<T>>((inner, key) => () => this.run(key, inner), work)()
  }
}

/** Runs the work and, however it ends, `end`: several times for each message, so with one promise more and no other. */
export function endingWith<T>(work: () => Promise<T>, end: () => void): Promise<T> {
  let running: Promise<T>
  try {
    running = work()
  } catch (error) {
    end()
    return Promise.reject(error)
  }
  return running.then(
    (result) => {
      end()
      return result
    },
    (error: unknown) => {
      end()
      throw error
    },
  )
}
