import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The compiled package is what users import and what child processes run, so it is built once before the tests.
    globalSetup: ['test/build.ts'],
    // Loading Baileys takes a second, both lines two: once for a worker, not once for each of its files.
    pool: 'forks',
    isolate: false,
    // Most of the time is Baileys' own waiting, so there are more workers than processors.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
