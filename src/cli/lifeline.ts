#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command } from 'commander'
import { addDb } from './db.ts'
import { addDemo } from './demo.ts'
import { addDiagram } from './diagram.ts'
import { addDoctor } from './doctor.ts'
import { addExplain } from './explain.ts'
import { tellFailure } from './failure.ts'
import { addLink } from './link.ts'
import { addPrune } from './prune.ts'
import { addQuarantine } from './quarantine.ts'
import { addRun } from './run.ts'
import { addTorture } from './torture.ts'
import { addTransfer } from './transfer.ts'

const { version } = createRequire(import.meta.url)('baileys-lifeline/package.json') as { version: string }

const program = new Command('lifeline')
  .description('Keeps a Baileys WhatsApp connection alive, and shows how.')
  .version(version)
  .option('--debug', 'print the stack of an error')
  .exitOverride()

for (const add of [
  addDemo,
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

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = tellFailure(error, program.opts().debug === true)
}
// Baileys leaves timers of up to 30 s behind; nothing of ours waits any more.
process.stdout.write('', () => process.exit())
