import type { NoticeKeep } from './keep.ts'
import type { Notice } from './notice.ts'

/** How one try ended. */
export type Delivery =
  | { readonly kind: 'delivered' }
  /** It is tried again, without end; not before `retryAfterMs`, if the receiver asked for that. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly retryAfterMs?: number }
  /**
   * The receiver dislikes this very notice: after a whole ladder of tries it is set aside, so that the next one gets
   * its turn.
   */
  | { readonly kind: 'refused'; readonly error: unknown }

interface OutboxParts {
  readonly keep: NoticeKeep
  readonly report: (error: unknown, doing: string) => void
  /** For reports, e.g. `delivering a notice to the webhook at example.org`. */
  readonly doing: string
  /** One try to deliver the oldest notices; gives up when the signal aborts. What it throws counts as failed. */
  readonly deliver: (notices: readonly Notice[], signal: AbortSignal) => Promise<Delivery>
  /** How many notices one delivery takes at most. Default 1. */
  readonly batch?: number
  /** Waits until a try makes sense. Rejects when the signal aborts. */
  readonly ready?: (signal: AbortSignal) => Promise<void>
}

/**
 * Tries come 2 s apart at first, then twice as long each time, up to 64 s; the real delay is drawn from the upper half
 * of that.
 */
const firstMs = 2_000
const lastMs = 64_000
/** Tries of a refused notice: the first, and one after each step of the ladder. */
const refusedTries = 7
/** Beyond so many undelivered notices the oldest make room. */
const most = 1_000

/**
 * What a try under way has left when supervision ends: most receivers answer by then, and what is known to be delivered
 * is not delivered again.
 */
const closeGraceMs = 250

/**
 * Keeps notices until they are delivered, in the order in which they were told, each at least once: a crash between the
 * delivery and its note on disk delivers it again, with the same id.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #end = new AbortController()
  #queue: Notice[] = []
  /** Everything that touches the keep, one after the other. */
  #keeping: Promise<void>
  #running: Promise<void> | undefined
  #failures = 0
  #lastError = ''
  #closing = false
  #trying = false
  #wake: () => void = () => undefined

  constructor(parts: OutboxParts) {
    this.#parts = parts
    if (parts.keep.location === undefined)
      parts.report(new Error('the store has no folder, so a restart loses what is not delivered yet'), parts.doing)
    this.#keeping = this.#kept(async () => {
      this.#queue = [...(await parts.keep.list())]
    }, 'reading the notices that were not delivered yet').then(() => this.#run())
  }

  /** Kept first, then delivered in its turn. */
  tell(notice: Notice): void {
    this.#keeping = this.#keeping.then(async () => {
      await this.#kept(() => this.#parts.keep.add(notice), 'keeping a notice until it is delivered')
      this.#queue.push(notice)
      await this.#trim()
      // The account reaches WhatsApp again, so the receiver is likely to be reached, too.
      if (notice.kind === 'recovered') this.#hurry()
      this.#run()
    })
  }

  /**
   * Begins no further try, and cuts off the one under way after a quarter of a second. What is not delivered stays
   * kept.
   */
  async close(): Promise<void> {
    this.#closing = true
    const cut = () => this.#end.abort(new Error('supervision ends'))
    const timer = this.#trying ? setTimeout(cut, closeGraceMs) : undefined
    if (!timer) cut()
    this.#wake()
    await this.#running
    clearTimeout(timer)
    cut()
    await this.#keeping
  }

  #run(): void {
    if (this.#closing) return
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined
      // Something may have come while the last step of the work was ending.
      if (this.#queue.length > 0) this.#run()
    })
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closing) {
      const due = await this.#due()
      if (!due || this.#closing) continue
      this.#trying = true
      const delivery = await this.#try(due)
      this.#trying = false
      if (delivery.kind === 'delivered') await this.#done(due)
      else if (!this.#closing) await this.#failed(due, delivery)
    }
  }

  async #due(): Promise<readonly Notice[] | undefined> {
    const { ready, batch = 1 } = this.#parts
    const { signal } = this.#end
    if (ready) {
      const isReady = await cutOff(ready(signal), signal).then(
        () => true,
        () => false,
      )
      if (!isReady) {
        await this.#pause(lastMs)
        return undefined
      }
      // What was told before this moment goes along.
      await this.#keeping
    }
    return this.#queue.slice(0, batch)
  }

  async #try(due: readonly Notice[]): Promise<Delivery> {
    const { signal } = this.#end
    try {
      return await cutOff(this.#parts.deliver(due, signal), signal)
    } catch (error) {
      return { kind: 'failed', error }
    }
  }

  async #done(due: readonly Notice[]): Promise<void> {
    this.#failures = 0
    this.#lastError = ''
    this.#queue = this.#queue.filter((notice) => !due.includes(notice))
    for (const { id } of due)
      await this.#kept(
        () => this.#parts.keep.remove(id),
        'noting that a notice was delivered; it may be delivered again',
      )
  }

  async #failed(due: readonly Notice[], delivery: Exclude<Delivery, { kind: 'delivered' }>): Promise<void> {
    const { report, doing, keep } = this.#parts
    this.#failures += 1
    // A receiver that is down for a week is told of once, not ten thousand times.
    const words = String(delivery.error)
    if (words !== this.#lastError) report(delivery.error, `${doing}; it is tried again`)
    this.#lastError = words
    if (delivery.kind === 'refused' && this.#failures >= refusedTries) {
      this.#failures = 0
      this.#queue = this.#queue.filter((notice) => !due.includes(notice))
      for (const { id } of due) await this.#kept(() => keep.setAside(id), 'setting a refused notice aside')
      report(delivery.error, `${doing}; it was refused ${refusedTries} times and set aside`)
      return
    }
    const step = Math.min(lastMs, firstMs * 2 ** (this.#failures - 1))
    const retryAfterMs = delivery.kind === 'failed' ? (delivery.retryAfterMs ?? 0) : 0
    await this.#pause(Math.max(retryAfterMs, step * (0.5 + Math.random() / 2)))
  }

  async #trim(): Promise<void> {
    const { keep, report, doing } = this.#parts
    for (const oldest of this.#queue.splice(0, Math.max(0, this.#queue.length - most))) {
      await this.#kept(() => keep.remove(oldest.id), 'dropping the oldest notice')
      report(new Error(`more than ${most} notices wait; the oldest was dropped`), doing)
    }
  }

  #hurry(): void {
    this.#failures = 0
    this.#wake()
  }

  /** Ends early on a hurry, and on the close. */
  async #pause(ms: number): Promise<void> {
    if (this.#closing) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, ms).unref()
    })
    clearTimeout(timer)
    this.#wake = () => undefined
  }

  /** A disk in trouble is reported and does not keep a notice from being delivered. */
  async #kept(step: () => Promise<void>, doing: string): Promise<void> {
    try {
      await step()
    } catch (error) {
      this.#parts.report(error, doing)
    }
  }
}

/** The promise, or a rejection as soon as the signal aborts, whether the work obeys it or not. */
function cutOff<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
