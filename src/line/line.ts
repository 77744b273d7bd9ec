import type { NoticeKind, RetriesAsked, Status } from '../../machines/index.ts'
import { createStableEmitter, type LineEvents } from '../baileys/emitter.ts'
import { guardProcess } from '../baileys/process-guard.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import type { Traffic } from '../baileys/traffic.ts'
import { LifelineError, LockedError } from '../errors/errors.ts'
import type { HistoryEntry } from '../history/entry.ts'
import { LineHistory } from '../history/history.ts'
import { Channels } from '../notices/channels.ts'
import { NoticeDesk } from '../notices/desk.ts'
import type { Notice } from '../notices/notice.ts'
import { noticesIn } from '../notices/spoken.ts'
import type { QuarantineEntry } from '../stores/store.ts'
import { LineCommands } from './commands.ts'
import { idle } from './idle-status.ts'
import { LineJournal } from './journal.ts'
import { LateArrivals } from './late-arrivals.ts'
import type { Lifeline, LineEventPayloads } from './lifeline.ts'
import { Listeners } from './listeners.ts'
import type { CheckedOptions } from './options.ts'
import { type LendsUrls, LentUrls, type RelinkUrls } from './relink-urls.ts'
import { restoreInto } from './restore.ts'
import { parseFacts } from './saved-facts.ts'
import { shutSocket } from './services/close-socket.ts'
import { channelsLeastMs, channelsMostMs, releaseDeadlineMs, stopDeadlineMs, within } from './services/deadline.ts'
import { EvidenceMonitor } from './services/evidence-monitor.ts'
import { supervisedMachine } from './services/index.ts'
import { OutboundMonitor } from './services/outbound-monitor.ts'
import { tellReplayed } from './services/replayed.ts'
import { createResources, freshAbort, type Resources } from './services/resources.ts'
import { LazySentLog } from './services/sent/lazy-sent-log.ts'
import { SentMessages } from './services/sent/sent-messages.ts'
import { type ConnectionActor, type Machine, Supervisor } from './supervisor.ts'
import { untilHealthy } from './waits.ts'

/** For tests of the shell itself: a machine whose parts can be made to throw. */
export interface Internals {
  readonly machine?: Machine
  /** See the supervisor's option of that name. */
  readonly rebootMs?: number
  /** What holds off the faults of Baileys that concern the whole process. */
  readonly guard?: typeof guardProcess
  /**
   * Has a step done while the process exits; returns the function that takes it back. Default: an exit without `stop()`
   * is an unclean end.
   */
  readonly atExit?: (step: (clean: boolean) => void) => () => void
}

/** Wires one account together, and begins and ends its supervision. */
export class Line<S extends BaileysSocket> implements Lifeline<S>, LendsUrls {
  readonly account: string
  readonly mode: 'heal' | 'observe'
  readonly ev: LineEvents
  readonly ownFolder: string | undefined
  readonly #urls: LentUrls
  readonly #options: CheckedOptions<S>
  readonly #internals: Internals
  readonly #listeners: Listeners<LineEventPayloads<S>>
  readonly #desk: NoticeDesk
  readonly #channels: Channels
  readonly #history: LineHistory
  readonly #journal: LineJournal
  readonly #late: LateArrivals
  readonly #commands: LineCommands
  readonly #resources: Resources
  /** Where the policy has the store keep what was sent. */
  readonly #sentLog: LazySentLog | undefined
  #supervisor: Supervisor | undefined
  #socket: S | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  /** What a restore does while supervision pauses for it. */
  #restoring: Promise<unknown> | undefined
  /** How often stop() was called: a start that was waiting for one stop must not outlive the next. */
  #stops = 0
  /** The stop that did not wait any longer for the start before it. */
  #cutOff: number | undefined
  #lastQr = ''
  #unguard: () => void = () => undefined
  #stayed: () => void = () => undefined
  readonly #idle: Status
  readonly #speak: (notice: Notice) => Notice
  /** What was read last of the status, and what it was made of. */
  #shown:
    | { readonly supervised: Status; readonly traffic: Traffic; readonly waiting: number; readonly status: Status }
    | undefined

