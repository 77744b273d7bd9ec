import { randomBytes } from 'node:crypto'
import { accountView } from './account-view.ts'
import type { DashboardLine, LineSource } from './lines.ts'
import { Traffic } from './traffic.ts'
import type { AccountView, HostView } from './wire.ts'

/** Changes are told together, at most once in this time. */
const batchMs = 50
/**
 * Accounts that went away are remembered, so that a viewer that was cut off hears of it; past that number it starts
 * anew.
 */
const mostGone = 1_000
/** setTimeout takes no more. */
const longestTimerMs = 2 ** 31 - 1

interface Entry {
  readonly line: DashboardLine
  readonly traffic: Traffic
  readonly end: () => void
  view: AccountView
  json: string
  /** When this code came on show. */
  shownAt: number
  /** The number of the batch that changed it last. */
  changed: number
}

/** The account as it is now, for the batch with this number. */
function look(entry: Entry, now: number, batch: number): void {
  const { qr } = entry.line.status
  if (qr !== undefined && qr.number !== entry.view.qr?.number) entry.shownAt = now
  const view = accountView(entry.line, entry.shownAt, now)
  const json = JSON.stringify(view)
  if (json !== entry.json) Object.assign(entry, { view, json, changed: batch })
}

/** What is new since a batch. */
export interface News {
  readonly views: readonly AccountView[]
  /** The views as JSON, in the same order. */
  readonly json: readonly string[]
  readonly gone: readonly string[]
}

/**
 * Keeps the view of every account as it is now, and the number of the batch that changed it last. A viewer needs no
 * queue: whatever it has missed is what changed since the last batch that it got, each account once.
 */
export class AccountViews {
  /** Batch numbers of another process mean nothing here. */
  readonly epoch = randomBytes(6).toString('base64url')
  readonly #source: LineSource
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  readonly #dirty = new Set<string>()
  readonly #listeners = new Set<() => void>()
  readonly #off: () => void
  #gone: { readonly account: string; readonly at: number }[] = []
  #forgotten = 0
  #batch = 0
  #toldAt = 0
  #timer: NodeJS.Timeout | undefined
  #expiry: NodeJS.Timeout | undefined

  constructor(source: LineSource, now: () => number) {
    this.#source = source
    this.#now = now
    this.#off = source.on('change', () => this.#follow())
    this.#follow()
  }

  get batch(): number {
    return this.#batch
  }

  lines(): readonly DashboardLine[] {
    return [...this.#entries.values()].map(({ line }) => line)
  }

  /** Empty where there are not several. */
  hosts(): readonly HostView[] {
    const hosts = [...(this.#source.hosts?.() ?? [])]
    const now = this.#now()
    return hosts.length < 2 ? [] : hosts.map(({ host, seenAgoMs }) => ({ host, heardAt: Math.round(now - seenAgoMs) }))
  }

  line(account: string): DashboardLine | undefined {
    return this.#entries.get(account)?.line
  }

  view(account: string): AccountView | undefined {
    this.#expire()
    return this.#entries.get(account)?.view
  }

  traffic(account: string): Traffic | undefined {
    return this.#entries.get(account)?.traffic
  }

  /** Calls back after each batch. */
  onBatch(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether what came after this batch can be told. */
  knows(batch: number): boolean {
    return Number.isInteger(batch) && batch >= this.#forgotten && batch <= this.#batch
  }

  /** What changed after this batch; everything, without one. */
  news(since?: number): News {
    this.#expire()
    const changed = [...this.#entries.values()].filter((entry) => since === undefined || entry.changed > since)
    return {
      views: changed.map(({ view }) => view),
      json: changed.map(({ json }) => json),
      gone: since === undefined ? [] : this.#gone.filter(({ at }) => at > since).map(({ account }) => account),
    }
  }

  /** What is to be told in a moment, now. */
  flush(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#tell()
  }

  close(): void {
    this.#off()
    clearTimeout(this.#timer)
    clearTimeout(this.#expiry)
    for (const { end } of this.#entries.values()) end()
    this.#entries.clear()
    this.#listeners.clear()
  }

  #follow(): void {
    const lines = new Map([...this.#source.lines()].map((line) => [line.account, line]))
    for (const [account, { line, end }] of this.#entries) {
      if (lines.get(account) === line) continue
      end()
      this.#entries.delete(account)
      if (!lines.has(account)) this.#gone.push({ account, at: this.#batch + 1 })
    }
    for (const [account, line] of lines) {
      if (!this.#entries.has(account)) this.#entries.set(account, this.#entry(line))
      this.#gone = this.#gone.filter((gone) => gone.account !== account)
    }
    for (const { at } of this.#gone.splice(0, this.#gone.length - mostGone)) this.#forgotten = at
    this.#soon()
  }

  #entry(line: DashboardLine): Entry {
    const { account } = line
    const mark = () => this.#mark(account)
    let actor: DashboardLine['actor']
    let watching: { unsubscribe(): void } | undefined
    // Steps within a state move the light on the chart and tell no status. After a crash of the statechart there is
    // another actor.
    const watch = () => {
      if (line.actor !== actor) {
        watching?.unsubscribe()
        actor = line.actor
        watching = actor?.subscribe({ next: mark, error: mark })
      }
      mark()
    }
    watch()
    const offs = [line.on('status', watch), line.on('notice', mark)]
    const traffic = new Traffic(line, this.#now)
    const end = () => {
      traffic.end()
      watching?.unsubscribe()
      for (const off of offs) off()
    }
    const now = this.#now()
    const view = accountView(line, now, now)
    return { line, traffic, end, view, json: JSON.stringify(view), shownAt: now, changed: this.#batch + 1 }
  }

  #mark(account: string): void {
    this.#dirty.add(account)
    this.#soon()
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), Math.max(0, this.#toldAt + batchMs - performance.now())).unref()
  }

  #tell(): void {
    this.#timer = undefined
    this.#toldAt = performance.now()
    this.#batch += 1
    this.#update()
    for (const listener of [...this.#listeners]) listener()
  }

  /** Looks again at the accounts of which something was heard. */
  #update(): void {
    const now = this.#now()
    for (const account of this.#dirty) {
      const entry = this.#entries.get(account)
      if (entry) look(entry, now, this.#batch)
    }
    this.#dirty.clear()
    this.#untilExpiry(now)
  }

  /** No status tells that a code is past its time, so the clock does. */
  #untilExpiry(now: number): void {
    clearTimeout(this.#expiry)
    const next = [...this.#entries.values()].reduce(
      (first, { view }) => Math.min(first, view.qr?.expiresAt ?? Number.POSITIVE_INFINITY),
      Number.POSITIVE_INFINITY,
    )
    if (next === Number.POSITIVE_INFINITY) return
    this.#expiry = setTimeout(
      () => {
        this.#expire()
        // A timer is a millisecond early at times, and as early as the clock was set back.
        this.#untilExpiry(this.#now())
      },
      Math.min(longestTimerMs, Math.max(0, next - now)),
    ).unref()
  }

  /**
   * Takes away the codes that are over, by the clock or since their account shows none any more, before anybody is
   * shown them once more.
   */
  #expire(): void {
    const now = this.#now()
    let expired = false
    for (const entry of this.#entries.values()) {
      const { qr } = entry.view
      if (qr === undefined || (qr.expiresAt > now && entry.line.status.qr !== undefined)) continue
      look(entry, now, this.#batch + 1)
      expired = true
    }
    if (expired) this.#soon()
  }
}
