import type { Command, NoticeKind, Status } from '../machines/index.ts'
import { createStableEmitter, type LineEvents } from './baileys/emitter.ts'
import { guardProcess } from './baileys/process-guard.ts'
import type { BaileysSocket } from './baileys/socket.ts'
import { LifelineError } from './errors.ts'
import { EvidenceMonitor } from './evidence-monitor.ts'
import { parseFacts } from './facts.ts'
import { type HistoryEntry, LineHistory } from './history.ts'
import { createHost, freshAbort, type Host } from './host.ts'
import { Listeners } from './listeners.ts'
import { Channels } from './notices/channels.ts'
import { NoticeDesk } from './notices/desk.ts'
import type { Notice } from './notices/notice.ts'
import { type CheckedOptions, checkOptions, type LifelineOptions } from './options.ts'
import { shutSocket } from './services/close-socket.ts'
import { supervisedMachine } from './services/index.ts'
import { type ConnectionActor, type Machine, Supervisor } from './supervisor.ts'
import { unheard, wordsOf } from './thrown.ts'

/** What `line.on` tells, by name. */
export interface LineEventPayloads<S> {
  status: Status
  /** One for each code that Baileys rotates, and one when its pairing code arrives. */
  qr: NonNullable<Status['qr']>
  notice: Notice
  /** The live socket, or undefined when it is gone. */
  socket: S | undefined
}

/** The supervisor of one account. */
export interface Lifeline<S extends BaileysSocket = BaileysSocket> {
  readonly account: string
  readonly status: Status
  /** The live socket, while it is open. */
  readonly socket: S | undefined
  /** The XState actor; after a crash of it a fresh one. Undefined before the first start. */
  readonly actor: ConnectionActor | undefined
  /** Baileys' events, one emitter across every socket. */
  readonly ev: LineEvents
  /** Listens; returns the unsubscribe function. A listener that throws is reported and harms nothing. */
  on<E extends keyof LineEventPayloads<S>>(event: E, listener: (payload: LineEventPayloads<S>[E]) => void): () => void
  /** Takes the folder and begins supervision; not necessarily connected when it resolves. Rejects with a `LifelineError` if the folder cannot be used, nothing changed. */
  start(): Promise<void>
  /** The socket, once healthy. Rejects with the reason when a person is needed, when supervision stops, or on abort. */
  whenHealthy(options?: { readonly signal?: AbortSignal }): Promise<S>
  /** Ends supervision from any state within 5 s: no timer, socket, listener or lock is left. Never rejects. */
  stop(): Promise<void>
  /** What happened, newest last, earlier runs included. */
  history(): readonly HistoryEntry[]
  /** Drops the connection, or the wait for it, and dials at once. */
  reconnect(): Promise<void>
  /** Sets the failing sessions, or all, aside and reconnects, within the budget of the policy. Resolves when it is done. */
  prune(scope: 'failing' | 'all'): Promise<void>
  /** A person's word: show a code and replace the credentials once it was scanned; until then the old ones stay where they are. */
  relink(): Promise<void>
  /** The eight characters to type on the phone with this number, while a code is needed. */
  requestPairingCode(phone: string): Promise<string>
}

/** For tests of the shell itself: a machine whose parts can be made to throw. */
export interface Internals {
  readonly machine?: Machine
  /** See the supervisor's option of that name. */
  readonly rebootMs?: number
}

/** Makes the supervisor of one account. Throws `OptionsError` on a wrong option; starts nothing yet. */
export function createLifeline<S extends BaileysSocket>(options: LifelineOptions<S>): Lifeline<S> {
  return new Line(checkOptions(options))
}

/** {@link createLifeline} with parts replaced; not part of the package's entry point. */
export function createLifelineWith<S extends BaileysSocket>(
  options: LifelineOptions<S>,
  internals: Internals,
): Lifeline<S> {
  return new Line(checkOptions(options), internals)
}

