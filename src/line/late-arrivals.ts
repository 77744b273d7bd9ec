import type { LineEvents } from '../baileys/emitter.ts'
import { read } from '../errors/error-chain.ts'
import type { HistoryEntry } from '../history/entry.ts'

type Arrived = Extract<HistoryEntry, { type: 'arrived' }>

/** `WebMessageInfo.StubType.CIPHERTEXT` in both lines of Baileys. */
const ciphertextStub = 2
/** A backlog comes in one go; it is told when nothing came for so long. */
const quietMs = 2_000
/** Unread messages of which it is watched whether they are read later. */
const mostWatched = 1_000

/**
 * Counts what was written while the account was away and arrives after it is connected again, so that an owner is told
 * what became of the messages: how many came late, how many of them could not be read, and how many of those were read
 * after they had been asked for again. Baileys gives what the server kept as `append`.
 */
export class LateArrivals {
  readonly #write: (entry: Arrived) => void
  readonly #unread = new Set<string>()
  #counts = { late: 0, unread: 0, reread: 0 }
  #timer: NodeJS.Timeout | undefined

  constructor(ev: LineEvents, write: (entry: Arrived) => void) {
    this.#write = write
    ev.on('messages.upsert', ({ type, messages }) => {
      for (const message of messages) this.#take(message, type === 'append')
    })
  }

  /** What was counted is written now. No timer is left. */
  flush(): void {
    clearTimeout(this.#timer)
    const counts = this.#counts
    if (counts.late + counts.unread + counts.reread === 0) return
    this.#counts = { late: 0, unread: 0, reread: 0 }
    this.#write({ type: 'arrived', at: Date.now(), ...counts })
  }

  #take(message: unknown, kept: boolean): void {
    const key = read(message, 'key')
    const chat = read(key, 'remoteJid')
    if (read(key, 'fromMe') === true || chat === 'status@broadcast') return
    const id = `${chat} ${read(key, 'id')}`
    if (read(message, 'messageStubType') === ciphertextStub) {
      if (!kept || this.#unread.has(id)) return
      this.#unread.add(id)
      const [oldest] = this.#unread
      if (this.#unread.size > mostWatched && oldest !== undefined) this.#unread.delete(oldest)
      this.#counts.unread += 1
    } else if (this.#unread.delete(id)) this.#counts.reread += 1
    else if (kept && isTold(read(message, 'message'))) this.#counts.late += 1
    else return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.flush(), quietMs).unref()
  }
}

/** No word of the protocol alone. */
const isTold = (content: unknown): boolean =>
  typeof content === 'object' && content !== null && read(content, 'protocolMessage') == null
