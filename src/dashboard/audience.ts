import type { AccountViews } from './account-views.ts'
import type { Viewer } from './gate.ts'
import { Refusal } from './refusal.ts'
import type { Sessions } from './sessions.ts'
import { batchOf, ViewerStream } from './viewer-stream.ts'

interface AudienceParts {
  readonly accountViews: AccountViews
  readonly sessions: Sessions
  readonly now: () => number
  readonly maxViewers: number
  readonly stalledMs: number
}

/** A page takes what it knows for old after 10 s, so it hears from its server at least twice in that time. */
const pingMs = 4_000
/** With several hosts, what a host told last is on its way already: it is passed on sooner. */
const hostsPingMs = 1_000
/** A link is for one person, with a phone and perhaps a second window. */
const mostForGuest = 4

/** Everybody who watches. Bounded in number, and each in memory. */
export class Audience {
  readonly #parts: AudienceParts
  readonly #streams = new Set<ViewerStream>()
  readonly #off: () => void
  readonly #pings: NodeJS.Timeout
  readonly #looks: NodeJS.Timeout
  #pingedAt = performance.now()

  constructor(parts: AudienceParts) {
    this.#parts = parts
    this.#off = parts.accountViews.onBatch(() => this.#tell())
    this.#pings = setInterval(() => this.#ping(), hostsPingMs).unref()
    this.#looks = setInterval(() => this.#look(), Math.max(50, parts.stalledMs / 3)).unref()
  }

  get size(): number {
    return this.#streams.size
  }

  /** Throws `Refusal` if there are too many already. */
  admit(viewer: Viewer, lastId: string | undefined, drop: () => void): ViewerStream {
    const { accountViews, now, maxViewers } = this.#parts
    const own = viewer.who === 'guest' ? [...this.#streams].filter((one) => one.viewer.session === viewer.session) : []
    if (this.#streams.size >= maxViewers || own.length >= mostForGuest)
      throw new Refusal(
        503,
        'TOO_MANY_STREAMS',
        'Too many viewers watch at the moment.',
        'Close some of them, or raise the option maxViewers.',
        5_000,
      )
    const stream = new ViewerStream({
      accountViews,
      viewer,
      now,
      drop,
      since: batchOf(accountViews, lastId),
      onEnd: (ended) => this.#streams.delete(ended),
    })
    this.#streams.add(stream)
    return stream
  }

  /** Everybody who may watch gets the last news. */
  close(): void {
    this.#off()
    clearInterval(this.#pings)
    clearInterval(this.#looks)
    this.#dismiss()
    for (const stream of [...this.#streams]) stream.finish()
  }

  #tell(): void {
    this.#dismiss()
    for (const stream of this.#streams) stream.tell()
  }

  #ping(): void {
    const now = performance.now()
    // A timer may come a little early.
    if (now - this.#pingedAt < pingMs - hostsPingMs / 2 && this.#parts.accountViews.hosts().length === 0) return
    this.#pingedAt = now
    this.#dismiss()
    for (const stream of this.#streams) stream.ping()
  }

  #look(): void {
    for (const stream of [...this.#streams]) if (stream.stalledMs() > this.#parts.stalledMs) stream.cut()
  }

  /** Whoever signed out, or whose time is over, sees nothing more. */
  #dismiss(): void {
    for (const stream of [...this.#streams]) {
      const { session } = stream.viewer
      if (session && !this.#parts.sessions.lasts(session)) stream.close()
    }
  }
}
