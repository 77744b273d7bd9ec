import { type Actor, createActor, type InspectionEvent } from 'xstate'
import {
  allFine,
  allHeard,
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
} from '../../machines/index.ts'
import { unheard } from '../errors/thrown.ts'
import type { HistoryEntry } from '../history/entry.ts'
import type { MachineRecorder } from '../history/recorder.ts'
import { ownerDeclared } from './declared-owner.ts'
import { withoutCodes } from './inspection.ts'
import { shutSocket } from './services/close-socket.ts'
import { bindResources, freshAbort, type Resources } from './services/resources.ts'

export type Machine = typeof connectionMachine
export type ConnectionActor = Actor<Machine>
type MachineSnapshot = ReturnType<ConnectionActor['getSnapshot']>

interface SupervisorParts {
  readonly machine: Machine
  readonly resources: Resources
  readonly input: Omit<Input, 'env' | keyof Carried>
  readonly facts: Facts | undefined
  readonly onStatus: (status: Status) => void
  readonly onEntry: (entry: HistoryEntry) => void
  /** Keeps what each statechart meets, and hands it time and chance. */
  readonly recorder: MachineRecorder
  /**
   * The pause before the second fresh statechart within a minute; each further one waits twice as long. Default 1 s.
   */
  readonly rebootMs?: number | undefined
  /** The owner's own look at the actor, e.g. the Stately inspector. The codes are taken out. */
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
}

/** What a statechart takes over from an earlier run, or from a crashed one. */
type Carried = Pick<Input, 'facts' | 'generation' | 'afterUnclean' | 'firstLook'>

/** What is shown between a crash of the statechart and the fresh one. */
const crashed = {
  state: 'reconnecting',
  message: 'The supervision met an error of its own and begins afresh.',
  remediation: 'Nothing to do; if it happens again and again, report the error that the log shows.',
  userAction: 'none',
} as const satisfies Partial<Status>

/**
 * A crashed actor is replaced at once the first time; each further crash within a minute waits twice as long, up to a
 * minute.
 */
const firstRebootMs = 1_000
const mostDoublings = 6
const crashesCountMs = 60_000

/**
 * The outer shell: runs the actor, listens to its errors, and puts a fresh one in its place with the last facts, so
 * that supervision survives a throw in any action, guard, delay or service. The old actor's services are aborted and
 * its socket closed first.
 */
export class Supervisor {
  actor: ConnectionActor
  readonly #parts: SupervisorParts
  #status: Status
  /** What was told last, to see whether another status says anything new. */
  #told = ''
  #crashes: number[] = []
  #reboot: NodeJS.Timeout | undefined
  #ended = false
  /** What the last step led to. */
  #seen: { readonly state: StateName; readonly context: Context | undefined } = { state: 'stopped', context: undefined }

