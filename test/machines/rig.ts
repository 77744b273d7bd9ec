import { type ActorRefFrom, createActor, type InspectionEvent } from 'xstate'
import {
  asked,
  assess,
  assessOutbound,
  type Command,
  type ConnectionEvent,
  connectionMachine,
  type DecryptReason,
  drained,
  type Facts,
  factsOf,
  failed,
  linkDown,
  linkUp,
  type NoticeKind,
  noEvidence,
  noOutbound,
  outboundAsOf,
  type Policy,
  type PolicyOptions,
  reached,
  reassessAt,
  reassessOutboundAt,
  resolvePolicy,
  type Status,
  stateNameOf,
  statusOf,
  succeeded,
} from '../../machines/index.ts'
import { modelServices } from './model-services.ts'
import { VirtualClock } from './virtual-clock.ts'
import { cause, expectedNumber, type ModelSocket, ModelWorld } from './world.ts'

export interface RigOptions {
  readonly policy?: PolicyOptions
  readonly mode?: 'heal' | 'observe'
  readonly facts?: Facts
  /** Default the one that every phone but the stranger's has. */
  readonly expectedNumber?: string
  /** Chance, from 0 up to 1. Default always the middle. */
  readonly random?: () => number
  readonly inspect?: (event: InspectionEvent) => void
}

/** The dotted name of a state value: `online.open.degraded.watching`. */
export const dotted = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as Record<string, unknown>)
        .map(([name, inner]) => (Object.keys(inner as object).length === 0 ? name : `${name}.${dotted(inner)}`))
        .join('+')

/** Which rig an actor belongs to; the services and actions of all rigs are one machine's. */
const rigs = new WeakMap<object, Rig>()
const rigOf = (system: object): Rig => {
  const rig = rigs.get(system)
  if (!rig) throw new Error('an actor of no rig')
  return rig
}
const machine = connectionMachine.provide({
  actors: modelServices((system) => rigOf(system).world),
  actions: {
    notify: ({ self }, { kind }) => {
      const { notices, clock } = rigOf(self.system)
      notices.push({ kind, at: clock.now() })
    },
    saveFacts: ({ self, context }) => {
      rigOf(self.system).world.facts = factsOf(context)
    },
  },
})

/** The machine in a model world on virtual time, with a record of everything it did. */
export class Rig {
  readonly clock = new VirtualClock()
  readonly world = new ModelWorld(this.clock)
  readonly policy: Policy
  readonly mode: 'heal' | 'observe'
  readonly #expectedNumber: string
  readonly #random: () => number
  readonly #inspect: RigOptions['inspect']
  readonly #timers = new Set<number>()
  actor: ActorRefFrom<typeof connectionMachine>
  /** Every state that was entered, with its virtual time. */
  readonly path: string[] = []
  readonly notices: { readonly kind: NoticeKind; readonly at: number }[] = []
  error: unknown
  #assessed = ''
  #reassess: number | undefined
  #assessedOutbound = ''
  #reassessOutbound: number | undefined

  constructor(options: RigOptions = {}) {
    const { policy, issues } = resolvePolicy(options.policy)
    if (issues.length > 0) throw new Error(`the rig's policy is wrong: ${JSON.stringify(issues)}`)
    this.policy = policy
    this.mode = options.mode ?? 'heal'
    this.#expectedNumber = options.expectedNumber ?? expectedNumber
    this.#random = options.random ?? (() => 0.5)
    this.#inspect = options.inspect
    this.world.facts = options.facts
    this.world.onEvidence = () => {
      this.assess()
      this.assessOutbound()
    }
    this.world.onOpen = (socket) => this.#talk(socket)
    this.actor = this.#boot()
  }

