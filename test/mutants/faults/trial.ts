import { join } from 'node:path'
import * as fc from 'fast-check'
import '../../quick-keys.ts'
import { loader } from '../loader.ts'
import { type Mutant, mutated } from '../mutant.ts'
import { type Hollowness, hollow } from './hollow.ts'

// One process that runs quick test files on changed sources again and again, and says which of them noticed.

/** What the process is told. */
export interface Request {
  /** In this order, until one fails. */
  readonly tests: readonly string[]
  readonly fault?: Mutant
  /** Sources whose bodies are emptied or inverted. */
  readonly hollow?: { readonly files: readonly string[]; readonly how: Hollowness }
}
export interface Noticed {
  readonly test: string
  readonly title: string
}
/** What it says. */
export interface Answer {
  readonly noticed: Noticed | undefined
  /** The test that noticed fails without the change, too: something is left behind in this process. */
  readonly unclean: boolean
  /** Of work. */
  readonly ms: number
}

interface Suite {
  readonly clear: () => void
  readonly firstFailure: (
    order: <C>(all: readonly C[]) => readonly C[],
  ) => Promise<{ readonly title: string; readonly error: unknown } | undefined>
}

// The same sequences for every fault, so that a survivor survives again.
fc.configureGlobal({ seed: 1 })
const root = process.cwd()
const { suitePath, runner, change } = await loader(root)
let trouble: string | undefined

async function failing(tests: readonly string[]): Promise<Noticed | undefined> {
  for (const test of tests) {
    trouble = undefined
    try {
      const suite = (await runner.import(suitePath)) as Suite
      suite.clear()
      await runner.import(join(root, test))
      const failure = await suite.firstFailure((all) => all)
      if (failure) console.error(failure.error)
      if (failure) return { test, title: failure.title }
    } catch (error) {
      return { test, title: `cannot be run: ${String(error)}` }
    }
    if (trouble !== undefined) return { test, title: `leaves an error to nobody: ${trouble}` }
  }
  return undefined
}

/** Of this process, in milliseconds: what it waits for on a busy machine is not its own work. */
const worked = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

async function answerTo({ tests, fault, hollow: hollowed }: Request): Promise<Answer> {
  const begun = worked()
  change(
    new Map([
      ...(fault ? [[fault.file, (source: string) => mutated(source, fault)] as const] : []),
      ...(hollowed?.files ?? []).map(
        (file) => [file, (source: string) => hollow(file, source, hollowed?.how)] as const,
      ),
    ]),
  )
  const noticed = await failing(tests)
  const ms = worked() - begun
  if (!noticed || (!fault && !hollowed)) return { noticed, ms, unclean: false }
  change(new Map())
  return { noticed, ms, unclean: (await failing([noticed.test])) !== undefined }
}

process.on('uncaughtException', (error) => {
  trouble = error.message
})
process.on('unhandledRejection', (error) => {
  // What Baileys leaves behind when a connection ends is caught by the library, and is no trouble.
  if (!(error instanceof Error && error.message === 'Connection Closed')) trouble = String(error)
})
process.on('message', (request: Request) => {
  void answerTo(request).then((answer) => process.send?.(answer))
})
process.send?.('ready')
