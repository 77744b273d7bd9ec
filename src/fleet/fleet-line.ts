import type { RetriesAsked, Status } from '../../machines/index.ts'
import { createStableEmitter, type LineEvents } from '../baileys/emitter.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import type { DashboardLine } from '../dashboard/lines.ts'
import type { HistoryEntry } from '../history/entry.ts'
import { entriesOf } from '../history/kept-entries.ts'
import type { Lifeline, LineEventPayloads } from '../line/lifeline.ts'
import { Listeners } from '../line/listeners.ts'
import { LentUrls, type RelinkUrls } from '../line/relink-urls.ts'
import type { ConnectionActor } from '../line/supervisor.ts'
import type { QuarantineEntry } from '../stores/store.ts'
import type { FleetCommand } from './command.ts'
import type { Seat } from './coordination.ts'

/** What a line of the fleet needs of this host. */
export interface LineParts {
  readonly account: string
  readonly seat: () => Seat
  /** Status, mode and host as far as other hosts tell. */
  readonly told: () => { readonly status: Status; readonly mode: 'heal' | 'observe'; readonly host: string | undefined }
  readonly self: string
  /** On whichever host it is. */
  readonly command: (command: FleetCommand) => Promise<unknown>
  readonly report: (error: unknown, doing: string) => void
}

/** How much of the history of an account of another host is shown. */
const mostHistory = 500

/** An account of the fleet, wherever it runs: one object for its whole life, through all its moves. */
export class FleetLine<S extends BaileysSocket = BaileysSocket> implements DashboardLine {
  /** The name of the account. */
  readonly account: string
  /** Baileys' events while the account is on this host; from elsewhere none come. */
  readonly ev: LineEvents
  readonly #parts: LineParts
  readonly #urls: LentUrls
  readonly #emitter
  readonly #listeners: Listeners<LineEventPayloads<S>>
  #local: Lifeline<S> | undefined
  readonly #offs: (() => void)[] = []
  #turn = 0
  #shown = ''
  #lastQr = ''
  #history: readonly HistoryEntry[] = []
  #historyOf = ''
  #reading = false

  constructor(parts: LineParts) {
    this.account = parts.account
    this.#parts = parts
    this.#urls = new LentUrls(parts.account)
    this.#emitter = createStableEmitter((error, event) => parts.report(error, `calling a listener of ${event}`))
    this.ev = this.#emitter.ev
    this.#listeners = new Listeners(parts.report)
  }

  /** The supervisor itself, while the account is on this host. */
  get local(): Lifeline<S> | undefined {
    return this.#local
  }

  /** The host that has the account; undefined while none has. */
  get host(): string | undefined {
    return this.#local ? this.#parts.self : this.#parts.told().host
  }

  /** As `Lifeline.status`; of another host, as that host told it last. */
  get status(): Status {
    return this.#local?.status ?? this.#parts.told().status
  }

  /** As `Lifeline.mode`. */
  get mode(): 'heal' | 'observe' {
    return this.#local?.mode ?? this.#parts.told().mode
  }

  /** The live socket, while the account is on this host. */
  get socket(): S | undefined {
    return this.#local?.socket
  }

  /** As `Lifeline.retriesAsked`; undefined while the account is on another host. */
  get retriesAsked(): RetriesAsked | undefined {
    return this.#local?.retriesAsked
  }

  /** As `Lifeline.actor`; undefined while the account is on another host. */
  get actor(): ConnectionActor | undefined {
    return this.#local?.actor
  }

  /** `status` and `qr` from any host; `notice` and `socket` while the account is on this one. */
  on<E extends keyof LineEventPayloads<S>>(event: E, listener: (payload: LineEventPayloads<S>[E]) => void): () => void {
    return this.#listeners.on(event, listener)
  }

  /** What happened, newest last. Of an account of another host it is read again whenever its status has changed. */
  history(): readonly HistoryEntry[] {
    if (this.#local) return this.#local.history()
    if (this.#historyOf !== this.#shown) void this.#readHistory()
    return this.#history
  }

  async reconnect(): Promise<void> {
    await this.#parts.command({ type: 'reconnect' })
  }

  async prune(scope: 'failing' | 'all'): Promise<void> {
    await this.#parts.command({ type: 'prune', scope })
  }

  async relink(): Promise<void> {
    await this.#parts.command({ type: 'relink' })
  }

  async requestPairingCode(phone: string): Promise<string> {
    return String(await this.#parts.command({ type: 'pairing-code', phone }))
  }

  quarantined(): Promise<readonly QuarantineEntry[]> {
    return this.#local?.quarantined() ?? this.#parts.seat().auth.quarantined()
  }

  async restore(id: string, { force = false }: { readonly force?: boolean } = {}): Promise<readonly string[]> {
    const names = await this.#parts.command({ type: 'restore', id, force })
    return Array.isArray(names) ? names.map(String) : []
  }

  /** See `Lifeline.relinkUrl`: the dashboard that shows this line makes it. */
  relinkUrl({ expiresMs }: { readonly expiresMs?: number } = {}): string {
    return this.#urls.url(expiresMs)
  }

  /** @internal */
  lendRelinkUrls(urls: RelinkUrls): () => void {
    return this.#urls.lend(urls)
  }

  /** @internal The account is on this host from now on, or no more. */
  moved(local: Lifeline<S> | undefined): void {
    for (const off of this.#offs.splice(0)) off()
    this.#emitter.detach()
    this.#local = local
    if (local) {
      this.#emitter.attach(local.ev, ++this.#turn)
      this.#offs.push(
        local.on('status', () => this.look()),
        local.on('notice', (notice) => this.#listeners.emit('notice', notice)),
        local.on('socket', (socket) => this.#listeners.emit('socket', socket)),
      )
    }
    this.look()
  }

  /** @internal Tells what is new. */
  look(): void {
    const { status, host } = this
    const shown = JSON.stringify([status, host])
    if (shown === this.#shown) return
    this.#shown = shown
    this.#listeners.emit('status', status)
    const { qr } = status
    const code = qr ? `${qr.number} ${qr.expiresAt} ${qr.pairingCode}` : ''
    if (qr && code !== this.#lastQr) this.#listeners.emit('qr', qr)
    this.#lastQr = code
  }

  async #readHistory(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    const of = this.#shown
    try {
      this.#history = entriesOf(await this.#parts.seat().auth.readHistory(mostHistory))
    } catch (error) {
      this.#parts.report(error, 'reading the history')
    } finally {
      this.#historyOf = of
      this.#reading = false
    }
    this.#listeners.emit('status', this.status)
  }
}