/** `stop()` promises 5 s; what has not ended by then is cut off, and the last of it is left for giving the folder back. */
const stopDeadlineMs = 4_000
const releaseDeadlineMs = 600
/** What the notice channels have to end, and what of it is left for them if the rest took all of its time. */
const channelsMostMs = 1_000
const channelsLeastMs = 300
/** The same trouble is written down once in this time: a listener that always throws must not fill the history. */
const sameTroubleMs = 60_000

class Line<S extends BaileysSocket> implements Lifeline<S> {
  readonly account: string
  readonly ev: LineEvents
  readonly #options: CheckedOptions<S>
  readonly #machine: Machine
  readonly #rebootMs: number | undefined
  readonly #listeners: Listeners<LineEventPayloads<S>>
  readonly #desk: NoticeDesk
  readonly #channels: Channels
  readonly #history: LineHistory
  readonly #host: Host
  #supervisor: Supervisor | undefined
  #socket: S | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  /** How often stop() was called: a start that was waiting for one stop must not outlive the next. */
  #stops = 0
  /** The stop that did not wait any longer for the start before it. */
  #cutOff: number | undefined
  #lastTrouble: { readonly doing: string; readonly message: string; readonly at: number } | undefined
  #lastQr = ''
  #unguard: () => void = () => undefined
  readonly #idle: Status

