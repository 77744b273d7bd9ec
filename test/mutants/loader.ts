import { dirname, join } from 'node:path'
import { createViteServer } from 'vitest/node'

/** What becomes of a source, by its path in the project. */
export type Changes = ReadonlyMap<string, (source: string) => string>

/** Loads the project's sources into this process, changed in places, as often as it is asked to. */
export async function loader(root: string) {
  const own = join(root, 'test/mutants')
  const suitePath = join(own, 'suite.ts')
  let active: Changes = new Map()
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
          const code = active.get(id.slice(root.length + 1))?.(source) ?? source
          if (dirname(id) === own && !id.endsWith('.test.ts')) return { code, map: null }
          const found = code
            .replace("from 'vitest'", `from '${suitePath}'`)
            .replace("from '@fast-check/vitest'", `from '${join(own, 'properties.ts')}'`)
          return { code: found, map: null }
        },
      },
    ],
  })
  const environment = server.environments.ssr
  if (!('runner' in environment)) throw new Error('this version of vite runs modules elsewhere')
  const { runner } = environment as typeof environment & {
    readonly runner: { clearCache(): void; import(url: string): Promise<unknown> }
  }
  return {
    suitePath,
    runner,
    /** From now on, and for everything that was loaded already. */
    change: (changes: Changes): void => {
      for (const file of changes === active ? [] : [...active.keys(), ...changes.keys()])
        for (const module of environment.moduleGraph.getModulesByFile(join(root, file)) ?? [])
          environment.moduleGraph.invalidateModule(module)
      active = changes
      runner.clearCache()
    },
  }
}
