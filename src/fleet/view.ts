import type { Status } from '../../machines/index.ts'
import { type AccountReport, ownerless, reportOf } from './account-report.ts'
import { isBlock } from './block.ts'
import type { Coordination, KnownAccount, SeenHost } from './coordination.ts'

/** The whole fleet as it was told last. */
export class FleetView {
  readonly #coordination: Coordination
  #accounts = new Map<string, KnownAccount>()
  #holders = new Map<string, string>()
  #told = new Map<string, AccountReport>()
  #hosts: readonly SeenHost[] = []
  /** When the hosts were asked for, by the clock that no one sets. */
  #askedAt = 0

  constructor(coordination: Coordination) {
    this.#coordination = coordination
  }

  get accounts(): readonly KnownAccount[] {
    return [...this.#accounts.values()]
  }

  get hosts(): readonly SeenHost[] {
    const since = performance.now() - this.#askedAt
    return this.#hosts.map((seen) => ({ ...seen, seenAgoMs: seen.seenAgoMs + since }))
  }

  /** Rejects while the store cannot be reached; what was told before stands. */
  async refresh(): Promise<void> {
    const askedAt = performance.now()
    const [accounts, holders, told, hosts] = await Promise.all([
      this.#coordination.accounts(),
      this.#coordination.holders(),
      this.#coordination.statuses(),
      this.#coordination.hosts(),
    ])
    this.#accounts = new Map(accounts.map((known) => [known.account, known]))
    this.#holders = new Map(holders.map(({ account, host }) => [account, host]))
    this.#told = new Map(
      told.flatMap(({ account, content }) => {
        const one = reportOf(content)
        return one ? [[account, one]] : []
      }),
    )
    this.#hosts = hosts
    this.#askedAt = askedAt
  }

  hostOf(account: string): string | undefined {
    return this.#holders.get(account)
  }

  /** What a person has to see to keeps the account from being claimed. */
  isBlocked(account: string): boolean {
    return isBlock(this.#accounts.get(account)?.details)
  }

  told(account: string): {
    readonly status: Status
    readonly mode: 'heal' | 'observe'
    readonly host: string | undefined
  } {
    const host = this.#holders.get(account)
    const told = this.#told.get(account)
    const known = this.#accounts.get(account)
    const mode = told?.mode ?? 'heal'
    if (host !== undefined && told) return { status: told.status, mode, host }
    const running = known?.desired !== 'stopped'
    return { status: ownerless(account, told, this.isBlocked(account), running), mode, host }
  }
}
