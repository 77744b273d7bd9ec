import { randomUUID } from 'node:crypto'
import type { NoticeKind, StateName, Status } from '../../machines/index.ts'
import type { Notice, Notifier } from './notice.ts'
import { noticeWords } from './words.ts'

interface DeskParts {
  readonly account: string
  readonly quietMs: number
  readonly notifiers: readonly Notifier[]
  /** The status of the moment. */
  readonly status: () => Status
  /** Every notice as it goes out, for `line.on('notice')` and the history. */
  readonly onNotice: (notice: Notice) => void
  readonly report: (error: unknown, doing: string) => void
  readonly now?: () => number
}

const isOpen = (state: StateName): boolean => state === 'healthy' || state === 'degraded'

/** Kinds that themselves tell that the account is down, until it is up again. */
const tellsOutage: ReadonlySet<NoticeKind> = new Set(['outage', 'relink-needed', 'conflict', 'blocked'])

/**
 * Decides what is worth telling. Short drops are not; the same trouble is told once until it is over; a recovery only if its outage was told.
 */
export class NoticeDesk {
  readonly #parts: DeskParts
  readonly #now: () => number
  #downSince: number | undefined
  #quiet: NodeJS.Timeout | undefined
  /** What was told since the account was last up, by kind and reason. */
  readonly #told = new Set<string>()
  #outageTold = false

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.#now = parts.now ?? Date.now
  }

  /** The state changed. */
  state(state: StateName): void {
    if (state === 'stopped') this.stop()
    else if (isOpen(state)) this.#up()
    else this.#down()
  }

  /** Something happened that is told at once, unless it was told already and is not over yet. `status` is the one it speaks of, if not that of the moment. */
  tell(kind: NoticeKind, details: Readonly<Record<string, unknown>>, status?: Status): void {
    if (tellsOutage.has(kind)) {
      if (details.scanned === true) return
      const key = `${kind} ${String(details.reason ?? '')}`
      if (this.#told.has(key)) return
      this.#told.add(key)
      this.#outageTold = true
    }
    this.#send(kind, details, status)
  }

  /** Forgets the pending quiet time; what was told stays told. */
  stop(): void {
    clearTimeout(this.#quiet)
    this.#quiet = undefined
    this.#downSince = undefined
  }

  #down(): void {
    if (this.#downSince !== undefined) return
    this.#downSince = this.#now()
    this.#quiet = setTimeout(() => {
      if (!this.#outageTold) this.tell('outage', { downMs: this.#now() - (this.#downSince ?? this.#now()) })
    }, this.#parts.quietMs).unref()
  }

  #up(): void {
    const since = this.#downSince
    const told = this.#outageTold
    this.stop()
    this.#told.clear()
    this.#outageTold = false
    if (told && since !== undefined) this.#send('recovered', { downMs: this.#now() - since })
  }

  #send(kind: NoticeKind, details: Readonly<Record<string, unknown>>, status = this.#parts.status()): void {
    const { account, notifiers, onNotice, report } = this.#parts
    const words = noticeWords(kind, details, status)
    const notice: Notice = { id: randomUUID(), account, kind, at: this.#now(), ...words, details }
    onNotice(notice)
    for (const notify of notifiers) void deliver(notify, notice, report)
  }
}

async function deliver(notify: Notifier, notice: Notice, report: DeskParts['report']): Promise<void> {
  try {
    await notify(notice)
  } catch (error) {
    report(error, `delivering the notice ${notice.kind}`)
  }
}