  #boot(): ActorRefFrom<typeof connectionMachine> {
    const { facts } = this.world
    this.#unclean = facts !== undefined && !facts.clean
    const actor = createActor(machine, {
      ...(this.#inspect ? { inspect: this.#inspect } : {}),
      clock: {
        setTimeout: (run, ms) => {
          const id = this.clock.setTimeout(() => {
            this.#timers.delete(id)
            run()
          }, ms)
          this.#timers.add(id)
          return id
        },
        clearTimeout: (id) => {
          this.#timers.delete(id)
          this.clock.clearTimeout(id)
        },
      },
      input: {
        env: { now: this.clock.wall, random: this.#random },
        account: 'model',
        expectedNumber: this.#expectedNumber,
        mode: this.mode,
        policy: this.policy,
        facts,
        generation: this.world.opened.at(-1)?.generation ?? 0,
      },
    })
    rigs.set(actor.system, this)
    let last = ''
    actor.subscribe({
      next: ({ value }) => {
        const state = dotted(value)
        if (state !== last) this.path.push(`${this.clock.now()} ${state}`)
        last = state
      },
      error: (error) => {
        this.error = error
      },
    })
    actor.start()
    return actor
  }
  #unclean = false

  /** The state with all its parts. */
  get state(): string {
    return dotted(this.actor.getSnapshot().value)
  }

  get context() {
    return this.actor.getSnapshot().context
  }

  /** The owner's state alone, for those that ask after every step. */
  get owners(): Status['state'] {
    return stateNameOf(this.actor.getSnapshot().value)
  }

  get status(): Status {
    return statusOf(stateNameOf(this.actor.getSnapshot().value), this.context)
  }

  /** Timers of the machine that are pending. */
  get timers(): number {
    return this.#timers.size
  }

  /** Services that run. */
  get children(): readonly string[] {
    return Object.keys(this.actor.getSnapshot().children)
  }

  send(event: ConnectionEvent | Command): void {
    this.actor.send(event)
  }

  advance(ms: number): Promise<boolean> {
    return this.clock.advance(ms)
  }

  /** Moves on until the owner's state is this one; throws with the path if it does not come. */
  async until(done: Status['state'] | (() => boolean), withinMs: number): Promise<number> {
    const from = this.clock.now()
    const reached = await this.clock.advance(withinMs, typeof done === 'function' ? done : () => this.owners === done)
    if (!reached) throw new Error(`not reached within ${withinMs} ms: ${done}\n${this.path.join('\n')}`)
    return this.clock.now() - from
  }

  async start(): Promise<this> {
    this.send({ type: 'start' })
    await this.clock.settle()
    return this
  }

  async healthy(withinMs = 60_000): Promise<this> {
    await this.start()
    await this.until('healthy', withinMs)
    return this
  }

  /** The process dies without a word and a new one starts: only the folder outlives it. */
  async crash({ start = true } = {}): Promise<void> {
    this.actor.stop()
    for (const socket of this.world.sockets) [socket.attached, socket.fenced, socket.open] = [false, true, false]
    this.world.evidence = noEvidence
    this.world.outbound = noOutbound
    this.#assessed = ''
    this.#assessedOutbound = ''
    this.actor = this.#boot()
    this.path.push(`${this.clock.now()} -- a new process`)
    if (start) await this.start()
    else await this.clock.settle()
  }

  /** The phone removes this device: the connection ends with a 401, and so does every login with these credentials. */
  unlink(): void {
    this.world.login = cause('logged-out', { code: 401 })
    this.world.close(this.world.login)
  }

  /** Messages of these addresses could not be read. */
  unreadable(
    addresses: readonly string[],
    ids: readonly string[],
    reason: DecryptReason = 'bad-session',
    peer = false,
  ): void {
    for (const address of addresses)
      for (const id of ids)
        this.world.evidence = failed(this.world.evidence, { address, id, reason, peer }, this.clock.wall())
    this.assess()
  }

  /** A message of this address was read. */
  readable(address: string): void {
    this.world.evidence = succeeded(this.world.evidence, address)
    this.assess()
    if (this.context.verifying?.addresses.includes(address)) this.send({ type: 'prune.proven', address })
  }

  /** Devices asked again for messages that were sent to them. */
  unheard(addresses: readonly string[], ids: readonly string[], own = false): void {
    for (const address of addresses)
      for (const id of ids)
        this.world.outbound = asked(this.world.outbound, { address, jid: address, id, own }, this.clock.wall())
    this.assessOutbound()
  }

  /** A device read what was sent to it just now. */
  heard(address: string): void {
    this.world.outbound = reached(this.world.outbound, { address, id: '', sentAt: this.clock.wall() + 1 })
    this.assessOutbound()
  }

  /** What the other watcher beside the socket does. */
  assessOutbound(): void {
    const now = this.clock.wall()
    const policy = this.policy.outbound
    this.world.outbound = outboundAsOf(this.world.outbound, policy, now)
    const outbound = assessOutbound(this.world.outbound, policy, now)
    const text = JSON.stringify(outbound)
    if (text !== this.#assessedOutbound) this.actor.send({ type: 'outbound.changed', outbound })
    this.#assessedOutbound = text
    if (this.#reassessOutbound !== undefined) this.clock.clearTimeout(this.#reassessOutbound)
    const next = reassessOutboundAt(this.world.outbound, policy, now)
    this.#reassessOutbound = next === undefined ? undefined : this.world.later(next - now, () => this.assessOutbound())
  }

  /**
   * What the watcher beside the socket does: it judges what is known, tells the machine of a change, and comes back
   * when time alone may change it.
   */
  assess(): void {
    const now = this.clock.wall()
    const evidence = assess(this.world.evidence, this.policy.decrypt, now)
    const text = JSON.stringify(evidence)
    if (text !== this.#assessed) this.actor.send({ type: 'evidence.changed', evidence })
    this.#assessed = text
    if (this.#reassess !== undefined) this.clock.clearTimeout(this.#reassess)
    const next = reassessAt(this.world.evidence, this.policy.decrypt, now)
    this.#reassess = next === undefined ? undefined : this.world.later(next - now, () => this.assess())
  }

  /** Contacts write as soon as we are online, and go on. */
  #talk(socket: ModelSocket): void {
    const { world, clock, policy } = this
    const grace = this.#unclean ? policy.decrypt.graceAfterUncleanMs : policy.decrypt.graceMs
    world.evidence = drained(world.evidence, clock.wall(), grace)
    world.outbound = linkUp(linkDown(world.outbound, clock.wall(), policy.outbound), clock.wall())
    let round = 0
    const speak = (): void => {
      if (!socket.attached || !socket.open) return
      round += 1
      for (const address of world.contacts) {
        const failure = { address, id: `${socket.generation}-${round}`, reason: 'bad-session', peer: false } as const
        world.evidence = world.poisoned.has(address)
          ? failed(world.evidence, failure, clock.wall())
          : succeeded(world.evidence, address)
      }
      // Whoever writes is answered.
      for (const address of world.contacts) {
        const answer = { address, id: `to ${socket.generation}-${round}`, sentAt: clock.wall() }
        world.outbound = world.cannotRead.has(address)
          ? asked(world.outbound, { ...answer, jid: address, own: false }, clock.wall())
          : reached(world.outbound, answer)
      }
      this.assess()
      this.assessOutbound()
      const proof = this.context.verifying?.addresses.find((one) => world.contacts.has(one) && !world.poisoned.has(one))
      if (proof !== undefined) this.send({ type: 'prune.proven', address: proof })
      if (world.contacts.size > 0) world.later(world.talkMs, speak)
    }
    world.later(100, speak)
    this.assess()
    this.assessOutbound()
  }
}
