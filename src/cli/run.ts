import type { Command } from 'commander'
import { type RunOptions, withRunOptions } from './run-options.ts'
import { withThresholds } from './thresholds.ts'

/** `lifeline run`: supervises an account until a signal comes. */
export function addRun(program: Command): void {
  withThresholds(withRunOptions(program.command('run')))
    .description('supervise an account: connect, heal, reconnect, and show a code only when nothing else helps')
    .action(async (options: RunOptions) => {
      // Loaded here, so that the other commands start without the statechart and the log.
      const { runAccount } = await import('./run-account.ts')
      process.exitCode = await runAccount(options)
    })
}
