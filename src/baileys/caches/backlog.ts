/** Longest wait for it before what is known from before is asked for anew: about as long as the question would take. */
const patienceMs = 1_000

/**
 * Whether what was said while nobody was connected has arrived: until then, what is known from an earlier connection
 * may have changed. The server sends the whole backlog and then a word that it was all.
 */
export class Backlog {
  /** Number of the connection. */
  connection = 0
  #isIn = false
  #waiting: (() => void)[] = []
  #isPatient = true

  get isIn(): boolean {
    return this.#isIn
  }

  begin(): void {
    this.connection += 1
    this.#isIn = false
    this.#isPatient = true
  }

  arrived(): void {
    this.#isIn = true
    this.#wake()
  }

  end(): void {
    this.#wake()
  }

  /**
   * Resolves when it has arrived, when the connection has ended, or when it takes too long: the first who waits that
   * long waits for all.
   */
  async arrival(): Promise<void> {
    if (this.#isIn || !this.#isPatient) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#isPatient = false
        this.#wake()
      }, patienceMs).unref()
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
