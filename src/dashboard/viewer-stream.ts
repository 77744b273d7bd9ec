import { guestView } from './account-view.ts'
import type { AccountViews } from './account-views.ts'
import type { Viewer } from './gate.ts'

interface StreamParts {
  readonly accountViews: AccountViews
  readonly viewer: Viewer
  /** The batch that the viewer has seen already. */
  readonly since: number | undefined
  readonly now: () => number
  /** Cuts the connection. */
  readonly drop: () => void
  readonly onEnd: (stream: ViewerStream) => void
}

/** How soon a browser comes back by itself after the stream was cut. */
const retryMs = 1_000
const encoder = new TextEncoder()

const event = (name: string, data: string, id: string): string => `event: ${name}\nid: ${id}\ndata: ${data}\n\n`

/** The text of what changed, for everybody who has seen as much: most viewers have. */
const frames = new WeakMap<AccountViews, Map<string, Uint8Array>>()

/**
 * One viewer's event stream. One frame is on its way at a time; what happens meanwhile is not kept, but read off the
 * views when the viewer takes more, so that a slow one costs a fast one nothing, and the memory the same however slow
 * it is.
 */
export class ViewerStream {
  readonly body: ReadableStream<Uint8Array>
  readonly viewer: Viewer
  readonly #parts: StreamParts
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #seen: number | undefined
  #ready = false
  #begun = false
  #over = false
  /** Since when a frame is on its way. */
  #sentAt = 0

  constructor(parts: StreamParts) {
    this.#parts = parts
    this.viewer = parts.viewer
    this.#seen = parts.since
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => {
          this.#ready = true
          this.tell()
        },
        cancel: () => this.#end(),
      },
      { highWaterMark: 0 },
    )
  }

  /** How long a frame has been on its way that the viewer does not take. */
  stalledMs(): number {
    return this.#ready || this.#sentAt === 0 ? 0 : performance.now() - this.#sentAt
  }

  /** Sends what is new, if the viewer takes it. */
  tell(): void {
    if (!this.#ready || this.#over) return
    const frame = this.#frame()
    if (frame) this.#send(frame)
  }

  ping(): void {
    const { accountViews, viewer, now } = this.#parts
    if (!this.#ready || this.#over) return
    const data = `{"at":${now()}${viewer.who === 'guest' ? '' : hostsIn(accountViews)}}`
    this.#send(encoder.encode(event('ping', data, `${accountViews.epoch}-${this.#seen}`)))
  }

  /** Ends it as a server does that goes away: the browser will come back. */
  close(): void {
    if (this.#over) return
    this.#end()
    this.#controller?.close()
  }

  /** Ends it with what the viewer has not seen yet, also if one frame is still on its way. */
  finish(): void {
    if (this.#over) return
    const frame = this.#frame()
    if (frame) this.#send(frame)
    this.close()
  }

  /** Ends it although the viewer takes nothing any more. */
  cut(): void {
    this.close()
    this.#parts.drop()
  }

  #end(): void {
    this.#over = true
    this.#parts.onEnd(this)
  }

  #send(frame: Uint8Array): void {
    this.#ready = false
    this.#sentAt = performance.now()
    this.#controller?.enqueue(frame)
  }

  #frame(): Uint8Array | undefined {
    const { accountViews, viewer } = this.#parts
    const since = this.#seen
    this.#seen = accountViews.batch
    const text = viewer.who === 'guest' ? this.#guestText(since) : sharedText(accountViews, since, this.#parts.now())
    if (this.#begun) return text
    this.#begun = true
    const hello = encoder.encode(`retry: ${retryMs}\n\n`)
    return text === undefined ? hello : joined(hello, text)
  }

  #guestText(since: number | undefined): Uint8Array | undefined {
    const { accountViews, viewer, now } = this.#parts
    const { session } = viewer
    const news = accountViews.news(since)
    const views = news.views.filter(({ account }) => account === session?.account)
    if (session && !session.spent && views.some(({ qr }) => qr !== undefined)) session.sawCode = true
    const json = views.map((view) => JSON.stringify(guestView(view, session?.spent !== false)))
    const gone = news.gone.filter((account) => account === session?.account)
    return textOf(accountViews, since, json, gone, `${now()}`)
  }
}

const joined = (one: Uint8Array, other: Uint8Array): Uint8Array => {
  const all = new Uint8Array(one.length + other.length)
  all.set(one)
  all.set(other, one.length)
  return all
}

function textOf(
  accountViews: AccountViews,
  since: number | undefined,
  json: readonly string[],
  gone: readonly string[],
  at: string,
): Uint8Array | undefined {
  if (since !== undefined && json.length === 0 && gone.length === 0) return undefined
  const accounts = `"accounts":[${json.join(',')}]`
  const id = `${accountViews.epoch}-${accountViews.batch}`
  return encoder.encode(
    since === undefined
      ? event('snapshot', `{${accounts},"at":${at}}`, id)
      : event('changes', `{${accounts},"gone":${JSON.stringify(gone)},"at":${at}}`, id),
  )
}

/** When each host was heard last, as the end of an event. */
function hostsIn(accountViews: AccountViews): string {
  const hosts = accountViews.hosts()
  return hosts.length === 0 ? '' : `,"hosts":${JSON.stringify(hosts)}`
}

function sharedText(accountViews: AccountViews, since: number | undefined, now: number): Uint8Array | undefined {
  const { json, gone } = accountViews.news(since)
  const at = `${now}${hostsIn(accountViews)}`
  // A snapshot bears the time of its making, and is as large as the fleet: made anew for each viewer, and let go.
  if (since === undefined) return textOf(accountViews, since, json, gone, at)
  const known = frames.get(accountViews) ?? new Map<string, Uint8Array>()
  frames.set(accountViews, known)
  const key = `${since}-${accountViews.batch}`
  const shared = known.get(key)
  if (shared) return shared
  const text = textOf(accountViews, since, json, gone, at)
  if (known.size > 8) known.clear()
  if (text) known.set(key, text)
  return text
}

/** The batch that a `Last-Event-ID` names, if it is of this accountViews and what came after can be told. */
export function batchOf(accountViews: AccountViews, id: string | undefined): number | undefined {
  const [, epoch, batch] = /^(.+)-(\d+)$/.exec(id ?? '') ?? []
  return epoch === accountViews.epoch && accountViews.knows(Number(batch)) ? Number(batch) : undefined
}
