import type { Status } from '../../machines/index.ts'
import { isOpen } from '../../machines/open-states.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import { createLifeline } from '../line/create-lifeline.ts'
import type { Lifeline } from '../line/lifeline.ts'
import type { ConnectGate } from './connect-gate.ts'
import type { LossReason, Seat } from './coordination.ts'
import type { CheckedFleetOptions } from './options.ts'

interface TenancyParts<S extends BaileysSocket> {
  readonly account: string
  readonly options: CheckedFleetOptions<S>
  readonly gate: ConnectGate
  readonly onStatus: (status: Status) => void
  /** The account is another's, or may be soon. The line is being stopped already. */
  readonly onLost: (reason: LossReason) => void
}

const underWay: ReadonlySet<Status['state']> = new Set(['stopped', 'preparing', 'connecting'])

/** One account on this host, from its claim to its release. */
export class Tenancy<S extends BaileysSocket> {
  readonly account: string
  readonly line: Lifeline<S>
  readonly seat: Seat
  /** When something last came in or went out, by this host's own clock; what is idle is moved first. */
  activeAt = performance.now()
  /** It connected, or is known not to for now. */
  settled = false
  readonly #gate: ConnectGate
  readonly #onLost: (reason: LossReason) => void
  readonly #offs: readonly (() => void)[]
  #claimed = false
  #conflictAt = 0
  #ending: Promise<void> | undefined

  constructor({ account, options, gate, onStatus, onLost }: TenancyParts<S>) {
    this.account = account
    this.#gate = gate
    this.#onLost = onLost
    this.seat = options.coordination.seat(account)
    const connect = options.connect
    this.line = createLifeline<S>({
      ...options.line,
      account,
      auth: this.seat.auth,
      connect: async (given) => {
        await gate.enter(account)
        return connect({ ...given, account })
      },
    })
    this.#offs = [
      this.seat.onLost((reason) => this.#lost(reason)),
      this.line.on('status', (status) => {
        this.#follow(status)
        onStatus(status)
      }),
      this.line.ev.process((events) => {
        if ('messages.upsert' in events || 'messages.update' in events) this.activeAt = performance.now()
      }),
    ]
  }

  get ending(): boolean {
    return this.#ending !== undefined
  }

  get online(): boolean {
    return isOpen(this.line.status.state)
  }

  /** Claims the account and begins. Rejects, with nothing changed, if another has it. */
  async start(): Promise<void> {
    await this.line.start()
    this.#claimed = true
  }

  /** Closes the socket, then gives the account back; with `heir`, to that host. Never rejects. */
  end(heir?: string): Promise<void> {
    if (heir !== undefined && !this.#ending) this.seat.handTo(heir)
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    this.#gate.leave(this.account)
    await this.line.stop()
    for (const off of this.#offs) off()
  }

  #lost(reason: LossReason): void {
    void this.end()
    this.#onLost(reason)
  }

  #follow(status: Status): void {
    const { state, lastClose, qr } = status
    if (!underWay.has(state)) {
      this.settled = true
      if (state !== 'awaitingQr' || qr !== undefined) this.#gate.leave(this.account)
    }
    if (this.#isRefused(status)) void this.#askWhose()
    if (lastClose?.cause.kind !== 'replaced' || lastClose.at === this.#conflictAt) return
    this.#conflictAt = lastClose.at
    void this.#askWhose()
  }

  /** The line found another owner by itself, by its lock before any 440 came; while it starts, `start` tells that. */
  #isRefused({ state, userAction }: Status): boolean {
    return state === 'blocked' && userAction === 'check-other-client' && this.#claimed
  }

  /**
   * After a 440, or where the line may not have its account: if it is another host's there is nothing to fight for. A
   * store that cannot be asked decides nothing; the lease's own end does.
   */
  async #askWhose(): Promise<void> {
    const isOwner = await this.seat.auth.owned().catch(() => true)
    if (!isOwner && !this.#ending) this.#lost('taken')
  }
}
