import type { BaileysSocket } from '../baileys/socket.ts'
import type { LineSource } from '../dashboard/lines.ts'
import { LifelineError } from '../errors/errors.ts'
import { wordsOf } from '../errors/thrown.ts'
import { Listeners } from '../line/listeners.ts'
import { accountName } from '../stores/account-name.ts'
import { done, type FleetCommand } from './command.ts'
import { CommandDesk } from './command-desk.ts'
import type { Seat, SeenHost, Wake } from './coordination.ts'
import type { FleetEvents, FleetStoreStatus } from './fleet-events.ts'
import { FleetLine } from './fleet-line.ts'
import { FleetHost } from './host.ts'
import { type CheckedFleetOptions, checkFleetOptions, type FleetOptions } from './options.ts'
import { FleetView } from './view.ts'

/** Many accounts, over one host or several. */
export interface Fleet<S extends BaileysSocket = BaileysSocket> extends LineSource {
  /** The name of this host. */
  readonly hostId: string
  /** Accounts that this host has now. */
  readonly own: readonly FleetLine<S>[]
  /** How the store fares that the hosts share. */
  readonly store: FleetStoreStatus
  /** Takes part from now on. Rejects with a `LifelineError` if the store cannot be used. */
  start(): Promise<void>
  /** Hands every account to the other hosts and leaves; within about five seconds. Never rejects. */
  stop(): Promise<void>
  /** An account, whichever host has it; the same object each time. */
  line(account: string): FleetLine<S>
  /** Every account that is known. */
  lines(): readonly FleetLine<S>[]
  /** The hosts, and how long ago each showed that it lives; this one does now. */
  hosts(): readonly SeenHost[]
  /**
   * From now on the account is to run, on some host; also after a `remove`, or when a person has seen to what blocked
   * it.
   */
  add(account: string): Promise<void>
  /** The account is to run no more. What is stored stays. */
  remove(account: string): Promise<void>
  on<E extends keyof FleetEvents<S>>(event: E, listener: (payload: FleetEvents<S>[E]) => void): () => void
}

/** Makes this host's part of a fleet. Throws `OptionsError` on a wrong option; starts nothing yet. */
export function createFleet<S extends BaileysSocket>(options: FleetOptions<S>): Fleet<S> {
  return new HostedFleet(checkFleetOptions(options))
}

