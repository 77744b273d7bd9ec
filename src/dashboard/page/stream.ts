import type { ChangesEvent, PingEvent, SnapshotEvent } from '../wire.ts'

interface Heard {
  readonly snapshot: SnapshotEvent
  readonly changes: ChangesEvent
  readonly ping: PingEvent
}

export interface StreamListener {
  heard<Kind extends keyof Heard>(kind: Kind, data: Heard[Kind]): void
  /** The stream broke; it is tried again by itself. Told once for each loss. */
  lost(): void
  /** It flows (again). */
  flows(): void
  /** Asked after each failure: resolves once this viewer is let in, or let in again. */
  stillIn(): Promise<void>
}

/**
 * Delays before the tries; the last one repeats. The first is short: most losses are a restart or a change of network.
 */
const delaysMs = [300, 1_000, 2_000, 5_000, 10_000] as const
/** The gateway pings more often than this; a stream that is silent for longer is dead although it looks open. */
const silenceMs = 15_000

/** Server-sent events that resume: after a loss it asks for what came since the last one that it has. */
export class LiveStream {
  readonly #listener: StreamListener
  #source: EventSource | undefined
  #lastId = ''
  #failures = 0
  #retry: number | undefined
  #watch: number | undefined
  #lost = false
  #ended = false

  constructor(listener: StreamListener) {
    this.#listener = listener
    window.addEventListener('online', this.#hurry)
    document.addEventListener('visibilitychange', this.#hurry)
  }

  open(): void {
    if (this.#ended) return
    const source = new EventSource(
      this.#lastId === '' ? 'api/stream' : `api/stream?since=${encodeURIComponent(this.#lastId)}`,
    )
    this.#source = source
    for (const kind of ['snapshot', 'changes', 'ping'] as const)
      source.addEventListener(kind, (event) => this.#hear(kind, event))
    source.addEventListener('error', () => void this.#fail(source))
    this.#expect()
  }

  end(): void {
    this.#ended = true
    this.#source?.close()
    window.clearTimeout(this.#retry)
    window.clearTimeout(this.#watch)
    window.removeEventListener('online', this.#hurry)
    document.removeEventListener('visibilitychange', this.#hurry)
  }

  #hear(kind: keyof Heard, { data, lastEventId }: MessageEvent<string>): void {
    if (lastEventId !== '') this.#lastId = lastEventId
    this.#failures = 0
    this.#lost = false
    this.#expect()
    this.#listener.flows()
    this.#listener.heard(kind, data === '' ? {} : JSON.parse(data))
  }

  /** Its own retry in place of the browser's: that one gives up on an HTTP error, and is slow. */
  async #fail(source: EventSource): Promise<void> {
    source.close()
    if (source !== this.#source) return
    this.#source = undefined
    window.clearTimeout(this.#watch)
    if (!this.#lost) this.#listener.lost()
    this.#lost = true
    const delay = delaysMs[Math.min(this.#failures++, delaysMs.length - 1)]
    await this.#listener.stillIn()
    if (!this.#ended) this.#retry = window.setTimeout(this.#again, delay)
  }

  #expect(): void {
    window.clearTimeout(this.#watch)
    this.#watch = window.setTimeout(() => this.#source && void this.#fail(this.#source), silenceMs)
  }

  readonly #hurry = (): void => {
    if (this.#retry !== undefined && !document.hidden) this.#again()
  }

  readonly #again = (): void => {
    window.clearTimeout(this.#retry)
    this.#retry = undefined
    this.open()
  }
}
