import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readWholeNow } from '../../stores/disk/whole-file.ts'
import { isBaileys } from './entry.ts'
import { userFolder } from './user-folder.ts'

/** An auth folder that was supervised here, and the Baileys that did so: its main file, as a URL. */
export interface Remembered {
  readonly folder: string
  readonly baileys: string
}

/**
 * Where folders are remembered, one file each: with the user, since a folder cannot tell of itself to a program that
 * has not opened it yet. `XDG_STATE_HOME` moves it, into a volume for instance.
 */
export const rememberedPlace = (): string => userFolder('state', 'folders')

/** Read at once, before a program's first line. What cannot be read is not remembered. */
export function remembered(): readonly Remembered[] {
  try {
    const at = rememberedPlace()
    return readdirSync(at).flatMap((name) => (name.endsWith('.json') ? entryIn(join(at, name)) : []))
  } catch {
    return []
  }
}

/** What it names is run, so it has to be this user's own word. */
function entryIn(path: string): readonly Remembered[] {
  try {
    if (process.getuid !== undefined && statSync(path).uid !== process.getuid()) return []
    const { folder, baileys } = Object(JSON.parse(readWholeNow(path).toString('utf8')))
    return typeof folder === 'string' && isBaileys(baileys) ? [{ folder, baileys }] : []
  } catch {
    return []
  }
}
