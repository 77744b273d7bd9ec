import { type AsyncHook, createHook } from 'node:async_hooks'
import { readdir } from 'node:fs/promises'
import { type Calls, callsHere, type Origin, originOf } from './origin.ts'

/** Something that is still there after `stop()` and was not there before the start. */
export interface Leak {
  readonly what: string
  readonly count: number
  readonly owner: Origin['owner']
  readonly where?: string
}

/** Handles that hold a process; timers are followed one by one, since Baileys leaves some of its own behind. */
const handles = /TCP|TLS|UDP|Pipe|FSEvent|Process|Worker/
const restMs = 2_000
const lookEveryMs = 20
const fewTimers = 100

type Listener = (...args: unknown[]) => void

/** Follows timers, handles, file descriptors and listeners of the process from the start of a run to its end. */
export class LeakMeter {
  readonly #folder: string
  readonly #timers = new Map<object, Calls>()
  readonly #hook: AsyncHook
  readonly #handles: ReadonlyMap<string, number>
  readonly #files: number
  readonly #listeners: ReadonlyMap<string | symbol, readonly unknown[]>
  readonly #added = new WeakMap<object, Calls>()
  readonly #warnings = new Set<string>()
  #sweepAt = fewTimers

  private constructor(folder: string, files: number) {
    this.#folder = folder
    this.#files = files
    this.#handles = handleCounts()
    this.#listeners = listeners()
    // Without a hook for the end of things, which would have every promise of the process followed until it is
    // collected.
    this.#hook = createHook({
      init: (_id, type, _trigger, timer) => {
        if (type !== 'Timeout') return
        this.#timers.set(timer, callsHere())
        if (this.#timers.size > this.#sweepAt) this.#sweep()
      },
    }).enable()
    process.on('newListener', this.#onAdded)
    process.on('warning', this.#warned)
  }

  /** `folder`: where the code of `connect` lies, with a slash at its end. */
  static async begin(folder: string): Promise<LeakMeter> {
    return new LeakMeter(folder, await openFiles())
  }

  /** What is left once the process has come to rest, for which it gets that long; ends the following. */
  async end(withinMs = restMs): Promise<readonly Leak[]> {
    const until = performance.now() + withinMs
    let left = await this.#left()
    while (left.length > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
      left = await this.#left()
    }
    this.#hook.disable()
    process.off('newListener', this.#onAdded)
    process.off('warning', this.#warned)
    return left
  }

  async #left(): Promise<readonly Leak[]> {
    const leaks: Leak[] = []
    this.#sweep()
    const running = [...this.#timers.values()]
      .map((calls) => originOf(calls, this.#folder))
      .filter(({ owner }) => owner === 'connect' || owner === 'lifeline')
    for (const { origin, count } of counted(running)) leaks.push({ what: 'timer', count, ...origin })
    for (const [kind, count] of handleCounts()) {
      const more = count - (this.#handles.get(kind) ?? 0)
      if (more > 0) leaks.push({ what: kind, count: more, owner: 'other' })
    }
    const files = (await openFiles()) - this.#files
    if (files > 0) leaks.push({ what: 'file descriptor', count: files, owner: 'other' })
    for (const [event, now] of listeners()) {
      const before = this.#listeners.get(event) ?? []
      const added = now.filter((one) => !before.includes(one))
      const calls = added.map((one) => this.#added.get(Object(one))).find((one) => one !== undefined)
      const origin = calls && originOf(calls, this.#folder)
      if (added.length > 0)
        leaks.push({
          what: `process listener of ${String(event)}`,
          count: added.length,
          ...(origin ?? { owner: 'other' }),
        })
    }
    for (const warning of this.#warnings) leaks.push({ what: warning, count: 1, owner: 'other' })
    return leaks
  }

  /** Forgets timers that have fired for the last time or were cleared. */
  #sweep(): void {
    for (const timer of this.#timers.keys()) if (Reflect.get(timer, '_destroyed') === true) this.#timers.delete(timer)
    this.#sweepAt = 2 * this.#timers.size + fewTimers
  }

  readonly #onAdded = (event: string | symbol, listener: Listener): void => {
    if (event !== 'newListener') this.#added.set(listener, callsHere())
  }

  readonly #warned = (warning: Error): void => {
    if (warning.name === 'MaxListenersExceededWarning') this.#warnings.add(warning.message.replace(/\. Use.*/s, ''))
  }
}

function counted(origins: readonly Origin[]): readonly { readonly origin: Origin; readonly count: number }[] {
  const counts = new Map<string, { readonly origin: Origin; readonly count: number }>()
  for (const origin of origins) {
    const key = `${origin.owner} ${origin.where}`
    counts.set(key, { origin, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}

function handleCounts(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo())
    if (handles.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** Only Linux tells; elsewhere none are counted. */
async function openFiles(): Promise<number> {
  return (await readdir('/proc/self/fd').catch(() => [])).length
}

function listeners(): Map<string | symbol, readonly unknown[]> {
  const own = new Set<string | symbol>(['newListener', 'warning'])
  const events = process.eventNames().filter((event) => !own.has(event))
  return new Map(events.map((event) => [event, process.listeners(event as NodeJS.Signals)]))
}
