import { appendFileSync, closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryName } from '../disk/atomic-write.ts'

/**
 * What a process can still do to its folder while it exits: nothing that it began to write in turns of the event loop
 * is finished any more. Never throws.
 */

/** As `replaceJson`. */
export function replaceJsonNow(path: string, value: unknown): void {
  quietly(() => {
    const temporary = join(dirname(path), temporaryName())
    const file = openSync(temporary, 'wx', 0o600)
    try {
      writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  })
}

/** A line of its own, whatever half of a line a write under way has left. */
export function appendEntryNow(path: string, entry: unknown): void {
  quietly(() => appendFileSync(path, `\n${JSON.stringify(entry)}\n`, { mode: 0o600 }))
}

export function removeNow(paths: readonly string[]): void {
  for (const path of paths) quietly(() => unlinkSync(path))
}

/** The disk may fail, and nobody is left to tell. */
function quietly(step: () => void): void {
  try {
    step()
  } catch {
    // The next start takes this end for what it then looks like.
  }
}
