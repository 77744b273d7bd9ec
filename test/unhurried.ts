import { constants, setPriority } from 'node:os'

// Whoever waits for a deadline goes first. It lasts for the whole worker: only the tests that `vitest.config.ts` calls
// unhurried run in it.
setPriority(constants.priority.PRIORITY_LOW)
