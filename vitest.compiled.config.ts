import { readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { defineConfig } from 'vitest/config'
import { configOf, execArgv } from './vitest.config.ts'

/** Compiled tests of which the source is there: what a former build left behind is no test any more. */
const compiled = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'))

// As gateways run, which get the parts of their packages that are for production.
process.env.NODE_ENV = 'production'

/**
 * What `npm test` runs: the tests as they were compiled, in plain Node, which loads them in half the time and runs what
 * users run.
 */
export default defineConfig(({ mode }) => ({
  // Each half of `npm test` remembers by itself how long its files took.
  cacheDir: `node_modules/.vite/${mode}`,
  ...configOf(
    compiled.map((file) => `dist/test/${file.replaceAll('\\', '/').replace(/ts$/, 'js')}`),
    (pattern) => `dist/${pattern.replace(/ts$/, 'js')}`,
    {
      runner: 'dist/test/runner.js',
      execArgv: [...execArgv, '--import', pathToFileURL('dist/test/plain-imports.js').href],
      // Only what failed: a log that is cut short still has it.
      reporters: ['minimal'],
      globalSetup: ['dist/test/stores/postgres/server-setup.js'],
      // Nothing is mocked, so no module has to be looked through for mocks.
      experimental: { viteModuleRunner: false, nodeLoader: false },
    },
  ),
}))
