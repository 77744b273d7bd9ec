import { setPriority } from 'node:os'

/** Half of what another process gets of a busy processor: on Linux each step of niceness takes a fifth. */
const niceness = 3

// Whoever waits for a deadline goes first; yet on a machine that is busy with other things these come to an end in good
// time, too, which further down they do not. It lasts for the whole worker: only the tests that `vitest.config.ts`
// calls computing run in it.
setPriority(niceness)
