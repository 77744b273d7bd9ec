import type { ConnectionEvent } from '../machines/index.ts'
import { wordsOf } from './thrown.ts'

/**
 * Knows which kinds of writes fail at the moment, and tells the machine when trouble begins and when it is over.
 * A write that fails leaves the old content in place, so the connection may go on meanwhile.
 */
export class DiskWatch {
  readonly #failing = new Map<string, string>()
  readonly #tell: (event: ConnectionEvent) => void
  readonly #report: (error: unknown, doing: string) => void

  constructor(tell: (event: ConnectionEvent) => void, report: (error: unknown, doing: string) => void) {
    this.#tell = tell
    this.#report = report
  }

  get inTrouble(): boolean {
    return this.#failing.size > 0
  }

  trouble(what: string, error: unknown): void {
    const message = wordsOf(error)
    if (this.#failing.get(what) === message) return
    this.#failing.set(what, message)
    this.#report(error, `reading or writing ${what}`)
    this.#tell({ type: 'disk.trouble', message })
  }

  well(what: string): void {
    if (this.#failing.delete(what) && this.#failing.size === 0) this.#tell({ type: 'disk.well' })
  }
}
