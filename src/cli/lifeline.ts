#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command } from 'commander'
import { addDemo } from './demo.ts'
import { tellFailure } from './failure.ts'

const { version } = createRequire(import.meta.url)('baileys-lifeline/package.json') as { version: string }

const program = new Command('lifeline')
  .description('Keeps a Baileys WhatsApp connection alive, and shows how.')
  .version(version)
  .option('--debug', 'print the stack of an error')
  .exitOverride()

addDemo(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = tellFailure(error, program.opts().debug === true)
}
// Baileys leaves timers of up to 30 s behind; nothing of ours waits any more.
process.stdout.write('', () => process.exit())
