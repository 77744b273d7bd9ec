import { join } from 'node:path'
import * as fc from 'fast-check'
import { createViteServer } from 'vitest/node'
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

interface Suite {
  readonly clear: () => void
  readonly firstFailure: () => Promise<{ readonly title: string; readonly error: unknown } | undefined>
}

// The same sequences for every mutant, so that a survivor survives again.
fc.configureGlobal({ seed: 1 })
const root = process.cwd()
const suite = join(root, 'test/mutants/suite.ts')
let active: Mutant | undefined

const server = await createViteServer({
  configFile: false,
  root,
  appType: 'custom',
  logLevel: 'silent',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform: (source, id) => {
        const code = active !== undefined && id === join(root, active.file) ? mutated(source, active) : source
        return { code: id === suite ? code : code.replace("from 'vitest'", `from '${suite}'`), map: null }
      },
    },
  ],
})
const environment = server.environments.ssr
if (!('runner' in environment)) throw new Error('this version of vite runs modules elsewhere')
const { runner } = environment as typeof environment & {
  readonly runner: { clearCache(): void; import(url: string): Promise<unknown> }
}

function activate(mutant: Mutant | undefined): void {
  for (const file of [active?.file, mutant?.file])
    for (const module of file === undefined ? [] : (environment.moduleGraph.getModulesByFile(join(root, file)) ?? []))
      environment.moduleGraph.invalidateModule(module)
  active = mutant
  runner.clearCache()
}

async function noticedBy({ mutant, target }: Request): Promise<string | undefined> {
  activate(mutant)
  const tests = targets[target]?.tests ?? []
  for (const file of tests) {
    try {
      const { clear, firstFailure } = (await runner.import(suite)) as Suite
      clear()
      await runner.import(join(root, file))
      const failure = await firstFailure()
      if (failure) {
        if (mutant === undefined) console.error(failure.error)
        return `${file}: ${failure.title}`
      }
    } catch (error) {
      if (mutant === undefined) console.error(error)
      return `${file}: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return undefined
}

let trouble: string | undefined
process.on('uncaughtException', (error) => {
  trouble = error.message
})
process.on('unhandledRejection', (error) => {
  trouble = String(error)
})
process.on('message', (request: Request) => {
  trouble = undefined
  void noticedBy(request).then((caughtBy) => {
    const answer: Answer = { caughtBy: caughtBy ?? trouble }
    process.send?.(answer)
  })
})
process.send?.('ready')
