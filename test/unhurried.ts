import { constants, setPriority } from 'node:os'

// Whoever waits for a deadline goes first; yet on a machine that is busy with other things these come to an end, too,
// which at the lowest priority they do not. It lasts for the whole worker: only the tests that `vitest.config.ts` calls
// computing run in it.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
