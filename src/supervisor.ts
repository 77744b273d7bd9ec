import { type Actor, createActor, type InspectionEvent } from 'xstate'
import {
  type CloseCause,
  type ConnectionEvent,
  type Context,
  type connectionMachine,
  type Facts,
  factsOf,
  type Input,
  type StateName,
  type Status,
  stateNameOf,
  statusOf,
} from '../machines/index.ts'
import type { HistoryEntry } from './history.ts'
import { bindHost, type Host } from './host.ts'

export type Machine = typeof connectionMachine
export type ConnectionActor = Actor<Machine>

interface SupervisorParts {
  readonly machine: Machine
  readonly host: Host
  readonly input: Omit<Input, 'facts' | 'generation'>
  readonly facts: Facts | undefined
  readonly onStatus: (status: Status) => void
  readonly onEntry: (entry: HistoryEntry) => void
  /** The owner's own look at the actor, e.g. the Stately inspector. */
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
}

/** A crashed actor is replaced at once the first time; each further crash within a minute waits twice as long, up to a minute. */
const firstRebootMs = 1_000
const lastRebootMs = 60_000

/**
 * The outer shell: runs the actor, listens to its errors, and puts a fresh one in its place with the last facts, so that supervision survives a throw in any
 * action, guard, delay or service. The old actor's services are aborted and its socket closed first.
 */
export class Supervisor {
  actor: ConnectionActor
  readonly #parts: SupervisorParts
  #status: Status
  #crashes: number[] = []
  #reboot: NodeJS.Timeout | undefined
  #ended = false
  /** The state that the last step led to. */
  #seen: StateName = 'stopped'

  constructor(parts: SupervisorParts) {
    this.#parts = parts
    this.actor = this.#create(parts.facts, 0)
    this.#status = this.#read()
  }

  get status(): Status {
    return this.#status
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The facts of the moment, as they outlive the process. */
  facts(clean: boolean): Facts {
    return factsOf(this.actor.getSnapshot().context, clean)
  }

  start(): void {
    this.#run()
  }

  send(event: ConnectionEvent): void {
    if (!this.#ended && this.actor.getSnapshot().status === 'active') this.actor.send(event)
  }

  /** Whether the actor would take this event now. */
  takes(event: ConnectionEvent): boolean {
    const snapshot = this.actor.getSnapshot()
    return snapshot.status === 'active' && snapshot.can(event)
  }

  /** Asks the actor to stop and resolves when its socket is closed and fenced. */
  async wind(): Promise<void> {
    this.send({ type: 'stop' })
    const isIdle = () => this.actor.getSnapshot().matches({ stopped: 'idle' })
    if (this.#ended || isIdle() || this.actor.getSnapshot().status !== 'active') return
    await new Promise<void>((resolve) => {
      const settle = () => {
        subscription.unsubscribe()
        resolve()
      }
      const subscription = this.actor.subscribe({ next: () => isIdle() && settle(), error: settle, complete: settle })
    })
  }

  /** Ends the actor for good. The socket is the caller's to close. */
  end(): void {
    this.#ended = true
    clearTimeout(this.#reboot)
    this.#parts.host.abort.abort()
    this.actor.stop()
  }

  #create(facts: Facts | undefined, generation: number): ConnectionActor {
    const { machine, host, input } = this.#parts
    const actor = createActor(machine, {
      input: { ...input, facts, generation },
      inspect: (event) => this.#inspect(event),
    })
    bindHost(actor.system, host)
    actor.subscribe({ next: () => this.#publish(), error: (error) => this.#crashed(actor, error) })
    return actor
  }

  #run(): void {
    try {
      this.actor.start()
      this.actor.send({ type: 'start' })
    } catch (error) {
      this.#crashed(this.actor, error)
    }
  }

  #read(): Status {
    const { value, context } = this.actor.getSnapshot()
    return statusOf(stateNameOf(value), context)
  }

  #publish(): void {
    const before = JSON.stringify(this.#status)
    this.#status = this.#read()
    if (JSON.stringify(this.#status) !== before)
      this.#guard(() => this.#parts.onStatus(this.#status), 'telling the status')
  }

  #crashed(actor: ConnectionActor, error: unknown): void {
    if (this.#ended || actor !== this.actor) return
    const { host } = this.#parts
    host.report(error, 'running the statechart; a fresh one takes over')
    const now = Date.now()
    this.#crashes = [...this.#crashes.filter((at) => now - at < lastRebootMs), now]
    const delayMs =
      this.#crashes.length === 1 ? 0 : Math.min(lastRebootMs, firstRebootMs * 2 ** (this.#crashes.length - 2))
    const { context } = actor.getSnapshot()
    this.#guard(() => actor.stop(), 'stopping the crashed statechart')
    host.abort.abort()
    clearTimeout(this.#reboot)
    this.#reboot = setTimeout(() => {
      void this.#replace(context)
    }, delayMs)
  }

  async #replace({ generation, attempt, restartRun, budget, conflicts, closes }: Context): Promise<void> {
    const { host } = this.#parts
    try {
      await Promise.allSettled(host.busy)
      await host.live?.close(host.policy.reconnect.closeTimeoutMs)
    } catch (error) {
      host.report(error, 'closing the socket of the crashed statechart')
    }
    if (this.#ended) return
    host.live = undefined
    host.abort = new AbortController()
    const facts: Facts = {
      version: 1,
      savedAt: Date.now(),
      attempt,
      restartRun,
      budget,
      conflicts,
      closes,
      clean: false,
    }
    this.actor = this.#create(facts, generation)
    this.#run()
  }

  #inspect(event: InspectionEvent): void {
    if (event.type === '@xstate.microstep' && event.actorRef === this.actor)
      this.#guard(() => this.#note(event), 'keeping history')
    const { inspect } = this.#parts
    if (inspect) this.#guard(() => inspect(event), 'calling the inspector')
  }

  /** Each step that an owner can understand goes into the history with its why. */
  #note({ event, snapshot, _transitions }: Extract<InspectionEvent, { type: '@xstate.microstep' }>): void {
    if (!('value' in snapshot) || !('context' in snapshot)) return
    const from = this.#seen
    const to = stateNameOf(snapshot.value)
    this.#seen = to
    const why = _transitions.find(({ description }) => description !== undefined)?.description
    if (from === to && why === undefined) return
    this.#parts.onEntry({
      type: 'transition',
      at: Date.now(),
      from,
      to,
      event: event.type,
      ...(why === undefined ? {} : { why }),
      ...('cause' in event ? { cause: event.cause as CloseCause } : {}),
      generation: (snapshot.context as Context).generation,
    })
  }

  /** An observer that throws would kill the actor or deafen its mailbox. */
  #guard(step: () => void, doing: string): void {
    try {
      step()
    } catch (error) {
      this.#parts.host.report(error, doing)
    }
  }
}
