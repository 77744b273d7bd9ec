import type { OwnersLogger } from './baileys/logger-tap.ts'
import type { LineHistory } from './history.ts'
import type { Notice } from './notices/notice.ts'
import { unheard, wordsOf } from './thrown.ts'

/** The same trouble is written down once in this time: a listener that always throws must not fill the history. */
const sameTroubleMs = 60_000

/** Puts what happens beside the statechart into the owner's log and the history, cleaned of secrets. Never throws. */
export class LineJournal {
  readonly #account: string
  readonly #logger: OwnersLogger
  readonly #history: LineHistory
  #last: { readonly doing: string; readonly message: string; readonly at: number } | undefined

  constructor(account: string, logger: OwnersLogger, history: LineHistory) {
    this.#account = account
    this.#logger = logger
    this.#history = history
  }

  /** Something failed that does not end supervision. */
  trouble(error: unknown, doing: string): void {
    const message = wordsOf(error)
    const at = Date.now()
    const last = this.#last
    if (last?.doing !== doing || last.message !== message || at - last.at >= sameTroubleMs) {
      this.#last = { doing, message, at }
      this.#history.add({ type: 'trouble', at, doing, message })
    }
    this.#log('warn', { doing, message }, 'lifeline: something failed; supervision goes on')
  }

  notice({ at, kind, message, details }: Notice): void {
    this.#history.add({ type: 'notice', at, kind, message, details })
    this.#log('info', { kind, ...details }, message)
  }

  #log(level: 'info' | 'warn', fields: Record<string, unknown>, message: string): void {
    try {
      unheard(this.#logger[level]({ account: this.#account, ...fields }, message))
    } catch {
      // A logger that throws must not end supervision.
    }
  }
}