  constructor(parts: SupervisorParts) {
    this.#parts = parts
    this.actor = this.#create({ facts: parts.facts, generation: 0 })
    this.#status = this.#read()
    this.#told = JSON.stringify(this.#status)
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
    let takes = false
    this.#guard(() => {
      takes = !this.#ended && snapshot.status === 'active' && snapshot.can(event)
    }, `asking whether ${event.type} is possible`)
    return takes
  }

  /** Asks the actor to stop and resolves when its socket is closed and fenced. */
  async stopped(): Promise<void> {
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
    this.#parts.resources.abort.abort()
    this.#guard(() => this.actor.stop(), 'stopping the statechart')
    this.#show(() => statusOf('stopped', this.actor.getSnapshot().context))
  }

  #create(carried: Carried): ConnectionActor {
    const { machine, resources, recorder } = this.#parts
    const input = { ...this.#parts.input, ...carried }
    recorder.began(input)
    const actor = createActor(machine, {
      input: { ...input, env: recorder.env },
      inspect: (event) => this.#inspect(event),
    })
    bindResources(actor.system, resources)
    actor.subscribe({ next: () => this.#publish(), error: (error) => this.#crashed(actor, error) })
    return actor
  }

  #run(): void {
    try {
      this.actor.start()
      this.send({ type: 'start' })
    } catch (error) {
      this.#crashed(this.actor, error)
    }
  }

  #read(): Status {
    const { value, context } = this.actor.getSnapshot()
    return ownerDeclared(statusOf(stateNameOf(value), context), this.#parts.resources.store)
  }

  #publish(): void {
    this.#show(() => this.#read())
  }

  /** An observer of the actor that throws would end the process. */
  #show(read: () => Status): void {
    this.#guard(() => {
      const status = read()
      const told = JSON.stringify(status)
      // The same object while it says the same: owners may compare it.
      if (told === this.#told) return
      this.#told = told
      this.#status = status
      this.#parts.onStatus(status)
    }, 'telling the status')
  }

  #crashed(actor: ConnectionActor, error: unknown): void {
    if (this.#ended || actor !== this.actor) return
    const { resources, rebootMs = firstRebootMs } = this.#parts
    resources.report(error, 'running the statechart; a fresh one takes over')
    const now = Date.now()
    this.#crashes = [...this.#crashes.filter((at) => now - at < crashesCountMs), now]
    const further = this.#crashes.length - 1
    const delayMs = further === 0 ? 0 : Math.min(crashesCountMs, rebootMs * 2 ** Math.min(mostDoublings, further - 1))
    // A statechart that failed stops neither its timers' owners nor its children by itself.
    resources.abort.abort()
    this.#guard(() => actor.stop(), 'stopping the crashed statechart')
    this.#show(() => ({ ...this.#status, ...crashed, since: now, nextAttemptAt: now + delayMs }))
    clearTimeout(this.#reboot)
    void this.#clear().then(() => {
      if (this.#ended) return
      this.#reboot = setTimeout(() => this.#replace(actor), Math.max(0, now + delayMs - Date.now()))
    })
  }

  /**
   * The crashed statechart's steps have ended and its socket is shut off. One that cannot be is the next statechart's
   * first task.
   */
  async #clear(): Promise<void> {
    const { resources } = this.#parts
    try {
      await Promise.allSettled(resources.busy)
      await shutSocket(resources, resources.policy.reconnect.closeTimeoutMs)
    } catch (error) {
      resources.report(error, 'closing the socket of the crashed statechart')
    }
  }

  #replace(crashed: ConnectionActor): void {
    const { resources } = this.#parts
    resources.abort = freshAbort()
    const { context } = crashed.getSnapshot()
    const { facts } = this.#parts
    let carried: Carried = { facts, generation: 0 }
    this.#guard(() => {
      const { generation, afterUnclean, firstLook } = context
      carried = { facts: factsOf(context), generation, afterUnclean, firstLook }
    }, 'carrying the facts over to a fresh statechart')
    this.#seen = { state: 'stopped', context: undefined }
    this.actor = this.#create(carried)
    this.#run()
    const { assessment: outbound } = resources.outbound
    if (outbound.level !== allHeard.level) this.send({ type: 'outbound.changed', outbound })
    const { assessment } = resources.evidence
    if (assessment.level !== allFine.level || assessment.suspected)
      this.send({ type: 'evidence.changed', evidence: assessment })
  }

  #inspect(event: InspectionEvent): void {
    if (event.type === '@xstate.microstep' && event.actorRef === this.actor)
      this.#guard(() => this.#note(event), 'keeping history')
    if (event.type === '@xstate.snapshot' && event.actorRef === this.actor)
      this.#guard(() => this.#record(event), 'keeping what the statechart met')
    const { inspect } = this.#parts
    if (inspect) this.#guard(() => unheard(inspect(withoutCodes(event))), 'calling the inspector')
  }

  /** Each step that an owner can understand goes into the history with its why. */
  #note({ event: told, snapshot }: Extract<InspectionEvent, { type: '@xstate.microstep' }>): void {
    const { value, context } = snapshot as MachineSnapshot
    const { state: from, context: before } = this.#seen
    const to = stateNameOf(value)
    this.#seen = { state: to, context }
    const { journal } = this.#parts.resources
    if (context.evidence !== before?.evidence) journal.unreadable(context.evidence)
    if (context.outbound !== before?.outbound) journal.unheard(context.outbound)
    const { withheld } = context
    if (withheld !== undefined && withheld !== before?.withheld) journal.wouldPrune(withheld)
    const why = context.reason === before?.reason ? undefined : context.reason?.why
    if (from === to && why === undefined) return
    const event = told as ConnectionEvent
    const judged = event.type === 'close.judged' ? event : undefined
    this.#parts.onEntry({
      type: 'transition',
      at: Date.now(),
      from,
      to,
      event: judged?.of ?? event.type,
      ...(why === undefined ? {} : { why }),
      ...(judged === undefined ? {} : { cause: judged.cause }),
      generation: context.generation,
    })
  }

  #record({ event, snapshot }: Extract<InspectionEvent, { type: '@xstate.snapshot' }>): void {
    const { value, context } = snapshot as MachineSnapshot
    this.#parts.recorder.stepped(event, { value, context })
  }

  /** An observer that throws would kill the actor or deafen its mailbox. */
  #guard(step: () => void, doing: string): void {
    try {
      step()
    } catch (error) {
      this.#parts.resources.report(error, doing)
    }
  }
}
