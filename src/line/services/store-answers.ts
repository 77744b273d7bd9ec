import { markStoreFailure } from '../../baileys/stray.ts'
import { AuthStoreError } from '../../errors/errors.ts'

/**
 * How long a store may take over an answer, as a share of `policy.liveness.stuckMs`: a minute by default. A store over
 * a network that is being switched over answers by then, or refuses; and it ends before the message that waits for the
 * answer counts as stuck, so that the cause is told.
 */
export const answerShare = 2 / 3

/**
 * So many keys of one write have one deadline: a pairing stores eight hundred pre-keys at once, which a store that
 * writes them one after the other is slow over, and not silent.
 */
const keysPerDeadline = 50

/** What a store is asked for, as an error says it. */
export type Asked = 'a read of keys' | 'a write of keys' | 'a save of the credentials'

interface Waiting {
  readonly asked: Asked
  readonly since: number
  readonly reject: (error: Error) => void
  /** What is written. */
  readonly data: object | undefined
}

interface Heard<T> {
  well(value: T): void
  failed(error: unknown): void
}

/**
 * Bounds how long a store may leave Baileys without an answer. libsignal keeps one queue for each address in the whole
 * process: a read in it that is never answered holds up every later socket as well, and so does a write on Baileys 6,
 * whose writes are stored before they resolve. A commit of Baileys 7 holds up its own socket.
 *
 * One that takes longer than the deadline is told; it is rejected once the socket that asked is shut, so that its
 * message is not answered as unreadable on a live link but comes again, and at the latest after the deadline once more.
 * A write that is rejected may still be stored: who waited for it must take it for lost.
 */
export class StoreAnswers {
  readonly #deadlineMs: number
  readonly #silent: (error: Error) => void
  readonly #waiting = new Set<Waiting>()
  /** Who waits for nothing to be waited for. */
  readonly #idle: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #told = false
  #ended = false

  constructor(deadlineMs: number, silent: (error: Error) => void) {
    this.#deadlineMs = deadlineMs
    this.#silent = silent
  }

  /** What the store answers, passed on as it comes; `heard` is told of it, also when nobody waits any more. */
  bound<T>(asked: Asked, answer: PromiseLike<T>, heard: Heard<T>, data?: object): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiting = { asked, since: performance.now(), reject, data }
      this.#waiting.add(waiting)
      // One timer for all: nearly every answer comes long before it.
      this.#timer ??= setTimeout(this.#look, this.#deadlineMs).unref()
      answer.then(
        (value) => {
          this.#answered(waiting)
          heard.well(value)
          resolve(value)
        },
        (error: unknown) => {
          this.#answered(waiting)
          heard.failed(error)
          reject(error)
        },
      )
    })
  }

  /**
   * The socket that asked is shut: nothing waits longer than the deadline from here on. What is not late yet may still
   * be answered, as ever.
   */
  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#look()
  }

  /** Resolves once nothing is waited for: each call was answered, or is taken for lost. */
  over(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** With the last answer to a socket that is shut its timer goes, too. */
  #answered(waiting: Waiting): void {
    this.#remove(waiting)
    if (!this.#ended || this.#waiting.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** False if it was not waited for any more. */
  #remove(waiting: Waiting): boolean {
    const removed = this.#waiting.delete(waiting)
    if (this.#waiting.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
    return removed
  }

  readonly #look = (): void => {
    this.#timer = undefined
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (const waiting of this.#waiting) {
      const age = now - waiting.since
      const deadlineMs = this.#deadlineMs * Math.ceil(sizeOf(waiting.data) / keysPerDeadline)
      const late = age >= deadlineMs
      if (age >= deadlineMs * 2 || (late && this.#ended)) {
        this.#give(waiting)
        continue
      }
      if (late) this.#tell(waiting)
      next = Math.min(next, (late ? 2 : 1) * deadlineMs - age)
    }
    if (next === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(this.#look, Math.max(1, next)).unref()
  }

  #tell({ asked }: Waiting): void {
    if (this.#told) return
    this.#told = true
    this.#silent(unanswered(asked, this.#deadlineMs))
  }

  #give(waiting: Waiting): void {
    if (!this.#remove(waiting)) return
    const error = unanswered(waiting.asked, this.#deadlineMs)
    markStoreFailure(error)
    waiting.reject(error)
  }
}

const sizeOf = (data: object = {}): number =>
  Math.max(
    1,
    Object.values(data).reduce((keys, values) => keys + Object.keys(Object(values)).length, 0),
  )

const unanswered = (asked: Asked, deadlineMs: number): AuthStoreError =>
  new AuthStoreError(
    'AUTH_STORE_SILENT',
    `The store has not answered ${asked} within ${deadlineMs / 1_000} s.`,
    'Look at the disk or the database that keeps the credentials. Once it answers, messages are read by themselves.',
  )
