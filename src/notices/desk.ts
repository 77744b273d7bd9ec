import { randomUUID } from 'node:crypto'
import type { NoticeKind, StateName, Status } from '../../machines/index.ts'
import { isOpen } from '../../machines/open-states.ts'
import type { HistoryEntry } from '../history/entry.ts'
import type { Notice } from './notice.ts'
import { tellsOutage, toldBefore, troubleKey } from './told-before.ts'
import { noticeWords } from './words.ts'

interface DeskParts {
  readonly account: string
  readonly quietMs: number
  /** Observe mode is said in every notice. Default `heal`. */
  readonly mode?: 'heal' | 'observe'
  /** The status of the moment. */
  readonly status: () => Status
  /** Every notice as it goes out: to the channels, to `line.on('notice')`, into the history. */
  readonly onNotice: (notice: Notice) => void
}

const neverLinked = troubleKey('relink-needed', 'never-linked')

/**
 * Decides what is worth telling. Short drops are not; the same trouble is told once until it is over; a recovery only
 * if its outage was told.
 */
export class NoticeDesk {
  readonly #parts: DeskParts
  #downSince: number | undefined
  /** The last status that says why it is down. While the next attempt is under way the present one does not. */
  #why: Status | undefined
  #quiet: NodeJS.Timeout | undefined
  /** What was told since the account was last up, by kind and reason. */
  readonly #told = new Set<string>()
  #outageTold = false
  /** The first link was told: that it is up now says nothing more. */
  #firstLink = false

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** What earlier runs told of an outage that is not over. */
  resume(history: readonly HistoryEntry[]): void {
    if (this.#outageTold) return
    const { keys, outage, downSince } = toldBefore(history)
    if (!outage) return
    this.#outageTold = true
    this.#downSince = downSince
    for (const key of keys) this.#told.add(key)
  }

  /** The state changed. */
  state(state: StateName): void {
    const over = state === 'stopped' || isOpen(state)
    if (over) this.#why = undefined
    else if (!isAttempt(state)) this.#why = this.#parts.status()
    if (state === 'stopped') this.stop()
    else if (over) this.#up()
    else this.#down()
  }

  /**
   * Something happened that is told at once, unless it was told already and is not over yet. `status` is the one it
   * speaks of, if not that of the moment.
   */
  tell(kind: NoticeKind, details: Readonly<Record<string, unknown>>, status?: Status): void {
    if (tellsOutage.has(kind)) {
      if (details.scanned === true) return
      const key = troubleKey(kind, details.reason)
      // Each scan by another number is news.
      if (this.#told.has(key) && details.otherNumber === undefined) return
      this.#told.add(key)
      this.#outageTold = true
    }
    const first = kind === 'relinked' && this.#told.has(neverLinked)
    this.#firstLink ||= first
    this.#send(kind, first ? { ...details, first } : details, status)
  }

  /** Forgets the pending quiet time; what was told stays told, and an outage that was told goes on. */
  stop(): void {
    clearTimeout(this.#quiet)
    this.#quiet = undefined
    if (!this.#outageTold) this.#downSince = undefined
  }

  #down(): void {
    this.#downSince ??= Date.now()
    if (this.#quiet !== undefined || this.#outageTold) return
    this.#quiet = setTimeout(() => {
      if (!this.#outageTold) this.tell('outage', { downMs: this.#downMs() }, this.#why)
    }, this.#parts.quietMs).unref()
  }

  #up(): void {
    const told = this.#outageTold && !this.#firstLink
    const downMs = this.#downMs()
    this.#outageTold = false
    this.#firstLink = false
    this.#told.clear()
    this.stop()
    if (told) this.#send('recovered', { downMs })
  }

  /** Never negative, though the clock may have been set back. */
  #downMs(): number {
    return this.#downSince === undefined ? 0 : Math.max(0, Date.now() - this.#downSince)
  }

  #send(kind: NoticeKind, details: Readonly<Record<string, unknown>>, status = this.#parts.status()): void {
    const { account, mode, onNotice } = this.#parts
    const known = mode === 'observe' ? { ...details, observing: true } : details
    const words = noticeWords(kind, known, status)
    onNotice(frozen({ id: randomUUID(), account, kind, at: Date.now(), ...words, details: known }))
  }
}

const isAttempt = (state: StateName): boolean => state === 'preparing' || state === 'connecting'

/** A copy that nobody who is told can change under the others, or in the machine that it was read off. */
function frozen(notice: Notice): Notice {
  return JSON.parse(JSON.stringify(notice), (_, value: unknown) => Object.freeze(value))
}
