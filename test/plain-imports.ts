import module from 'node:module'

// A worker of `npm test` is started with this, `--import`. On Node 20 Vitest has every import of a worker asked of a
// thread of its own, also where it is told to leave modules alone, and has each answer told to the main process: an
// eighth of the processor time of a run. Without the thread nobody strips what Vitest adds to the address of a test
// file, so the runner loads it by itself.
const { register } = module
module.register = ((specifier: string, ...more: []) =>
  specifier === '#nodejs-worker-loader' ? undefined : register(specifier, ...more)) as typeof register

// Not in the processes that a test forks.
const own = process.execArgv.indexOf('--import')
if (own >= 0) process.execArgv.splice(own, 2)