  constructor(options: CheckedOptions<S>, internals: Internals = {}) {
    const { account, store, logger, policy, mode, connect, notifiers, expectedNumber } = options
    this.account = account
    this.mode = mode
    this.ownFolder = store.ownFolder
    this.#urls = new LentUrls(account)
    this.#idle = idle(account)
    this.#speak = noticesIn(options.language)
    this.#options = options
    this.#internals = internals
    this.#history = new LineHistory(store)
    this.#journal = new LineJournal(account, logger, this.#history, () => store.written)
    const report = (error: unknown, doing: string) => this.#journal.trouble(error, doing)
    this.#listeners = new Listeners(report)
    const emitter = createStableEmitter((error, event) => report(error, `calling a listener of ${event}`))
    this.ev = emitter.ev
    this.#late = new LateArrivals(emitter.ev, (entry) => this.#journal.entry(entry))
    this.#desk = new NoticeDesk({
      account,
      mode,
      quietMs: policy.notices.quietMs,
      status: () => this.status,
      onNotice: (notice) => this.#noticed(notice),
    })
    this.#channels = new Channels({ account, notifiers, store, line: this, report })
    const outbound = new OutboundMonitor(policy.outbound, (assessment) =>
      this.#supervisor?.send({ type: 'outbound.changed', outbound: assessment }),
    )
    const { resend } = policy
    const sent = new SentMessages(resend, (message) => this.#sentLog?.add(message))
    if (resend.keep === 'store' && store.sent)
      this.#sentLog = new LazySentLog({
        log: store.sent,
        kept: () => sent.list(),
        nextOver: () => sent.nextOver,
        mostBytes: resend.maxBytes,
        report,
      })
    const evidence = new EvidenceMonitor(policy.decrypt, {
      changed: (assessment) => this.#supervisor?.send({ type: 'evidence.changed', evidence: assessment }),
      proven: (address) => this.#supervisor?.send({ type: 'prune.proven', address }),
    })
    this.#resources = createResources({
      account,
      mode,
      policy,
      store,
      logger,
      connect,
      emitter,
      evidence,
      outbound,
      sent,
      forgetSent: async () => {
        sent.clear()
        await this.#sentLog?.clear()
      },
      report,
      stray: (error, doing) => this.#journal.stray(error, doing),
      journal: this.#journal,
      tell: (event) => this.#supervisor?.send(event),
      notify: (kind: NoticeKind, details, status) => this.#desk.tell(kind, details, status),
      onSocket: (socket) => this.#socketIs(socket as S | undefined),
    })
    const supervisor = () => this.#supervisor
    this.#commands = new LineCommands({ line: this, resources: this.#resources, policy, expectedNumber, supervisor })
  }

  get status(): Status {
    return this.#withTraffic(this.#supervisor?.status ?? this.#idle)
  }

  get socket(): S | undefined {
    return this.#socket
  }

  /** The same object while nothing has changed. */
  #withTraffic(supervised: Status): Status {
    const { traffic, live } = this.#resources
    const waiting = live?.waiting ?? 0
    const before = this.#shown
    if (before?.supervised === supervised && before.traffic === traffic && before.waiting === waiting)
      return before.status
    const status = { ...supervised, ...traffic, ...(waiting === 0 ? {} : { messagesWaiting: waiting }) }
    this.#shown = { supervised, traffic, waiting, status }
    return status
  }

  get actor(): ConnectionActor | undefined {
    return this.#supervisor?.actor
  }

  get retriesAsked(): RetriesAsked {
    return this.#resources.outbound.retries
  }

  on<E extends keyof LineEventPayloads<S>>(event: E, listener: (payload: LineEventPayloads<S>[E]) => void): () => void {
    return this.#listeners.on(event, listener)
  }

  history(): readonly HistoryEntry[] {
    return this.#history.list()
  }

  async start(): Promise<void> {
    if (this.#stopping) {
      const stops = this.#stops
      await this.#stopping
      if (stops !== this.#stops)
        throw new LifelineError('STOPPED', 'stop() was called before supervision began.', 'Call start() again.')
      return this.start()
    }
    const supervisor = this.#supervisor
    // After a logout by this program the statechart rests, and the folder is still ours.
    if (supervisor && !supervisor.ended && supervisor.status.state === 'stopped') supervisor.send({ type: 'start' })
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined
      throw error
    })
    return this.#starting
  }

  stop(): Promise<void> {
    this.#stops += 1
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined
      this.#starting = undefined
    })
    return this.#stopping
  }

  /** Takes the account, or lets the statechart wait for it where nobody can see whether its owner lives. */
  async #take(): Promise<void> {
    const { store, waitForLock } = this.#options
    try {
      await store.acquire()
    } catch (error) {
      if (!waitForLock || !(error instanceof LockedError) || error.freeAt === undefined) throw error
    }
  }

  async #start(): Promise<void> {
    const { store, policy, account, mode, expectedNumber, inspect } = this.#options
    const stops = this.#stops
    await this.#take()
    try {
      await this.#history.load().catch((error: unknown) => this.#journal.trouble(error, 'reading the history'))
      tellReplayed(store, this.#resources.report)
      const facts = parseFacts(await store.readFacts())
      if (this.#cutOff === stops)
        throw new LifelineError('STOPPED', 'stop() was called before supervision began.', 'Call start() again.')
      const resources = this.#resources
      resources.abort = freshAbort()
      resources.evidence.reset()
      resources.outbound.reset()
      resources.answering = 'answered'
      await this.#restoreSent()
      resources.disk.begin()
      this.#supervisor = new Supervisor({
        machine: this.#internals.machine ?? supervisedMachine,
        resources,
        input: { account, expectedNumber, mode, policy },
        facts,
        recorder: this.#journal.begin(mode, facts),
        inspect,
        rebootMs: this.#internals.rebootMs,
        onStatus: (status) => this.#statusIs(status),
        onEntry: (entry) => this.#journal.entry(entry),
      })
    } catch (error) {
      await store.release().catch(() => undefined)
      throw error
    }
    const { guard = guardProcess } = this.#internals
    this.#unguard = guard((reason) => this.#journal.stray(reason, 'work that Baileys left behind'))
    this.#stayed = this.#internals.atExit?.((clean) => this.#endNow(clean)) ?? this.#stayed
    void this.#resources.saveFacts(this.#supervisor.facts(false))
    this.#channels.open()
    this.#desk.resume(this.#history.list())
    this.#desk.state('preparing')
    this.#supervisor.start()
  }

  /** What an earlier run has sent can be asked for in this one. */
  async #restoreSent(): Promise<void> {
    const { sent, policy } = this.#resources
    void sent.ready()
    if (this.#sentLog) sent.restore(await this.#sentLog.load())
    else if (policy.resend.keep === 'store')
      this.#journal.trouble(
        new Error('this store has no place for it, so it is kept in memory'),
        'keeping what was sent in the store',
      )
  }

  async #stop(): Promise<void> {
    const until = Date.now() + stopDeadlineMs
    const stops = this.#stops - 1
    const begun = await within(stopDeadlineMs, async () => {
      await Promise.allSettled([this.#restoring, this.#starting])
    })
    // A start that hangs, on a disk that does not answer, gives the folder back by itself if it ever goes on.
    if (!begun) this.#cutOff = stops
    const supervisor = this.#supervisor
    if (!supervisor || supervisor.ended) return
    const resources = this.#resources
    const inTime = await within(until - Date.now(), async () => {
      await supervisor.stopped()
      await Promise.allSettled(resources.busy)
      await shutSocket(resources, 0)
      await resources.saveFacts(supervisor.facts(true))
      await this.#sentLog?.end()
      this.#late.flush()
      this.#journal.end()
      await this.#history.settled()
    })
    supervisor.end()
    if (!inTime) {
      this.#journal.trouble(new Error('what had not ended in time was cut off'), 'stopping')
      void resources.live?.close(0).catch(() => undefined)
    }
    this.#late.flush()
    this.#journal.end()
    resources.evidence.stop()
    resources.outbound.stop()
    resources.disk.end()
    resources.emitter.detach()
    this.#unguard()
    const channelsMs = Math.min(channelsMostMs, Math.max(channelsLeastMs, until - Date.now()))
    if (!(await within(channelsMs, () => this.#channels.close())))
      this.#journal.trouble(new Error('a notice channel has not ended in time'), 'stopping')
    this.#socketIs(undefined)
    const released = await within(releaseDeadlineMs, async () => {
      await this.#options.store
        .release()
        .catch((error: unknown) => this.#journal.trouble(error, 'releasing the folder'))
    })
    if (!released) this.#journal.trouble(new Error('the disk does not answer'), 'releasing the folder')
    // Not before: a process that exits while this line is stopping still gives its folder back.
    this.#stayed()
  }

  /**
   * The process exits: no promise is kept any more. What Baileys still wanted to write is in the record of writes, or
   * comes again.
   */
  #endNow(clean: boolean): void {
    const supervisor = this.#supervisor
    if (!supervisor) return
    const entry: HistoryEntry = { type: 'stop', at: Date.now() }
    this.#options.store.endNow?.(supervisor.facts(clean), entry)
  }

  async whenHealthy(options: { readonly signal?: AbortSignal } = {}): Promise<S> {
    await untilHealthy(this, () => this.#socket !== undefined, options.signal)
    // Between the news and this line the socket may have gone again.
    return this.#socket ?? this.whenHealthy(options)
  }

  async reconnect(): Promise<void> {
    this.#commands.reconnect()
  }

  async relink(): Promise<void> {
    this.#commands.relink()
  }

  prune(scope: 'failing' | 'all'): Promise<void> {
    return this.#commands.prune(scope)
  }

  requestPairingCode(phone: string, custom?: string): Promise<string> {
    return this.#commands.pairingCode(phone, custom)
  }

  async logout(): Promise<void> {
    await this.#commands.unlink(this.#socket)
    await this.stop()
  }

  quarantined(): Promise<readonly QuarantineEntry[]> {
    return this.#options.store.quarantined()
  }

  restore(id: string, options: { readonly force?: boolean } = {}): Promise<readonly string[]> {
    const { store } = this.#options
    const waitFor = (work: Promise<unknown>) => {
      this.#restoring = work
    }
    return restoreInto({ line: this, store, stops: () => this.#stops, waitFor }, id, options)
  }

  relinkUrl({ expiresMs }: { readonly expiresMs?: number } = {}): string {
    return this.#urls.url(expiresMs)
  }

  lendRelinkUrls(urls: RelinkUrls): () => void {
    return this.#urls.lend(urls)
  }

  #statusIs(status: Status): void {
    this.#desk.state(status.state)
    this.#listeners.emit('status', this.#withTraffic(status))
    const { qr } = status
    const shown = qr ? `${qr.number} ${qr.pairingCode ?? ''}` : ''
    if (qr && shown !== this.#lastQr) this.#listeners.emit('qr', qr)
    this.#lastQr = shown
  }

  #socketIs(socket: S | undefined): void {
    if (socket === this.#socket) return
    this.#socket = socket
    this.#listeners.emit('socket', socket)
  }

  #noticed(notice: Notice): void {
    // The history stays in English: whoever reads it has a language of his own.
    this.#journal.notice(notice)
    const said = this.#speak(notice)
    this.#channels.tell(said)
    this.#listeners.emit('notice', said)
  }
}
