import type { ConnectionEvent } from '../../../machines/index.ts'
import { wordsOf } from '../../errors/thrown.ts'

interface DiskWatchParts {
  readonly tell: (event: ConnectionEvent) => void
  readonly report: (error: unknown, doing: string) => void
  /** Writes something of our own that does no harm; resolves if the disk took it. */
  readonly tryWrite: () => Promise<void>
}

/** How long after trouble the disk is tried, doubling up to half a minute. */
const firstTryMs = 1_000
const lastTryMs = 30_000

/**
 * A disk that refuses a write may take the next, smaller one. Trouble that comes back within this time was not over: it
 * stays told until nothing has failed for as long, so that it does not come and go with each write.
 */
const relapseMs = 60_000

/** Whoever writes these tries again by himself until they are on the disk. */
const retried: ReadonlySet<string> = new Set(['credentials', 'files'])

/**
 * Knows which kinds of writes fail at the moment, and tells the machine when trouble begins and when it is over. A
 * write that fails leaves the old content in place, so the connection may go on meanwhile. An idle account writes
 * nothing for hours, so the disk is tried now and then while it is in trouble.
 */
export class DiskWatch {
  readonly #failing = new Map<string, string>()
  readonly #parts: DiskWatchParts
  #timer: NodeJS.Timeout | undefined
  #ended = false
  readonly #succeeded = new Set<string>()
  #failedAt = Number.NEGATIVE_INFINITY
  #wellAt = Number.NEGATIVE_INFINITY
  #relapsed = false

  constructor(parts: DiskWatchParts) {
    this.#parts = parts
  }

  trouble(what: string, error: unknown): void {
    const message = wordsOf(error)
    const now = Date.now()
    this.#failedAt = now
    this.#succeeded.delete(what)
    if (Math.abs(now - this.#wellAt) < relapseMs) this.#relapsed = true
    this.#tryIn(firstTryMs)
    if (this.#failing.get(what) === message) return
    this.#failing.set(what, message)
    this.#parts.report(error, `reading or writing ${what}`)
    this.#parts.tell({ type: 'disk.trouble', message })
  }

  well(what: string): void {
    if (!this.#failing.has(what)) return
    this.#succeeded.add(what)
    if (!this.#relapsed || this.#isQuiet()) this.forget(what)
  }

  /** Nobody tries to write it any more. */
  forget(what: string): void {
    if (!this.#failing.delete(what) || this.#failing.size > 0) return
    this.#wellAt = Date.now()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#relapsed = false
    this.#parts.tell({ type: 'disk.well' })
  }

  /** A run of supervision begins: what an earlier one met is forgotten. */
  begin(): void {
    this.#ended = false
    this.#failing.clear()
    this.#succeeded.clear()
    this.#relapsed = false
  }

  /** No timer is left. */
  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #isQuiet(): boolean {
    return Math.abs(Date.now() - this.#failedAt) >= relapseMs
  }

  #tryIn(delayMs: number): void {
    if (this.#ended || this.#timer !== undefined) return
    const timer = setTimeout(async () => {
      try {
        await this.#parts.tryWrite()
        for (const what of [...this.#failing.keys()])
          if (!retried.has(what) || this.#succeeded.has(what)) this.well(what)
      } catch {
        // Still in trouble, as has been told.
      }
      if (this.#timer !== timer) return
      this.#timer = undefined
      if (this.#failing.size > 0) this.#tryIn(Math.min(lastTryMs, delayMs * 2))
    }, delayMs)
    this.#timer = timer.unref()
  }
}
