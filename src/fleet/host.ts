import type { Status } from '../../machines/index.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import { LockedError } from '../errors/errors.ts'
import { blockOf } from './block.ts'
import { ConnectGate } from './connect-gate.ts'
import type { HostCard, LossReason, SeenHost, Survey } from './coordination.ts'
import { Online } from './online.ts'
import type { CheckedFleetOptions } from './options.ts'
import { fairShare, moveFrom, roomOf, spread, type Taker } from './plan.ts'
import { Teller } from './teller.ts'
import { Tenancy } from './tenancy.ts'

export interface HostParts<S extends BaileysSocket> {
  readonly options: CheckedFleetOptions<S>
  readonly onClaimed: (tenancy: Tenancy<S>) => void
  readonly onReleased: (account: string, why: ReleaseReason) => void
  readonly onStatus: (account: string, status: Status) => void
  /** The store was reached, or was not. */
  readonly onReach: (error: unknown) => void
  readonly report: (error: unknown, doing: string) => void
}

/** Why an account is no longer on this host: given away, not to run any more, or lost. */
export type ReleaseReason = 'moved' | 'stopped' | LossReason

/** Accounts that leave together when a host drains. */
const drainedTogether = 50

/** What one host does: claims what is free, up to its share, gives away what is too much, and leaves in order. */
export class FleetHost<S extends BaileysSocket> {
  readonly tenancies = new Map<string, Tenancy<S>>()
  readonly gate: ConnectGate
  readonly teller: Teller
  readonly #parts: HostParts<S>
  readonly #blocked = new Set<string>()
  readonly #refused = new Map<string, number>()
  readonly #online: Online
  #moving: { readonly account: string; readonly until: number } | undefined
  #announcedAt = Number.NEGATIVE_INFINITY
  #planning: Promise<void> | undefined
  #again = false
  #leaving = false
  /** What was seen of the fleet last, until when nothing of it changes unheard, and the hosts that were there. */
  #seen: { readonly survey: Survey; readonly until: number; readonly there: string } | undefined
  #changes = 0

  constructor(parts: HostParts<S>) {
    this.#parts = parts
    const { pace, coordination } = parts.options
    this.gate = new ConnectGate(pace)
    this.teller = new Teller(coordination, parts.onReach)
    this.#online = new Online(pace.offlineMs)
  }

  /** Something may have changed: looks at the fleet and does what is due. Never rejects. */
  plan(): Promise<void> {
    this.#changed()
    return this.look()
  }

