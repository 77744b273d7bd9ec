import { EventEmitter } from 'node:events'
import type { DashboardLine, LineSource } from '../../src/dashboard/index.ts'
import type { HistoryEntry, QuarantineEntry, StateName, Status } from '../../src/index.ts'
import { LifelineError } from '../../src/index.ts'
import { LentUrls, type RelinkUrls } from '../../src/line/relink-urls.ts'

/** An account on which happens what the test says. */
export class ScriptedAccount implements DashboardLine {
  readonly account: string
  readonly mode = 'heal'
  readonly actor = undefined
  readonly ev: DashboardLine['ev']
  status: Status
  ownFolder: string | undefined
  readonly #urls: LentUrls
  /** What was asked of it. */
  readonly asked: string[] = []
  readonly #events = new EventEmitter()
  readonly #history: HistoryEntry[] = []

  constructor(account = 'a', state: StateName = 'healthy') {
    this.account = account
    this.#urls = new LentUrls(account)
    this.ev = new EventEmitter() as unknown as DashboardLine['ev']
    this.status = {
      account,
      state,
      since: Date.now(),
      message: 'It is so.',
      userAction: 'none',
      attempt: 0,
      generation: 1,
    }
  }

  on: DashboardLine['on'] = (event, listener) => {
    this.#events.on(event, listener)
    return () => this.#events.off(event, listener)
  }

  get listeners(): number {
    return this.#events.listenerCount('status') + this.#events.listenerCount('notice')
  }

  become(state: StateName, more: Partial<Status> = {}): void {
    const { qr: _, ...before } = this.status
    const from = before.state
    this.#history.push({ type: 'transition', at: Date.now(), from, to: state, event: 'scripted', generation: 1 })
    this.status = { ...before, state, since: Date.now(), ...more }
    this.#events.emit('status', this.status)
  }

  showCode(code: string, number = 1, expiresAt = Date.now() + 60_000): void {
    this.become('awaitingQr', { qr: { code, number, expiresAt }, userAction: 'scan-code' })
  }

  lendRelinkUrls(urls: RelinkUrls): () => void {
    return this.#urls.lend(urls)
  }

  relinkUrl(expiresMs: number | undefined): string {
    return this.#urls.url(expiresMs)
  }

  history(): readonly HistoryEntry[] {
    return this.#history
  }

  async reconnect(): Promise<void> {
    this.asked.push('reconnect')
  }

  async prune(scope: 'failing' | 'all'): Promise<void> {
    this.asked.push(`prune ${scope}`)
    if (scope === 'all') throw new LifelineError('REFUSED', 'Not possible in this state: connected.', 'Call start().')
  }

  async relink(): Promise<void> {
    this.asked.push('relink')
  }

  async requestPairingCode(phone: string): Promise<string> {
    this.asked.push(`pairing code for ${phone}`)
    return 'ABCD1234'
  }

  async quarantined(): Promise<readonly QuarantineEntry[]> {
    const files = [{ name: 'session-1.json', bytes: 10, sha256: '' }]
    return [1, 2].map((at) => ({ id: `entry-${at}`, at, reason: 'it was torn', files }))
  }

  async restore(id: string, { force = false }: { readonly force?: boolean } = {}): Promise<readonly string[]> {
    this.asked.push(`restore ${id}${force ? ' by force' : ''}`)
    return ['session-1.json']
  }
}

/** Lines that come and go. */
export class ScriptedSource implements LineSource {
  readonly #lines: DashboardLine[]
  readonly #events = new EventEmitter()

  constructor(...lines: DashboardLine[]) {
    this.#lines = lines
  }

  lines(): Iterable<DashboardLine> {
    return this.#lines
  }

  on(event: 'change', listener: () => void): () => void {
    this.#events.on(event, listener)
    return () => this.#events.off(event, listener)
  }

  get listeners(): number {
    return this.#events.listenerCount('change')
  }

  add(line: DashboardLine): void {
    this.#lines.push(line)
    this.#events.emit('change')
  }

  remove(account: string): void {
    this.#lines.splice(
      this.#lines.findIndex((line) => line.account === account),
      1,
    )
    this.#events.emit('change')
  }
}
