import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The compiled package is what users import and what child processes run, so it is built once before the tests.
    globalSetup: ['test/build.ts'],
    testTimeout: 30_000,
  },
})
