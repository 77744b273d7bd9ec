#!/usr/bin/env node
import { keepCompiled } from '../drop-in/register/compiled.ts'

// Before all else is loaded.
keepCompiled()
const { runCommand } = await import('./command-line.ts')
await runCommand(process.argv.slice(2))
// Baileys leaves timers of up to 30 s behind; nothing of ours waits any more.
process.stdout.write('', () => process.exit())