  /** Does what is due; looks at the whole fleet only if something may have changed since. Never rejects. */
  look(): Promise<void> {
    this.#again = true
    this.#planning ??= this.#plan().finally(() => {
      this.#planning = undefined
    })
    return this.#planning
  }

  /** Takes part from now on, also after it has left. */
  async enter(): Promise<void> {
    this.#leaving = false
    this.#changed()
    await this.announce()
  }

  async announce(): Promise<void> {
    await this.#parts.options.coordination.announce(this.#card())
    this.#announcedAt = performance.now()
  }

  /** A person has seen to what blocked the account. */
  unblock(account: string): void {
    if (this.#blocked.delete(account)) this.teller.desire(account, 'running', null)
  }

  async end(account: string, why: ReleaseReason, heir?: string): Promise<void> {
    const tenancy = this.tenancies.get(account)
    if (!tenancy) return
    await tenancy.end(heir)
    if (this.tenancies.get(account) === tenancy) {
      this.#changed()
      this.tenancies.delete(account)
      this.#blocked.delete(account)
      this.#parts.onReleased(account, why)
    }
  }

  /** Hands every account to another host, as evenly as it can be, and leaves. Never rejects. */
  async leave(): Promise<void> {
    this.#leaving = true
    const { coordination } = this.#parts.options
    await this.#planning
    const accounts = [...this.tenancies.keys()]
    const heirs = await this.#heirs(accounts.filter((account) => !this.#blocked.has(account)))
    for (let at = 0; at < accounts.length; at += drainedTogether)
      await Promise.all(
        accounts.slice(at, at + drainedTogether).map((account) => this.end(account, 'moved', heirs.get(account))),
      )
    this.gate.end()
    await this.teller.flush()
    await coordination.leave().catch(() => undefined)
  }

  async #heirs(accounts: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { coordination } = this.#parts.options
    try {
      await this.announce()
      const [survey, hosts] = await Promise.all([coordination.survey(0), coordination.hosts()])
      const others = this.#takers(survey, hosts).filter(({ host }) => host !== coordination.host)
      return spread(accounts, others)
    } catch {
      // Nobody can be asked: the accounts are simply given back, or end by themselves.
      return new Map()
    }
  }

  async #plan(): Promise<void> {
    while (this.#again && !this.#leaving) {
      this.#again = false
      try {
        await this.#step()
        this.#parts.onReach(undefined)
      } catch (error) {
        this.#parts.onReach(error)
      }
    }
  }

  async #step(): Promise<void> {
    const { coordination, pace } = this.#parts.options
    this.#online.look([...this.tenancies.values()].map(({ line }) => line.status))
    const hosts = await coordination.hosts()
    if (performance.now() - this.#announcedAt >= pace.announceMs) await this.announce()
    void this.teller.flush()
    const survey = await this.#survey(hosts)
    for (const account of this.tenancies.keys())
      if (survey.stopped.has(account) && !this.#blocked.has(account)) void this.end(account, 'stopped')
    const takers = this.#takers(survey, hosts)
    await this.#claim(survey, takers)
    await this.#move(takers)
  }

  /**
   * Reads every account of the fleet, so only if one may be free, is on its way here, or the hosts are others than they
   * were.
   */
  async #survey(hosts: readonly SeenHost[]): Promise<Survey> {
    const { coordination, pace } = this.#parts.options
    const there = JSON.stringify([
      this.#online.lost,
      ...hosts.map(({ host, seenAgoMs, has, most, leaving, offline, online = 0 }) => {
        return [host, seenAgoMs < pace.aliveMs, has, most, leaving, offline, online > 0]
      }),
    ])
    const seen = this.#seen
    if (seen && seen.there === there && performance.now() < seen.until) return seen.survey
    const changes = this.#changes
    const askedAt = performance.now()
    const survey = await coordination.survey(2 * pace.connecting + 50)
    const { free, quietMs = 0 } = survey
    // What changed meanwhile may not be in it.
    if (changes === this.#changes) this.#seen = { survey, there, until: free.length > 0 ? askedAt : askedAt + quietMs }
    return survey
  }

  /** Who has what is other than it was seen last; the other hosts are told with the next look. */
  #changed(): void {
    this.#seen = undefined
    this.#changes += 1
    this.#announcedAt = Number.NEGATIVE_INFINITY
  }

  /**
   * Hosts that count: this one, and others that were seen lately, are not about to leave, and get through to WhatsApp.
   */
  #takers({ owned }: Survey, hosts: readonly SeenHost[]): readonly Taker[] {
    const { coordination, pace, most = Number.POSITIVE_INFINITY } = this.#parts.options
    const others = hosts.filter(
      ({ host, seenAgoMs, leaving }) => host !== coordination.host && seenAgoMs < pace.aliveMs && leaving !== true,
    )
    const someOnline = others.some(({ offline, online = 0 }) => offline !== true && online > 0)
    // Where nobody gets through, it is WhatsApp that is away, and no host is to blame.
    const there = others.filter(({ offline }) => offline !== true || !(someOnline || this.#isOnline()))
    const taker = (host: string, limit = Number.POSITIVE_INFINITY): Taker => {
      return { host, has: owned.get(host) ?? 0, most: limit }
    }
    const self = this.#leaving ? [] : [taker(coordination.host, this.#online.lost && someOnline ? 0 : most)]
    return [...self, ...there.map((card) => taker(card.host, card.most))]
  }

  async #claim(survey: Survey, takers: readonly Taker[]): Promise<void> {
    const { coordination, pace } = this.#parts.options
    const self = takers.find(({ host }) => host === coordination.host)
    if (!self) return
    const now = performance.now()
    const claimable = survey.free.filter(
      ({ account }) => !this.tenancies.has(account) && (this.#refused.get(account) ?? 0) <= now,
    )
    const unsettled = [...this.tenancies.values()].filter(({ settled }) => !settled).length
    const share = fairShare(survey.wanted, takers)
    const room = Math.min(roomOf(self, share), Math.max(0, pace.connecting - unsettled))
    const handed = claimable.filter(({ handedOver }) => handedOver)
    const others = claimable.filter(({ handedOver }) => !handedOver).slice(0, Math.max(0, room - handed.length))
    await Promise.all([...handed, ...others].map(({ account }) => this.#begin(account)))
  }

  async #begin(account: string): Promise<void> {
    const { options, onClaimed, report, onStatus } = this.#parts
    const { pace } = options
    let tenancy: Tenancy<S> | undefined
    try {
      tenancy = new Tenancy<S>({
        account,
        options,
        gate: this.gate,
        onStatus: (status) => {
          this.#follow(account, status)
          onStatus(account, status)
        },
        onLost: (why) => void this.end(account, why).then(() => this.plan()),
      })
      this.tenancies.set(account, tenancy)
      this.#changed()
      onClaimed(tenancy)
      await tenancy.start()
    } catch (error) {
      this.#refused.set(account, performance.now() + pace.refusedMs)
      if (tenancy) await this.end(account, 'taken')
      // That another one is faster, or has the folder, is in the nature of things.
      if (!(error instanceof LockedError)) report(error, `claiming the account ${account}`)
    }
  }

  #follow(account: string, status: Status): void {
    const tenancy = this.tenancies.get(account)
    const epoch = tenancy?.seat.epoch
    if (!tenancy || epoch === undefined || tenancy.ending) return
    this.teller.tell(account, epoch, { status, mode: tenancy.line.mode })
    const block = blockOf(status)
    if (block && !this.#blocked.has(account)) {
      this.#blocked.add(account)
      this.teller.desire(account, 'stopped', block)
    } else if (!block && this.#blocked.has(account) && tenancy.online) this.unblock(account)
    if (tenancy.settled) this.#soon()
  }

  /** A place at the gate may be free. */
  #soon(): void {
    if (!this.#leaving) void this.look()
  }

  async #move(takers: readonly Taker[]): Promise<void> {
    const { coordination, pace } = this.#parts.options
    const moving = this.#moving
    if (moving) {
      const arrived = performance.now() >= moving.until || (await coordination.holders(moving.account)).length > 0
      if (!arrived) return
      this.#moving = undefined
      this.#changed()
    }
    const target = moveFrom(coordination.host, takers)
    if (target === undefined) return
    const [idlest] = [...this.tenancies.values()]
      .filter(({ settled, ending, account }) => settled && !ending && !this.#blocked.has(account))
      // A person may be about to scan.
      .filter(({ line }) => line.status.qr === undefined && line.status.state !== 'pruningSessions')
      .sort((a, b) => a.activeAt - b.activeAt)
    if (!idlest) return
    this.#moving = { account: idlest.account, until: performance.now() + pace.refusedMs }
    this.#refused.set(idlest.account, performance.now() + pace.refusedMs)
    await this.end(idlest.account, 'moved', target)
  }

  #isOnline(): boolean {
    return [...this.tenancies.values()].some(({ online }) => online)
  }

  #card(): HostCard {
    const { most } = this.#parts.options
    const online = [...this.tenancies.values()].filter((tenancy) => tenancy.online).length
    return {
      has: this.tenancies.size,
      online,
      ...(most === undefined ? {} : { most }),
      ...(this.#leaving ? { leaving: true } : {}),
      ...(this.#online.lost ? { offline: true } : {}),
    }
  }
}
