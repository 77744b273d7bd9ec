import type { Broken } from './rules.ts'
import type { RunResult } from './run.ts'
import { scheduleOf, shrink, written } from './schedule.ts'
import type { Step } from './steps.ts'
import type { SubjectKind } from './subject.ts'
import { cannotBegin, cutShort, growth } from './verdict.ts'
import { Victim } from './victim.ts'

export interface TortureOptions {
  /** Absolute path of a module that exports the function that is tortured, or has it as its default export. */
  readonly module: string
  /** `connect` is put under supervision; `loop` keeps itself connected. Default `connect`. */
  readonly kind?: SubjectKind
  /** Names under which the module may know Baileys. */
  readonly baileys: readonly string[]
  /** Run number n plays the schedule of `seed + n`, from n = 0. */
  readonly seed: number
  readonly runs: number
  /** Play this in each run, in place of the schedules of the seeds. */
  readonly schedule: readonly Step[] | undefined
  /** No further run begins after that moment of `performance.now()`. Default: none. */
  readonly until?: number
  readonly onRun: (run: TorturedRun) => void
}

export interface TorturedRun {
  readonly seed: number
  readonly schedule: string
  readonly broken: readonly Broken[]
  readonly path: readonly string[]
  readonly healMs: number
  readonly tookMs: number
  readonly messages: RunResult['messages']
  readonly answers: RunResult['answers']
  /** Of a run that failed: the steps that are enough for it. */
  readonly shortest?: string
}

export interface TortureResult {
  readonly ok: boolean
  readonly runs: readonly TorturedRun[]
  /** How much the heap grew from run to run, after collections; undefined for fewer than three runs in one process. */
  readonly heapBytesPerRun?: number
  /** Runs that were left out, since the account cannot even be linked. */
  readonly leftOut: number
}

const startsWithinMs = 60_000
const runsWithinMs = 240_000
const shrinkRuns = 8

/** Begins a process to play in. */
export type Begin = (...stranger: Parameters<typeof Victim.begin>) => Pick<Victim, 'alive' | 'answer' | 'kill'>

/**
 * Plays schedule after schedule on a stranger's `connect`, in a process of its own, and tells which promises did not
 * hold.
 */
export async function torture(options: TortureOptions, begin: Begin = Victim.begin): Promise<TortureResult> {
  const rig = new Rig(options, begin)
  const { until = Number.POSITIVE_INFINITY } = options
  const runs: TorturedRun[] = []
  let fatal = false
  try {
    for (let at = 0; at < options.runs && performance.now() <= until; at += 1) {
      const seed = options.seed + at
      const schedule = options.schedule ?? scheduleOf(seed)
      const run = await rig.play(seed, schedule)
      fatal = run.broken.some(({ rule }) => rule === 'links')
      const shortest = run.broken.length > 0 && !fatal ? await rig.shorten(run, schedule) : undefined
      const told = { ...run, ...(shortest === undefined ? {} : { shortest }) }
      runs.push(told)
      options.onRun(told)
      if (fatal) break
    }
  } finally {
    await rig.end()
  }
  const { heapBytesPerRun } = rig
  return {
    ok: runs.every(({ broken }) => broken.length === 0),
    runs,
    ...(heapBytesPerRun === undefined ? {} : { heapBytesPerRun }),
    leftOut: fatal ? options.runs - runs.length : 0,
  }
}

/** Keeps a process to play in, and takes a fresh one when it has died or hangs. */
class Rig {
  readonly #options: TortureOptions
  readonly #begin: Begin
  #victim: ReturnType<Begin> | undefined
  #heap: number[] = []

  constructor(options: TortureOptions, begin: Begin) {
    this.#options = options
    this.#begin = begin
  }

  get heapBytesPerRun(): number | undefined {
    return growth(this.#heap)
  }

  async play(seed: number, schedule: readonly Step[]): Promise<TorturedRun> {
    const victim = await this.#ready()
    const startedAt = performance.now()
    const base = { seed, schedule: written(schedule) }
    const answer = await victim.answer(runsWithinMs, { schedule: base.schedule })
    if (answer.type === 'result') {
      this.#heap.push(answer.heapBytes)
      const { schedule: _, ...result } = answer.result
      return { ...base, ...result }
    }
    await this.end()
    this.#heap = []
    return {
      ...base,
      broken: [cutShort(answer, runsWithinMs)],
      path: [],
      healMs: 0,
      tookMs: performance.now() - startedAt,
      messages: { sent: 0, read: 0 },
      answers: { sent: 0, read: 0 },
    }
  }

  async shorten({ seed, broken }: TorturedRun, schedule: readonly Step[]): Promise<string> {
    const rules = new Set(broken.map(({ rule }) => rule))
    const fails = async (shorter: readonly Step[]) =>
      (await this.play(seed, shorter)).broken.some(({ rule }) => rules.has(rule))
    return written((await fails([])) ? [] : await shrink(schedule, fails, shrinkRuns))
  }

  async end(): Promise<void> {
    await this.#victim?.kill()
    this.#victim = undefined
  }

  async #ready(): Promise<ReturnType<Begin>> {
    if (this.#victim?.alive) return this.#victim
    const { module, kind = 'connect', baileys } = this.#options
    this.#victim = this.#begin(module, kind, baileys)
    const answer = await this.#victim.answer(startsWithinMs)
    if (answer.type === 'ready') return this.#victim
    throw cannotBegin(answer, module, kind, baileys)
  }
}