  constructor(options: CheckedOptions<S>, { machine = supervisedMachine, rebootMs }: Internals = {}) {
    const { account, store, logger, policy, mode, connect, notifiers } = options
    this.account = account
    this.#idle = idle(account)
    this.#options = options
    this.#machine = machine
    this.#rebootMs = rebootMs
    const report = (error: unknown, doing: string) => this.#report(error, doing)
    this.#listeners = new Listeners(report)
    this.#history = new LineHistory(store)
    const emitter = createStableEmitter((error, event) => report(error, `calling a listener of ${event}`))
    this.ev = emitter.ev
    this.#desk = new NoticeDesk({
      account,
      quietMs: policy.notices.quietMs,
      status: () => this.status,
      onNotice: (notice) => this.#noticed(notice),
    })
    this.#channels = new Channels({ account, notifiers, store, line: this, report })
    const evidence = new EvidenceMonitor(policy.decrypt, {
      changed: (assessment) => this.#supervisor?.send({ type: 'evidence.changed', evidence: assessment }),
      proven: (address) => this.#supervisor?.send({ type: 'prune.proven', address }),
    })
    this.#host = createHost({
      account,
      mode,
      policy,
      store,
      logger,
      connect,
      emitter,
      evidence,
      report,
      tell: (event) => this.#supervisor?.send(event),
      notify: (kind: NoticeKind, details, status) => this.#desk.tell(kind, details, status),
      onSocket: (socket) => this.#socketIs(socket as S | undefined),
    })
  }

  get status(): Status {
    return this.#supervisor?.status ?? this.#idle
  }
  get socket(): S | undefined {
    return this.#socket
  }
  get actor(): ConnectionActor | undefined {
    return this.#supervisor?.actor
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

  async #start(): Promise<void> {
    const { store, policy, account, mode, inspect } = this.#options
    const stops = this.#stops
    await store.acquire()
    try {
      await this.#history.load().catch((error: unknown) => this.#report(error, 'reading the history'))
      const facts = parseFacts(await store.readFacts())
      if (this.#cutOff === stops)
        throw new LifelineError('STOPPED', 'stop() was called before supervision began.', 'Call start() again.')
      const host = this.#host
      // Without a marker nobody can tell how the last run ended, so it counts as unclean.
      host.afterUnclean = facts?.clean !== true
      host.fresh = true
      host.ownCreds = false
      host.abort = freshAbort()
      host.evidence.reset()
      host.disk.begin()
      this.#supervisor = new Supervisor({
        machine: this.#machine,
        host,
        input: { env: { now: Date.now, random: Math.random }, account, mode, policy },
        facts,
        inspect,
        rebootMs: this.#rebootMs,
        onStatus: (status) => this.#statusIs(status),
        onEntry: (entry) => this.#history.add(entry),
      })
    } catch (error) {
      await store.release().catch(() => undefined)
      throw error
    }
    this.#unguard = guardProcess((reason) =>
      this.#report(reason, 'work that Baileys left behind on a closed connection'),
    )
    void this.#host.saveFacts(this.#supervisor.facts(false))
    this.#channels.open()
    this.#desk.resume(this.#history.list())
    this.#desk.state('preparing')
    this.#supervisor.start()
  }

  async #stop(): Promise<void> {
    const until = Date.now() + stopDeadlineMs
    const stops = this.#stops - 1
    const begun = await within(stopDeadlineMs, async () => {
      await this.#starting?.catch(() => undefined)
    })
    // A start that hangs, on a disk that does not answer, gives the folder back by itself if it ever goes on.
    if (!begun) this.#cutOff = stops
    const supervisor = this.#supervisor
    if (!supervisor || supervisor.ended) return
    const host = this.#host
    const wound = await within(until - Date.now(), async () => {
      await supervisor.wind()
      await Promise.allSettled(host.busy)
      await shutSocket(host, 0)
      await host.saveFacts(supervisor.facts(true))
      await this.#history.settled()
    })
    supervisor.end()
    if (!wound) {
      this.#report(new Error('what had not ended in time was cut off'), 'stopping')
      void host.live?.close(0).catch(() => undefined)
    }
    host.evidence.stop()
    host.disk.end()
    host.emitter.detach()
    this.#unguard()
    this.#desk.stop()
    const channelsMs = Math.min(channelsMostMs, Math.max(channelsLeastMs, until - Date.now()))
    if (!(await within(channelsMs, () => this.#channels.close())))
      this.#report(new Error('a notice channel has not ended in time'), 'stopping')
    this.#socketIs(undefined)
    const released = await within(releaseDeadlineMs, async () => {
      await this.#options.store.release().catch((error: unknown) => this.#report(error, 'releasing the folder'))
    })
    if (!released) this.#report(new Error('the disk does not answer'), 'releasing the folder')
  }

  async whenHealthy({ signal }: { readonly signal?: AbortSignal } = {}): Promise<S> {
    signal?.throwIfAborted()
    const offs: (() => void)[] = []
    try {
      return await new Promise<S>((resolve, reject) => {
        const judge = (status: Status) => {
          if (status.state === 'healthy' && this.#socket) resolve(this.#socket)
          else if (status.state === 'stopped')
            reject(new LifelineError('STOPPED', 'Supervision is stopped.', 'Call start() first.'))
          else if (waitsForPerson(status))
            reject(new LifelineError('PERSON_NEEDED', status.message, status.remediation ?? 'See status.userAction.'))
        }
        const aborted = () => reject(signal?.reason)
        signal?.addEventListener('abort', aborted, { once: true })
        offs.push(() => signal?.removeEventListener('abort', aborted), this.on('status', judge))
        judge(this.status)
      })
    } finally {
      for (const off of offs) off()
    }
  }

  async reconnect(): Promise<void> {
    // From a code on show back to the old credentials, even if a scanned pairing that never opened waits in the staging area.
    if (this.status.state === 'awaitingQr') this.#host.ownCreds = true
    this.#command({ type: 'reconnect' })
  }

  async relink(): Promise<void> {
    this.#command({ type: 'relink' })
  }

  async prune(scope: 'failing' | 'all'): Promise<void> {
    if (scope !== 'failing' && scope !== 'all')
      throw new LifelineError('SCOPE_INVALID', `There is no scope ${String(scope)}.`, "Use 'failing' or 'all'.")
    this.#command({ type: 'prune', scope })
    // Called from a listener, the command waits until the statechart has finished the step that is being told.
    await Promise.resolve()
    await this.#until((status) => status.state !== 'pruningSessions')
  }

  async requestPairingCode(phone: string): Promise<string> {
    const digits = String(phone).replace(/[\s+()-]/g, '')
    if (!/^\d{6,15}$/.test(digits))
      throw new LifelineError(
        'PHONE_INVALID',
        'That is no phone number.',
        'Give it with its country code, digits only, e.g. 4917012345678.',
      )
    await this.#until(({ state }) => state !== 'preparing')
    this.#command({ type: 'pairing.request', phone: digits })
    await Promise.resolve()
    const { connectTimeoutMs, closeTimeoutMs } = this.#options.policy.reconnect
    const shown = await this.#until(
      ({ state, qr }) => state !== 'awaitingQr' || qr?.pairingCode !== undefined,
      connectTimeoutMs + closeTimeoutMs,
    )
    if (shown.qr?.pairingCode !== undefined) return shown.qr.pairingCode
    throw new LifelineError(
      'PAIRING_CODE_FAILED',
      `No pairing code came: ${shown.message}`,
      'See the log for what went wrong, and ask again while a code is needed.',
    )
  }

  /** Sends a command, or says why it cannot be taken now. */
  #command(command: Command): void {
    const { state } = this.status
    if (!this.#supervisor || this.#supervisor.ended || state === 'stopped')
      throw new LifelineError(
        'STOPPED',
        `Supervision is stopped, so ${command.type} was not done.`,
        'Call start() first.',
      )
    if (!this.#supervisor.takes(command))
      throw new LifelineError(
        'REFUSED',
        `${command.type} is not possible while ${state}.`,
        refusals[command.type] ?? 'Try again when the state has changed.',
      )
    this.#supervisor.send(command)
  }

  /** The first status, from now on, for which this holds; after `withinMs`, if given, the status of that moment. */
  #until(holds: (status: Status) => boolean, withinMs?: number): Promise<Status> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      const settle = (status: Status) => {
        off()
        clearTimeout(timer)
        resolve(status)
      }
      const judge = (status: Status) => {
        if (holds(status)) settle(status)
      }
      const off = this.on('status', judge)
      if (withinMs !== undefined) timer = setTimeout(() => settle(this.status), withinMs)
      judge(this.status)
    })
  }

  #statusIs(status: Status): void {
    this.#desk.state(status.state)
    this.#listeners.emit('status', status)
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
    const { at, kind, message, details } = notice
    this.#history.add({ type: 'notice', at, kind, message, details })
    this.#log('info', { kind, ...details }, message)
    this.#channels.tell(notice)
    this.#listeners.emit('notice', notice)
  }

  /** Something failed that does not end supervision: into the log and the history, cleaned of secrets. */
  #report(error: unknown, doing: string): void {
    const message = wordsOf(error)
    const at = Date.now()
    const last = this.#lastTrouble
    if (last?.doing !== doing || last.message !== message || at - last.at >= sameTroubleMs) {
      this.#lastTrouble = { doing, message, at }
      this.#history.add({ type: 'trouble', at, doing, message })
    }
    this.#log('warn', { doing, message }, 'lifeline: something failed; supervision goes on')
  }

  #log(level: 'info' | 'warn', fields: Record<string, unknown>, message: string): void {
    try {
      unheard(this.#options.logger[level]({ account: this.account, ...fields }, message))
    } catch {
      // A logger that throws must not end supervision.
    }
  }
}

const refusals: Partial<Record<Command['type'], string>> = {
  prune:
    'The budget of the policy (prune.addressPerDay, prune.allPerDay, prune.addressCooldownMs) may be used up, nothing may be failing, or the mode is observe.',
  'pairing.request': 'A pairing code needs a state that awaits one; call relink() first to replace a linked account.',
}

const waitsForPerson = ({ userAction, state }: Status): boolean =>
  userAction !== 'none' && userAction !== 'wait' && state !== 'healthy'

const idle = (account: string): Status => ({
  account,
  state: 'stopped',
  since: Date.now(),
  message: 'Supervision is stopped.',
  remediation: 'Call start().',
  userAction: 'none',
  attempt: 0,
  generation: 0,
})

/** Whether the step ended within the deadline. */
async function within(ms: number, step: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const done = step().then(
    () => true,
    () => false,
  )
  const ended = await Promise.race([done, late])
  clearTimeout(timer)
  return ended
}
