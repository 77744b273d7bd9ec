import { createActor, fromCallback, fromPromise, type InspectionEvent, type SnapshotFrom } from 'xstate'
import { heard } from '../../machines/context.ts'
import { allFine, allHeard, type Context, connectionMachine, resolvePolicy } from '../../machines/index.ts'
import { type Known, sentEvent } from './recorded-event.ts'
import { type RecordedRun, stateName } from './recording.ts'

/** An event of a recording, walked through a statechart again. */
export interface ReplayStep {
  /** Epoch milliseconds, as recorded. */
  readonly at: number
  readonly event: string
  /** Where this statechart stands after it. */
  readonly state: string
  /** Where the recorded one stood. */
  readonly recorded: string
  /** Why the step was taken. */
  readonly why?: string
}

/** Where this statechart goes another way than the recorded one. */
export interface Difference {
  readonly at: number
  readonly words: string
}

export interface Replay {
  readonly steps: readonly ReplayStep[]
  /** Empty if every state was passed as recorded. */
  readonly differences: readonly Difference[]
}

type Machine = typeof connectionMachine

/** A timer is late on a busy host: by this much, or this share of its time, it still counts as the same. */
const slackMs = 2_000
const slackShare = 0.2
const mostDifferences = 20

const never = fromPromise<never, never>(() => new Promise(() => undefined))
const silent = fromCallback<never, never>(() => undefined)
const silentServices = {
  ...Object.fromEntries(Object.keys(connectionMachine.implementations.actors).map((name) => [name, never])),
  openSocket: silent,
  probe: silent,
  watchNetwork: silent,
} as unknown as NonNullable<Parameters<Machine['provide']>[0]['actors']>

/**
 * Walks recorded runs through a statechart, by default this version's: no service runs, time and chance are the
 * recorded ones. Whatever this one does differently is listed: another state after an event, or a timer with another
 * time.
 */
export function replay(runs: readonly RecordedRun[], machine: Machine = connectionMachine): Replay {
  const steps: ReplayStep[] = []
  const differences: Difference[] = []
  for (const run of runs) new RunReplay(run, machine).walk(steps, differences)
  return { steps, differences: differences.slice(0, mostDifferences) }
}

class RunReplay {
  readonly #run: RecordedRun
  readonly #timers = new Map<string, { readonly type: string; readonly setAt: number; readonly ms: number }>()
  readonly #actor
  #now: number
  #t: number
  #draws: number[] = []
  #whys: string[] = []
  #reason: Context['reason']

  constructor(run: RecordedRun, machine: Machine) {
    this.#run = run
    this.#now = run.at
    this.#t = run.t
    const env = { now: () => this.#now, random: () => this.#draws.shift() ?? 0.5 }
    const { policy } = resolvePolicy(run.policy)
    const { mode, generation, facts, expectedNumber, from } = run
    const input = {
      env,
      account: 'replay',
      mode,
      policy,
      generation,
      facts,
      ...(expectedNumber === undefined ? {} : { expectedNumber }),
    }
    const served = machine.provide({ actors: silentServices })
    const context = { ...heard, ...from?.context, env, account: 'replay', mode, policy, expectedNumber } as Context
    this.#actor = createActor(served, {
      input,
      ...(from === undefined ? {} : { snapshot: served.resolveState({ value: from.value as never, context }) }),
      // Timers are looked at, not waited for.
      clock: { setTimeout: () => 0, clearTimeout: () => undefined },
      inspect: (event) => this.#inspect(event),
    })
  }

  walk(steps: ReplayStep[], differences: Difference[]): void {
    const actor = this.#actor
    let failure: unknown
    actor.subscribe({
      error: (error) => {
        failure = error
      },
    })
    actor.start()
    const { evidence = allFine, outbound = allHeard } = this.#run.from?.context ?? {}
    let known: Known = { evidence, outbound }
    let recorded = stateName(actor.getSnapshot().value)
    /**
     * Once it went another way, each further step differs too; only where the two meet and part again is it told anew.
     */
    let apart = false
    for (const { at, t, event: kept, draws = [], state } of this.#run.steps) {
      const sent = sentEvent(kept, known)
      known = { evidence: sent.evidence, outbound: sent.outbound }
      if (!apart) differences.push(...this.#timely(kept.type, at, t))
      this.#now = at
      this.#t = t
      this.#draws = [...draws]
      this.#whys = []
      actor.send(sent.event as never)
      const after = stateName(actor.getSnapshot().value)
      const was = recorded
      recorded = state ?? recorded
      const why = this.#whys.length === 0 ? {} : { why: this.#whys.join(' ') }
      steps.push({ at, event: kept.type, state: after, recorded, ...why })
      if (failure !== undefined) {
        differences.push({ at, words: `On ${eventSaid(kept.type)} this version fails; recorded was ${recorded}.` })
        return
      }
      if (after !== recorded && !apart)
        differences.push({
          at,
          words: `On ${eventSaid(kept.type)} in ${was} this version goes to ${after}; recorded was ${recorded}.`,
        })
      apart = after !== recorded
    }
    actor.stop()
  }

  /** A timer of this version that would have fired well before this moment, or fires well after it. */
  #timely(type: string, at: number, t: number): Difference[] {
    const found: Difference[] = []
    for (const [id, timer] of this.#timers) {
      const due = timer.setAt + timer.ms
      const slack = Math.max(slackMs, timer.ms * slackShare)
      const own = timer.type === type
      if (t - due > slack)
        found.push({
          at,
          words: `In this version ${eventSaid(timer.type)} comes ${said(timer.ms)} after it was set; recorded was ${own ? said(t - timer.setAt) : `nothing of it within ${said(t - timer.setAt)}`}.`,
        })
      else if (own && due - t > slack)
        found.push({
          at,
          words: `In this version ${eventSaid(type)} comes ${said(timer.ms)} after it was set; recorded was ${said(t - timer.setAt)}.`,
        })
      if (own || t - due > slack) this.#timers.delete(id)
    }
    return found
  }

  #inspect(event: InspectionEvent): void {
    if (event.actorRef !== this.#actor) return
    if (event.type === '@xstate.microstep') {
      const { reason } = (event.snapshot as SnapshotFrom<Machine>).context
      if (reason !== undefined && reason !== this.#reason) this.#whys.push(reason.why)
      this.#reason = reason
    }
    if (event.type !== '@xstate.action') return
    const { type, params } = event.action
    const { id, delay, sendId, event: raised } = Object(params)
    if (type === 'xstate.raise' && typeof delay === 'number')
      this.#timers.set(String(id), { type: String(Object(raised).type), setAt: this.#t, ms: delay })
    else if (type === 'xstate.cancel') this.#timers.delete(String(sendId))
  }
}

const said = (ms: number): string => (ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`)

/** `the timer retry`, `the end of pruneSessions`, `socket.close`. */
export function eventSaid(type: string): string {
  const [, kind, what, name = ''] = type.split('.')
  if (!type.startsWith('xstate.')) return type
  if (kind === 'after') return `the timer ${what}`
  return kind === 'error' ? `the failure of ${name}` : `the end of ${name}`
}
