import { markStoreFailure } from '../../baileys/stray.ts'
import { AuthStoreError } from '../../errors/errors.ts'

/**
 * How long a store may take over a read, as a share of `policy.liveness.stuckMs`: a minute by default. A store over a
 * network that is being switched over answers by then, or refuses; and it ends before the message that waits for the
 * read counts as stuck, so that the cause is told.
 */
export const readShare = 2 / 3

interface Waiting {
  readonly since: number
  readonly reject: (error: Error) => void
}

/**
 * Bounds what a store may take over a read. libsignal keeps one queue for each address in the whole process: a read in
 * it that never answers holds up every later socket as well, and Baileys alone reads that contact again only in a new
 * process. One that takes longer than the deadline is told; it is rejected once the socket that asked is shut, so that
 * its message is not answered as unreadable on a live link but comes again, and at the latest after the deadline once
 * more.
 */
export class StoreReads {
  readonly #deadlineMs: number
  readonly #silent: (error: Error) => void
  readonly #waiting = new Set<Waiting>()
  #timer: NodeJS.Timeout | undefined
  #told = false
  #ended = false

  constructor(deadlineMs: number, silent: (error: Error) => void) {
    this.#deadlineMs = deadlineMs
    this.#silent = silent
  }

  bound<T>(answer: T | Promise<T>): T | Promise<T> {
    if (!(answer instanceof Promise)) return answer
    return new Promise<T>((resolve, reject) => {
      const waiting = { since: performance.now(), reject }
      this.#waiting.add(waiting)
      // One timer for all reads: nearly every one is answered long before it.
      if (!this.#ended) this.#timer ??= setTimeout(this.#look, this.#deadlineMs).unref()
      answer.then(
        (value) => {
          this.#waiting.delete(waiting)
          resolve(value)
        },
        (error: unknown) => {
          this.#waiting.delete(waiting)
          reject(error)
        },
      )
      if (this.#ended) setImmediate(() => this.#give(waiting))
    })
  }

  /** The socket that asked is shut: whatever it still waits for is of no use to anybody. */
  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const waiting of this.#waiting) this.#give(waiting)
  }

  readonly #look = (): void => {
    this.#timer = undefined
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (const waiting of this.#waiting) {
      const age = now - waiting.since
      if (age >= this.#deadlineMs * 2) {
        this.#give(waiting)
        continue
      }
      if (age >= this.#deadlineMs) this.#tell()
      next = Math.min(next, (age >= this.#deadlineMs ? 2 : 1) * this.#deadlineMs - age)
    }
    if (this.#ended || next === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(this.#look, Math.max(1, next)).unref()
  }

  #tell(): void {
    if (this.#told) return
    this.#told = true
    this.#silent(unanswered(this.#deadlineMs))
  }

  #give(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return
    const error = unanswered(this.#deadlineMs)
    markStoreFailure(error)
    waiting.reject(error)
  }
}

const unanswered = (deadlineMs: number): AuthStoreError =>
  new AuthStoreError(
    'AUTH_STORE_SILENT',
    `The store has not answered a read of keys within ${deadlineMs / 1_000} s.`,
    'Look at the disk or the database that keeps the credentials. Once it answers, messages are read by themselves.',
  )