class HostedFleet<S extends BaileysSocket> implements Fleet<S> {
  readonly hostId: string
  readonly #options: CheckedFleetOptions<S>
  readonly #view: FleetView
  readonly #host: FleetHost<S>
  readonly #desk: CommandDesk
  readonly #listeners: Listeners<FleetEvents<S>>
  readonly #lines = new Map<string, FleetLine<S>>()
  readonly #seats = new Map<string, Seat>()
  #store: Omit<FleetStoreStatus, 'untold'> = { reachable: true, since: Date.now(), message: 'Not asked yet.' }
  #unlisten: () => void = () => undefined
  #timer: NodeJS.Timeout | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #watched = false
  #refreshing: Promise<void> | undefined
  readonly #drain = (signal: NodeJS.Signals): void => {
    void this.stop().finally(() => {
      // Whoever else listens decides for himself how the process ends.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
    })
  }

  constructor(options: CheckedFleetOptions<S>) {
    this.#options = options
    const { coordination, pace } = options
    this.hostId = coordination.host
    this.#view = new FleetView(coordination)
    const report = (error: unknown, doing: string) => this.#report(error, doing)
    coordination.onTampered?.((words) => report(new Error(words), 'reading what hosts tell each other'))
    this.#listeners = new Listeners(report)
    this.#host = new FleetHost<S>({
      options,
      report,
      onReach: (error) => this.#reached(error),
      onStatus: () => undefined,
      onClaimed: ({ account, line }) => {
        const shown = this.#lineOf(account)
        shown.moved(line)
        this.#listeners.emit('claimed', shown)
      },
      onReleased: (account, why) => {
        const line = this.#lineOf(account)
        line.moved(undefined)
        this.#listeners.emit('released', { line, why })
        if (this.#watched) void this.#refresh()
      },
    })
    this.#desk = new CommandDesk({
      coordination,
      answerMs: pace.answerMs,
      act: (account, command) => this.#act(account, command),
      onTrouble: (error) => this.#reached(error),
    })
  }

  get own(): readonly FleetLine<S>[] {
    return [...this.#host.tenancies.keys()].map((account) => this.#lineOf(account))
  }

  get store(): FleetStoreStatus {
    return { ...this.#store, untold: this.#host.teller.waiting }
  }

  start(): Promise<void> {
    if (this.#starting) return this.#starting
    const starting = this.#start().catch((error: unknown) => {
      if (this.#starting === starting) this.#starting = undefined
      this.#reached(error)
      throw error
    })
    this.#starting = starting
    return starting
  }

  async #start(): Promise<void> {
    const { coordination, accounts, pace, drainOn } = this.#options
    await this.#stopping
    this.#stopping = undefined
    await coordination.add(accounts)
    await this.#host.enter()
    this.#unlisten = await coordination.listen((wake) => this.#wake(wake), pace.pollMs)
    this.#timer = setInterval(() => void this.#host.look(), pace.planMs)
    for (const signal of drainOn) process.once(signal, this.#drain)
    await this.#host.plan()
    if (this.#watched) await this.#refresh()
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const starting = this.#starting
    // Who starts it from now on waits for this stop, and begins anew.
    this.#starting = undefined
    await starting?.catch(() => undefined)
    clearInterval(this.#timer)
    for (const signal of this.#options.drainOn) process.removeListener(signal, this.#drain)
    await this.#host.leave()
    this.#unlisten()
    await this.#refreshing
    await this.#options.coordination.end()
  }

  line(account: string): FleetLine<S> {
    this.#watch()
    return this.#lineOf(account)
  }

  #lineOf(account: string): FleetLine<S> {
    const known = this.#lines.get(account)
    if (known) return known
    const line = new FleetLine<S>({
      account,
      self: this.hostId,
      seat: () => this.#seat(account),
      told: () => this.#view.told(account),
      command: (command) => this.#command(account, command),
      report: (error, doing) => this.#report(error, doing),
    })
    this.#lines.set(account, line)
    this.#listeners.emit('change', undefined)
    return line
  }

  lines(): readonly FleetLine<S>[] {
    this.#watch()
    return [...this.#lines.values()].sort((a, b) => (a.account < b.account ? -1 : 1))
  }

  hosts(): readonly SeenHost[] {
    this.#watch()
    return this.#view.hosts.map((seen) => (seen.host === this.hostId ? { ...seen, seenAgoMs: 0 } : seen))
  }

  async add(account: string): Promise<void> {
    accountName('account', account)
    await this.#options.coordination.desire(account, 'running', null)
    this.#lineOf(account)
    await this.#plan()
  }

  async remove(account: string): Promise<void> {
    const { coordination } = this.#options
    await coordination.desire(account, 'stopped', null)
    if (this.#host.tenancies.has(account)) await this.#host.end(account, 'stopped')
    else
      for (const { host } of await coordination.holders(account)) await this.#desk.ask(host, account, { type: 'stop' })
  }

  on<E extends keyof FleetEvents<S>>(event: E, listener: (payload: FleetEvents<S>[E]) => void): () => void {
    return this.#listeners.on(event, listener)
  }

  /** As long as nobody looks at other hosts' accounts, they are not asked for. */
  #watch(): void {
    if (this.#watched) return
    this.#watched = true
    if (this.#starting) void this.#refresh()
  }

  #wake({ kind, of }: Wake): void {
    if (kind === 'answer' || kind === 'poll') this.#desk.look()
    if (kind === 'inbox' || kind === 'poll') void this.#desk.take()
    if (kind === 'lease' || (kind === 'heir' && of === this.hostId)) void this.#host.plan()
    if (this.#watched && kind !== 'inbox') void this.#refresh()
  }

  #refresh(): Promise<void> {
    this.#refreshing ??= this.#look().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #look(): Promise<void> {
    try {
      await this.#view.refresh()
    } catch (error) {
      this.#reached(error)
      return
    }
    for (const { account } of this.#view.accounts) this.#lineOf(account)
    for (const line of this.#lines.values()) line.look()
  }

  #seat(account: string): Seat {
    const known = this.#seats.get(account) ?? this.#options.coordination.seat(account)
    this.#seats.set(account, known)
    return known
  }

  /**
   * A fleet takes accounts from `start()` on; before, and after `stop()`, it only shows them and passes on what is
   * asked of them.
   */
  async #plan(): Promise<void> {
    if (this.#starting) await this.#host.plan()
  }

  /** On this host if the account is here, else on the one that has it. */
  async #command(account: string, command: FleetCommand): Promise<unknown> {
    const done = await this.#asked(account, command)
    if (done) return done.value
    await this.#view.refresh()
    if (!this.#view.isBlocked(account) || (command.type !== 'reconnect' && command.type !== 'relink'))
      throw noOwner(account)
    // A person says that it is settled: whoever claims the account connects it.
    await this.#options.coordination.desire(account, 'running', null)
    await this.#plan()
    if (command.type === 'reconnect') return undefined
    const relinked = await this.#asked(account, command)
    if (!relinked) throw noOwner(account)
    return relinked.value
  }

  /** Undefined if no host has the account. */
  async #asked(account: string, command: FleetCommand): Promise<{ readonly value: unknown } | undefined> {
    if (this.#host.tenancies.has(account)) return { value: await this.#act(account, command) }
    const [holder] = await this.#options.coordination.holders(account)
    return holder && { value: await this.#desk.ask(holder.host, account, command) }
  }

  async #act(account: string, command: FleetCommand): Promise<unknown> {
    const tenancy = this.#host.tenancies.get(account)
    if (!tenancy)
      throw new LifelineError(
        'FLEET_MOVED',
        `The account ${account} has just left host ${this.hostId}.`,
        'Ask again: another host has it, or takes it over.',
      )
    if (command.type === 'stop') return this.#host.end(account, 'stopped')
    if (command.type === 'reconnect' || command.type === 'relink') this.#host.unblock(account)
    return done(tenancy.line, command)
  }

  #reached(error: unknown): void {
    const reachable = error === undefined
    if (this.#store.reachable === reachable && this.#store.message !== 'Not asked yet.') return
    const message = reachable
      ? 'The store answers.'
      : `The store cannot be used: ${wordsOf(error)} Connections stay while their leases last, nothing is claimed, and what is written waits.`
    this.#store = { reachable, since: Date.now(), message }
    this.#listeners.emit('store', this.store)
  }

  #report(error: unknown, doing: string): void {
    const { logger } = this.#options
    try {
      logger?.warn({ doing, message: wordsOf(error) }, 'lifeline: something failed; the fleet goes on')
    } catch {
      // A logger that throws must not end the fleet.
    }
  }
}

const noOwner = (account: string): LifelineError =>
  new LifelineError(
    'FLEET_NO_OWNER',
    `No host has the account ${account} at the moment, so nothing was done.`,
    'Ask again in a moment: another host will take it over.',
  )
