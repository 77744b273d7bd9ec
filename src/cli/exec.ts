import type { Command } from 'commander'
import { type ExecOptions, withExecOptions } from './exec-options.ts'
import { withThresholds } from './thresholds.ts'

/** `lifeline exec`: another program, with every Baileys in it supervised. */
export function addExec(program: Command): void {
  withThresholds(withExecOptions(program.command('exec')))
    .description(
      'run a gateway as it is, with the Baileys in it supervised: npx baileys-lifeline exec -- node gateway.js',
    )
    .argument('[command...]', 'the program and its arguments, after --')
    .action(async (command: readonly string[], options: ExecOptions) => {
      const { execute } = await import('./execute.ts')
      process.exitCode = await execute(command, options)
    })
}
