import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readWholeNow } from '../../stores/disk/whole-file.ts'
import { remembered } from './remembered.ts'

const mostMs = 30_000

/**
 * Has a torn creds.json of each folder that was supervised here before put back, before the program looks at it: some
 * gateways do so themselves, and ask to be linked anew. Takes as long as reading those files where nothing is torn; the
 * work is done by a process of its own, so that nothing is loaded into this one.
 */
export function mendRemembered(environment: NodeJS.ProcessEnv = process.env, run = inProcess): void {
  for (const { folder, baileys } of remembered()) {
    if (!isTorn(folder) || !isOurs(folder)) continue
    // Neither a preload of the program's nor this one.
    const { NODE_OPTIONS: _, ...env } = environment
    run([folder, baileys], env)
  }
}

/** One that does the work, to its end. */
function inProcess(args: readonly string[], env: NodeJS.ProcessEnv): void {
  const program = fileURLToPath(new URL('./mend-folder.js', import.meta.url))
  // Loaded only now: it takes longer to load than all of the preload.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  spawnSync(process.execPath, [program, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: mostMs,
    windowsHide: true,
  })
}

/** It is there, and is no JSON. What else may be wrong with it Baileys reads, or the supervision judges. */
function isTorn(folder: string): boolean {
  let text: string
  try {
    text = readWholeNow(join(folder, 'creds.json')).toString('utf8')
  } catch {
    return false
  }
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}

/** Another folder may lie in its place by now, or somebody else's. */
function isOurs(folder: string): boolean {
  try {
    const kept = statSync(join(folder, '.lifeline', 'creds'))
    return kept.isDirectory() && (process.getuid === undefined || kept.uid === process.getuid())
  } catch {
    return false
  }
}
