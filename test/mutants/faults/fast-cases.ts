import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from '../mutant.ts'
import { reachedBy, testsOf } from './reach.ts'
import { placeOf } from './touched.ts'
import type { Chosen, Measured } from './trial.ts'
import type { WarmProcess } from './warm-process.ts'

/** A case that is more work than this, or takes longer, is no fast one. */
const fast = { workMs: 1_500, ms: 4_000 }
/** To measure a case at all, and all of a file: what comes after that is no fast one. */
const measureMs = 6_000
const measureFileMs = 20_000
/** So many of the nearest test files are asked; those further away notice little that these do not. */
const nearest = 24
/** The fast cases that are shown one fault take at most so long together, the likely ones first. */
const boundMs = 8_000
/** What is changed may take so much longer. */
const patience = { times: 4, ms: 5_000 }
/** What is next to a source is likely to notice. */
const nearer = 0.1

interface Known {
  readonly cases: readonly Measured[]
  /** Why nothing of it can be run here. */
  readonly trouble?: string
}
const tool = ['suite', 'loader', 'expected', 'properties', 'faults/trial', 'faults/touched']

/** The test files whose fast cases a fault of a source may be shown. */
export const nearestTo = (source: string): readonly string[] => testsOf(source).slice(0, nearest)

/**
 * What each case of a test file takes and which blocks it runs, measured once for every content of the files that it
 * loads.
 */
export class FastCases {
  readonly #root: string
  readonly #known = new Map<string, Known>()
  /** Cases that failed with nothing changed, alone or after others. */
  readonly #unfit = new Set<string>()
  /** Which cases have noticed faults of a source, the last one first. */
  readonly #noticed = new Map<string, readonly string[]>()

  constructor(root: string) {
    this.#root = root
  }

  async know(test: string, warm: WarmProcess): Promise<Known> {
    const there = this.#known.get(test)
    if (there) return there
    const folder = join(this.#root, 'node_modules/.cache/lifeline-faults')
    const path = join(folder, `${this.#sumOf(test)}.json`)
    if (!existsSync(path)) {
      const found = await measuredOf(test, warm)
      mkdirSync(folder, { recursive: true })
      writeFileSync(path, JSON.stringify(found))
    }
    const known = JSON.parse(readFileSync(path, 'utf8')) as Known
    this.#known.set(test, known)
    return known
  }

  #sumOf(test: string): string {
    const sum = createHash('sha256')
    for (const file of [...reachedBy(test), ...tool.map((name) => `test/mutants/${name}.ts`)].toSorted())
      sum.update(file).update(readFileSync(join(this.#root, file)))
    return sum.digest('hex').slice(0, 32)
  }

  /** The fast cases of a test file, all that can be told from measuring it. */
  fastOf(test: string): readonly number[] {
    return (this.#known.get(test)?.cases ?? [])
      .filter(
        (one) => !one.failed && one.work < fast.workMs && one.ms < fast.ms && !this.#unfit.has(`${test}#${one.at}`),
      )
      .map(({ at }) => at)
  }

  /** The nearest test files of a source of which some cases are no fast ones, or cannot be run here. */
  slowerOf(source: string): readonly string[] {
    return nearestTo(source).filter((test) => {
      const { cases, trouble } = this.#known.get(test) ?? { cases: [] }
      const fast = this.fastOf(test)
      return trouble !== undefined || cases.length === 0 || cases.some(({ at }) => !fast.includes(at))
    })
  }

  /** The fast cases that run what is changed, those that are likely to notice it first. */
  shownTo(fault: Mutant): readonly Chosen[] {
    const place = placeOf(this.#root, fault)
    const tests = nearestTo(fault.file)
    const first = this.#noticed.get(fault.file) ?? []
    const rank = (test: string, at: number, ms: number): number => {
      const before = first.indexOf(`${test}#${at}`)
      return before >= 0
        ? before - first.length
        : (ms + 20) * (test === tests[0] || beside(test, fault.file) ? nearer : 1)
    }
    const all = tests.flatMap((test) =>
      this.fastOf(test).flatMap((at) => {
        const one = this.#caseOf(test, at)
        return one?.touched.includes(place) ? [{ test, at, ms: one.ms, rank: rank(test, at, one.ms) }] : []
      }),
    )
    const chosen = new Map<string, number[]>()
    let sum = 0
    for (const { test, at, ms } of all.toSorted((a, b) => a.rank - b.rank)) {
      if (sum + ms > boundMs) continue
      sum += ms
      chosen.set(test, [...(chosen.get(test) ?? []), at])
    }
    return [...chosen].map(([test, cases]) => ({ test, cases }))
  }

  /** How long a case that is shown something wrong may take. */
  readonly bound = (test: string, at: number): number =>
    patience.ms + patience.times * (this.#caseOf(test, at)?.ms ?? measureMs)

  #caseOf(test: string, at: number): Measured | undefined {
    return this.#known.get(test)?.cases.find((one) => one.at === at)
  }

  noticed(file: string, test: string, at: number): void {
    const name = `${test}#${at}`
    this.#noticed.set(file, [name, ...(this.#noticed.get(file) ?? []).filter((one) => one !== name)].slice(0, 40))
  }

  unfit(test: string, at: number): void {
    this.#unfit.add(`${test}#${at}`)
  }
}

/** A case that does not end in time takes its process along; those behind it begin afresh. */
async function measuredOf(test: string, warm: WarmProcess): Promise<Known> {
  const cases: Measured[] = []
  let trouble: string | undefined
  let rest: readonly number[] | undefined
  do {
    const { noticed, measured, of } = await warm.ask(
      { run: [{ test, ...(rest ? { cases: rest } : {}) }], measureMs: measureFileMs },
      () => measureMs,
    )
    cases.push(...measured)
    if (noticed || measured.some(({ failed }) => failed)) warm.end()
    trouble ??= noticed?.title
    const stuck = noticed && noticed.at >= 0 ? noticed.at : of
    rest = Array.from({ length: Math.max(0, of - stuck - 1) }, (_, index) => stuck + 1 + index)
  } while (rest.length > 0 && cases.reduce((sum, { ms }) => sum + ms, 0) < measureFileMs)
  return { cases, ...(trouble === undefined ? {} : { trouble }) }
}

const folderOf = (file: string): string => file.replace(/^(?:src|test)\//, '').replace(/[^/]*$/, '')
const beside = (test: string, file: string): boolean => folderOf(test) === folderOf(file)
