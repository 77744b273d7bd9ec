import { readdirSync, statSync } from 'node:fs'
import { mkdir, readdir, stat, unlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { readWholeNow } from '../disk/whole-file.ts'
import { isBaileys } from './entry.ts'

/** An auth folder that was supervised here, and the Baileys that did so: its main file, as a URL. */
export interface Remembered {
  readonly folder: string
  readonly baileys: string
}

const most = 500

/**
 * Where folders are remembered, one file each: with the user, since a folder cannot tell of itself to a program that
 * has not opened it yet. `XDG_STATE_HOME` moves it, into a volume for instance.
 */
function place(): string {
  const { XDG_STATE_HOME: state, LOCALAPPDATA: local } = process.env
  const base =
    (state !== undefined && isAbsolute(state) && state) ||
    (process.platform === 'win32' && local) ||
    join(homedir(), '.local', 'state')
  return join(base, 'baileys-lifeline', 'folders')
}

/** Read at once, before a program's first line. What cannot be read is not remembered. */
export function remembered(): readonly Remembered[] {
  try {
    const at = place()
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
    return typeof folder === 'string' && typeof baileys === 'string' && isBaileys(baileys) ? [{ folder, baileys }] : []
  } catch {
    return []
  }
}

/** Without a place for it the folder is mended when the program opens it, as any other. */
export async function remember(entry: Remembered): Promise<void> {
  try {
    const [{ createHash }, { replaceJson }, { nodeFileSystem }] = await Promise.all([
      import('node:crypto'),
      import('../disk/atomic-write.ts'),
      import('../disk/file-system.ts'),
    ])
    const at = place()
    await mkdir(at, { recursive: true, mode: 0o700 })
    const name = createHash('sha256').update(entry.folder).digest('hex').slice(0, 32)
    await replaceJson(nodeFileSystem, join(at, `${name}.json`), entry)
    await forgetOldest(at)
  } catch {
    // A home that cannot be written to, as a container's.
  }
}

async function forgetOldest(at: string): Promise<void> {
  const names = await readdir(at)
  if (names.length <= most) return
  const ages = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(at, name))).mtimeMs })))
  const oldest = ages.sort((a, b) => a.at - b.at).slice(0, names.length - most)
  await Promise.all(oldest.map(({ name }) => unlink(join(at, name))))
}
