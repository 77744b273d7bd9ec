import { FencedError } from '../../errors/errors.ts'
import type { Change } from '../rows/rows.ts'
import { databaseError, isPassing } from './failure.ts'

/** A call's changes: written together, answered together. */
interface Group {
  readonly settle: (failure: Error | undefined) => void
}

interface Batch {
  readonly changes: Map<string, Change>
  readonly groups: Group[]
  bytes: number
  /** When its oldest call came. */
  since: number
}

export interface RowWritesParts {
  readonly location: string
  readonly patienceMs: number
  readonly mostBytes: number
  /** The number of the last write of before. */
  readonly from: number
  /**
   * One attempt at one transaction. The number rises with each, so that one that was given up and arrives late changes
   * nothing.
   */
  readonly send: (changes: readonly Change[], number: number) => Promise<void>
}

const firstPauseMs = 50
const lastPauseMs = 1_000

/**
 * The writes of one account, one transaction after the other, since the order of a ratchet's states is all that
 * matters. Calls that come while one is under way form the next. While the database cannot be reached they wait, up to
 * a bound of time and bytes.
 */
export class RowWrites {
  readonly #parts: RowWritesParts
  #waiting: Batch | undefined
  #running = false
  #number: number
  #shut = false
  #wake: () => void = () => undefined

  constructor(parts: RowWritesParts) {
    this.#parts = parts
    this.#number = parts.from
  }

  write(changes: readonly Change[]): Promise<void> {
    if (this.#shut) return Promise.reject(new FencedError(this.#parts.location))
    if (changes.length === 0) return Promise.resolve()
    const bytes = changes.reduce((sum, { content }) => sum + (content?.length ?? 0), 0)
    // Only what waits behind a database in trouble is bounded: one large write to a well one is no trouble.
    if (this.#waiting && this.#waiting.bytes + bytes > this.#parts.mostBytes) return Promise.reject(this.#full())
    return new Promise((resolve, reject) => {
      const group: Group = { settle: (failure) => (failure ? reject(failure) : resolve()) }
      this.#waiting = merged(this.#waiting, { changes: byPlace(changes), groups: [group], bytes, since: now() })
      if (this.#running) return
      this.#running = true
      void this.#run()
    })
  }

  /** Nothing more is written; what waits is refused. */
  shut(): void {
    this.#shut = true
    for (const { settle } of this.#waiting?.groups ?? []) settle(new FencedError(this.#parts.location))
    this.#waiting = undefined
    this.#wake()
  }

  async #run(): Promise<void> {
    // One turn of patience, so that calls made together share a transaction.
    await Promise.resolve()
    for (let pauseMs = firstPauseMs; this.#waiting; ) {
      const batch = this.#waiting
      this.#waiting = undefined
      this.#number += 1
      try {
        await this.#parts.send([...batch.changes.values()], this.#number)
        for (const { settle } of batch.groups) settle(undefined)
        pauseMs = firstPauseMs
      } catch (error) {
        if (this.#shut || !this.#mayWait(batch, error)) {
          const failure = this.#shut ? new FencedError(this.#parts.location) : this.#failure(error)
          for (const { settle } of batch.groups) settle(failure)
          continue
        }
        // Tried again together with what came since, which is newer.
        this.#waiting = merged(batch, this.#waiting)
        await this.#pause(pauseMs)
        pauseMs = Math.min(lastPauseMs, pauseMs * 2)
      }
    }
    // In the same step as the last look at what waits: a call that comes now begins anew.
    this.#running = false
  }

  #mayWait(batch: Batch, error: unknown): boolean {
    const { patienceMs, mostBytes } = this.#parts
    return isPassing(error) && now() - batch.since < patienceMs && batch.bytes <= mostBytes
  }

  #failure(error: unknown): Error {
    return databaseError(this.#parts.location, 'writing', error)
  }

  #full(): Error {
    return this.#failure(Object.assign(new Error('the queue is full'), { code: 'EQUEUE' }))
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

const now = (): number => performance.now()

const byPlace = (changes: readonly Change[]): Map<string, Change> =>
  new Map(changes.map((change) => [`${change.table}/${change.name}`, change]))

/** A later change of a row replaces an earlier one. */
const merged = (earlier: Batch | undefined, later: Batch | undefined): Batch | undefined => {
  if (!earlier || !later) return earlier ?? later
  const changes = new Map([...earlier.changes, ...later.changes])
  const bytes = [...changes.values()].reduce((sum, { content }) => sum + (content?.length ?? 0), 0)
  return { changes, groups: [...earlier.groups, ...later.groups], bytes, since: earlier.since }
}
