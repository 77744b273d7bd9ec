import type { SentLog } from '../../../stores/store.ts'
import type { KeptMessage } from './sent-messages.ts'

interface LazySentLogParts {
  readonly log: SentLog
  /** All that is kept now, oldest first. */
  readonly kept: () => readonly KeptMessage[]
  /** When the oldest of them is to be forgotten. */
  readonly nextOver: () => number | undefined
  readonly mostBytes: number
  readonly report: (error: unknown, doing: string) => void
}

/**
 * No send waits for the disk, and many share a write: a power cut may take the messages of a quarter of a second with
 * it.
 */
const writeAfterMs = 250
/** After a failure, and at most so often what is too old leaves the disk. */
const lookAgainMs = 60_000
/** Longest delay that a timer of the platform keeps. */
const longestMs = 2_147_483_647

/**
 * Writes what is kept of the messages sent to the store, some time after they were sent, in the order in which they
 * were.
 */
export class LazySentLog {
  readonly #parts: LazySentLogParts
  #pending: KeptMessage[] = []
  /** Bytes that were added since all was written anew; undefined until then. */
  #grown = 0
  /** The log is to be written anew: something in it is too old, or a write was not done. */
  #stale = false
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()
  #ended = false

  constructor(parts: LazySentLogParts) {
    this.#parts = parts
  }

  /** What an earlier run left, oldest first; what is no such message is left out. Never rejects. */
  async load(): Promise<readonly KeptMessage[]> {
    this.#ended = false
    try {
      const entries = await this.#parts.log.read()
      const messages = entries.flatMap(messageIn)
      this.#stale ||= messages.length < entries.length
      return messages
    } catch (error) {
      this.#parts.report(error, 'reading what was sent')
      return []
    }
  }

  add(message: KeptMessage): void {
    this.#pending.push(message)
    this.#writeIn(writeAfterMs)
  }

  /**
   * Everything is on the disk when it resolves, or could not be, which is reported. Never rejects. No timer is left.
   */
  async end(): Promise<void> {
    this.#ended = true
    this.#cancel()
    await this.#write()
  }

  /** The messages belong to credentials that are no more: none is left in the store. Never rejects. */
  clear(): Promise<void> {
    this.#pending = []
    this.#stale = true
    return this.#write()
  }

  #writeIn(ms: number): void {
    const at = performance.now() + ms
    if (this.#ended || at >= this.#timerAt) return
    this.#cancel()
    this.#timerAt = at
    this.#timer = setTimeout(() => {
      this.#cancel()
      void this.#write()
    }, ms).unref()
  }

  #cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow())
    return this.#writing
  }

  async #writeNow(): Promise<void> {
    const { log, kept, nextOver, mostBytes, report } = this.#parts
    const pending = this.#pending
    this.#pending = []
    const over = (nextOver() ?? Number.POSITIVE_INFINITY) <= Date.now()
    try {
      if (this.#stale || over || this.#grown > mostBytes) {
        await log.replace(kept().map(entryOf))
        this.#stale = false
        this.#grown = 0
      } else if (pending.length > 0) {
        await log.append(pending.map(entryOf))
        for (const { bytes } of pending) this.#grown += bytes.length
      }
    } catch (error) {
      this.#stale = true
      report(error, 'keeping what was sent')
    }
    const overAt = nextOver()
    if (this.#stale) this.#writeIn(lookAgainMs)
    else if (overAt !== undefined) this.#writeIn(Math.min(longestMs, Math.max(lookAgainMs, overAt - Date.now())))
  }
}

interface Entry extends Omit<KeptMessage, 'bytes'> {
  /** Base64. */
  readonly message: string
}

const entryOf = ({ bytes, ...rest }: KeptMessage): Entry => ({
  ...rest,
  message: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
})

function messageIn(entry: unknown): KeptMessage[] {
  const { id, to, at, message }: Partial<Record<keyof Entry, unknown>> = Object(entry)
  if (typeof id !== 'string' || typeof to !== 'string' || typeof message !== 'string') return []
  if (typeof at !== 'number' || !Number.isFinite(at)) return []
  return [{ id, to, at, bytes: Buffer.from(message, 'base64') }]
}
