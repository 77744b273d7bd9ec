#!/usr/bin/env node
import { runCommand } from './command-line.ts'

await runCommand(process.argv.slice(2))
// Baileys leaves timers of up to 30 s behind; nothing of ours waits any more.
process.stdout.write('', () => process.exit())
