import { join } from 'node:path'
import * as fc from 'fast-check'
import { loader } from './loader.ts'
import { type Mutant, mutated } from './mutant.ts'
import { targets } from './targets.ts'

// One process that tries mutant after mutant and says of each which test noticed it, if any did.

/** What the process is told, and what it says. */
export interface Request {
  readonly mutant: Mutant | undefined
  readonly target: number
}
export interface Answer {
  /** Title of the test that failed; undefined if none did. */
  readonly caughtBy: string | undefined
}

interface Case {
  readonly title: string
}
interface Failure extends Case {
  readonly error: unknown
}
/** What `suite.ts` offers, where the tests run. */
interface Suite {
  readonly clear: () => void
  readonly measured: () => Promise<ReadonlyMap<string, number> | Failure>
  readonly firstFailure: (order: <C extends Case>(all: readonly C[]) => readonly C[]) => Promise<Failure | undefined>
}

// The same sequences for every mutant, so that a survivor survives again.
fc.configureGlobal({ seed: 1 })
const root = process.cwd()
const { suitePath, runner, change } = await loader(root)

function activate(mutant: Mutant | undefined): void {
  change(mutant ? new Map([[mutant.file, (source) => mutated(source, mutant)]]) : new Map())
}

/** A test that is more work than this is no quick one and is left out. */
const quickMs = 1_500
/** What each test of a target takes, once it was measured. */
const took = new Map<number, ReadonlyMap<string, number>>()
/** Which tests have noticed the mutants of a file, the last one first: they are likely to notice the next. */
const noticed = new Map<string, readonly string[]>()

async function defined(tests: readonly string[]): Promise<Suite> {
  const suite = (await runner.import(suitePath)) as Suite
  suite.clear()
  for (const file of tests) await runner.import(join(root, file))
  return suite
}

async function measure(target: number, tests: readonly string[]): Promise<string | undefined> {
  activate(undefined)
  const times = await (await defined(tests)).measured()
  if ('error' in times) {
    console.error(times.error)
    return times.title
  }
  took.set(target, times)
  return undefined
}

async function noticedBy({ mutant, target }: Request): Promise<string | undefined> {
  const { tests = [], untidy = false } = targets[target] ?? {}
  if (mutant === undefined || (!untidy && !took.has(target))) {
    const failing = await measure(target, tests)
    if (failing !== undefined || mutant === undefined) return failing
  }
  activate(mutant)
  const { firstFailure } = await defined(tests)
  const first = noticed.get(mutant.file) ?? []
  const times = took.get(target)
  const rank = ({ title }: Case): number =>
    first.includes(title) ? first.indexOf(title) - first.length : (times?.get(title) ?? 0)
  const failure = await firstFailure((all) =>
    untidy ? all : all.filter(({ title }) => (times?.get(title) ?? 0) < quickMs).toSorted((a, b) => rank(a) - rank(b)),
  )
  if (!failure) return undefined
  noticed.set(mutant.file, [failure.title, ...first.filter((title) => title !== failure.title)].slice(0, 40))
  return failure.title
}

let trouble: string | undefined
process.on('uncaughtException', (error) => {
  trouble = error.message
})
process.on('unhandledRejection', (error) => {
  // What Baileys leaves behind when a connection ends is caught by the library, and is no trouble.
  if (!(error instanceof Error && error.message === 'Connection Closed')) trouble = String(error)
})
process.on('message', (request: Request) => {
  trouble = undefined
  // A file that cannot be loaded at all is a failure like any other, of what is unchanged too.
  void noticedBy(request)
    .catch(String)
    .then((caughtBy) => {
      const answer: Answer = { caughtBy: caughtBy ?? trouble }
      process.send?.(answer)
    })
})
process.send?.('ready')
