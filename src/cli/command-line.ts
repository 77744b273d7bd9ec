import { createRequire } from 'node:module'
import { Command } from 'commander'
import { addDb } from './db.ts'
import { addDemo } from './demo.ts'
import { addDiagram } from './diagram.ts'
import { addDoctor } from './doctor.ts'
import { withExamples } from './examples.ts'
import { addExec } from './exec.ts'
import { addExplain } from './explain.ts'
import { tellFailure } from './failure.ts'
import { addLink } from './link.ts'
import { addPrune } from './prune.ts'
import { addQuarantine } from './quarantine.ts'
import { addRun } from './run.ts'
import { addTorture } from './torture.ts'
import { addTransfer } from './transfer.ts'

const { version } = createRequire(import.meta.url)('baileys-lifeline/package.json') as { version: string }

function commandLine(): Command {
  const program = new Command('lifeline')
    .description('Keeps a Baileys WhatsApp connection alive, and shows what it does.')
    .version(version)
    .option('--debug', 'print the stack of an error')
    .exitOverride()

  for (const add of [
    addDemo,
    addExec,
    addRun,
    addLink,
    addDoctor,
    addExplain,
    addPrune,
    addQuarantine,
    addDiagram,
    addTorture,
    addTransfer,
    addDb,
  ])
    add(program)
  withExamples(program)
  return program
}

/**
 * Does what the arguments say, and tells what broke; resolves when it is over, with its exit code in
 * `process.exitCode`. Never rejects.
 */
export async function runCommand(args: readonly string[]): Promise<void> {
  const program = commandLine()
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = tellFailure(error, program.opts().debug === true)
  }
}
