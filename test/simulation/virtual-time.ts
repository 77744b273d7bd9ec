import type { Random } from './random.ts'

/** Whose work a task is: a simulated process. What a dead one had planned never happens. */
export interface Owner {
  alive: boolean
  /** Timers of the library itself that are pending. */
  timers: number
}

interface Task {
  at: number
  order: number
  readonly run: () => void
  readonly owner: Owner | undefined
  /** Set by the library through the platform's timers, not by the simulated world. */
  readonly library: boolean
  readonly every: number | undefined
  live: boolean
}

/** What the platform's timer functions give: the library calls `unref` on some. */
export class VirtualTimer {
  readonly task: Task

  constructor(task: Task) {
    this.task = task
  }

  unref(): this {
    return this
  }

  ref(): this {
    return this
  }
}

const immediately = globalThis.setImmediate
/**
 * So many turns are asked for at once: promises settle between two of them all the same, and the event loop, which has
 * nothing else to do, goes round once for all.
 */
const turnsAtOnce = 100
const longestMs = 2_147_483_647

/**
 * Time for a whole world: it jumps from task to task, and every promise that can settle has done so before the next one
 * runs. The work of one task and all that follows from it belong to the owner of the task, so that a process can be
 * dropped whole.
 */
export class VirtualTime {
  /** Monotonic milliseconds since the world began; stands still while a host sleeps. */
  now = 0
  /** What the wall clock shows beyond that. */
  wallOffset = Date.UTC(2026, 0, 1)
  /** Whose task is running. */
  current: Owner | undefined
  steps = 0
  readonly #heap: Task[] = []
  #order = 0

  get wall(): number {
    return this.now + this.wallOffset
  }

  /** Plans work of a process that the library has not asked for: Baileys' own, and the disk's. */
  after(ms: number, run: () => void, owner: Owner): VirtualTimer {
    return this.#plan(ms, run, owner, false, undefined)
  }

  /** Plans work of the world around the processes, which none of them takes with it. */
  later(ms: number, run: () => void): VirtualTimer {
    return this.#plan(ms, run, undefined, false, undefined)
  }

  cancel(timer: unknown): void {
    if (timer instanceof VirtualTimer) this.#end(timer.task)
  }

  /** A dead process's timers count no more. */
  bury(owner: Owner): void {
    owner.alive = false
    owner.timers = 0
  }

  /** Runs on until the moment, or until `done`, asked after each task, says so. Answers whether it did. */
  run(until: number, done: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let turns = 0
      let over = false
      const end = (settle: () => void) => {
        over = true
        settle()
      }
      const turn = () => {
        if (over) return
        try {
          this.current = undefined
          if (done()) return end(() => resolve(true))
          const task = this.#next(until)
          if (task === undefined) {
            this.now = Math.max(this.now, until)
            return end(() => resolve(false))
          }
          this.#perform(task)
        } catch (error) {
          return end(() => reject(error))
        }
        if (--turns === 0) more()
      }
      const more = () => {
        turns = turnsAtOnce
        for (let at = 0; at < turnsAtOnce; at++) immediately(turn)
      }
      more()
    })
  }

  /** Puts this time, and chance out of the seed, in the place of the platform's. Returns the function that ends it. */
  install(random: Random): () => void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis
    const { now } = Date
    const { random: chance } = Math
    const plan =
      (every: boolean) =>
      (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
        // Node fires a timer that is too long, or no number, after one millisecond.
        const delay = typeof ms === 'number' && ms >= 1 && ms <= longestMs ? ms : 1
        return this.#plan(delay, () => run(...args), this.current, true, every ? delay : undefined)
      }
    const cancel = (timer: unknown) => this.cancel(timer)
    Object.assign(globalThis, {
      setTimeout: plan(false),
      setInterval: plan(true),
      clearTimeout: cancel,
      clearInterval: cancel,
    })
    Date.now = () => this.wall
    Math.random = random.next
    performance.now = () => this.now
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval })
      Date.now = now
      Math.random = chance
      Reflect.deleteProperty(performance, 'now')
    }
  }

  #plan(
    ms: number,
    run: () => void,
    owner: Owner | undefined,
    library: boolean,
    every: number | undefined,
  ): VirtualTimer {
    const task: Task = { at: this.now + Math.round(ms), order: this.#order++, run, owner, library, every, live: true }
    if (library && owner) owner.timers++
    this.#push(task)
    return new VirtualTimer(task)
  }

  #end(task: Task): void {
    if (!task.live) return
    task.live = false
    if (task.library && task.owner?.alive) task.owner.timers--
  }

  #perform(task: Task): void {
    this.now = Math.max(this.now, task.at)
    this.current = task.owner
    this.steps++
    if (task.every === undefined) this.#end(task)
    else {
      task.at = this.now + Math.round(task.every)
      task.order = this.#order++
      this.#push(task)
    }
    task.run()
  }

  #next(until: number): Task | undefined {
    for (let task = this.#heap[0]; task !== undefined; task = this.#heap[0]) {
      const over = !task.live || task.owner?.alive === false
      if (!over && task.at > until) return undefined
      this.#pop()
      if (!over) return task
    }
    return undefined
  }

  #push(task: Task): void {
    const heap = this.#heap
    let at = heap.push(task) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !before(task, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = task
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      let below = heap[child]
      const right = heap[child + 1]
      if (below !== undefined && right !== undefined && before(right, below)) {
        below = right
        child++
      }
      if (below === undefined || !before(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }
}

const before = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
