import { closesAt, countedFrom } from '../../../machines/index.ts'
import type { HostClock } from './host-clock.ts'
import type { Held } from './lease.ts'
import type { LeaseTiming } from './timing.ts'

/**
 * Why a lease is no longer ours: another owner has it, its time is over, it could not be renewed in time, or the
 * database went back to a state of before.
 */
export type LossReason = 'taken' | 'ended' | 'unreachable' | 'went-back'

export interface KeptLease extends Held {
  readonly onLost: (reason: LossReason) => void
}

export interface LeaseKeeperParts {
  readonly timing: LeaseTiming
  readonly clock: HostClock
  /** Those that were renewed. */
  readonly renew: (held: readonly Held[]) => Promise<ReadonlySet<string>>
  /** Whether one that was not renewed is still ours: a write of it may have been under way. */
  readonly look: (held: Held) => Promise<'ours' | Exclude<LossReason, 'unreachable'>>
}

/** A step of the wall clock by this much against the other one is looked into. */
const sleepMs = 1_000
const longestTickMs = 1_000

/**
 * Keeps the leases of a process alive, all with one statement, and knows when one is over: as soon as the database says
 * so, or by the host's own clock, counted from before the last renewal that was answered was sent. A database that
 * cannot be reached is no loss until then.
 */
export class LeaseKeeper {
  readonly #parts: LeaseKeeperParts
  readonly #kept = new Map<string, KeptLease & { goodFrom: number }>()
  #ticks: { stop(): void } | undefined
  #renewing: Promise<void> | undefined
  #renewedAt = 0
  #drift = 0

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts
  }

  /** `goodFrom` is the host's clock before the claim was sent. */
  keep(lease: KeptLease, goodFrom: number): void {
    const { clock, timing } = this.#parts
    this.#kept.set(lease.account, { ...lease, goodFrom })
    if (this.#ticks) return
    this.#renewedAt = clock.now()
    this.#drift = clock.wall() - clock.now()
    this.#ticks = clock.every(Math.min(longestTickMs, timing.renewMs / 2, Math.max(10, timing.marginMs / 2)), () =>
      this.#tick(),
    )
  }

  /** It was given back, or is known to be lost. */
  drop(account: string): void {
    this.#kept.delete(account)
    if (this.#kept.size > 0) return
    this.#ticks?.stop()
    this.#ticks = undefined
  }

  /**
   * How long the owner may still keep its socket, in milliseconds, if nothing more is heard from the database; 0 if it
   * is not ours.
   */
  leftMs(account: string): number {
    const lease = this.#kept.get(account)
    return lease ? Math.max(0, this.#endOf(lease) - this.#parts.clock.now()) : 0
  }

  /** Resolves once a renewal of all leases was answered or failed. */
  renewNow(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  #tick(): void {
    const { clock, timing } = this.#parts
    const now = clock.now()
    for (const lease of [...this.#kept.values()]) if (now >= this.#endOf(lease)) this.#lose(lease, 'unreachable')
    if (this.#kept.size === 0) return
    // The host may have slept while its own clock stood still: the database knows how long.
    const drift = clock.wall() - now
    const slept = drift - this.#drift > sleepMs
    this.#drift = drift
    if (slept || now - this.#renewedAt >= timing.renewMs) void this.renewNow()
  }

  async #renew(): Promise<void> {
    const { clock, renew } = this.#parts
    const asked = [...this.#kept.values()]
    const sentAt = clock.now()
    try {
      const renewed = await renew(asked)
      this.#renewedAt = sentAt
      for (const lease of asked) if (renewed.has(lease.account)) lease.goodFrom = countedFrom(lease.goodFrom, sentAt)
      for (const lease of asked) if (!renewed.has(lease.account)) await this.#lookAfter(lease)
    } catch {
      // The store being unreachable is not loss of ownership; the next tick asks again, until the time is over.
    }
  }

  async #lookAfter(lease: KeptLease): Promise<void> {
    const found = await this.#parts.look(lease)
    if (found === 'ours') this.#renewedAt = Number.NEGATIVE_INFINITY
    else this.#lose(lease, found)
  }

  #lose(lease: KeptLease, reason: LossReason): void {
    if (this.#kept.get(lease.account)?.epoch !== lease.epoch) return
    this.drop(lease.account)
    lease.onLost(reason)
  }

  #endOf({ goodFrom }: { readonly goodFrom: number }): number {
    return closesAt(goodFrom, this.#parts.timing)
  }
}
