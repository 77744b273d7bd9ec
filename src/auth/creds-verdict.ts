import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import type { Codec } from './codec.ts'
import { contradiction, isPaired, readCreds } from './creds.ts'
import type { FileSystem } from './file-system.ts'
import type { Generations } from './generations.ts'
import type { Read } from './store.ts'

/** Reads creds.json and holds it against the newest good generation: what that contradicts, or what vanished, is unreadable. */
export const judgeCreds = async (
  fs: FileSystem,
  path: string,
  codec: Codec,
  generations: Generations,
): Promise<Read<AuthenticationCreds>> => {
  const read = await readCreds(fs, path, codec)
  if (read.kind === 'unreadable') return read
  const good = await generations.newest(codec)
  if (!good) return read
  if (read.kind === 'absent') {
    if (!isPaired(good.creds)) return read
    const saved = new Date(good.savedAt).toISOString()
    return { kind: 'unreadable', why: `creds.json is missing, though good credentials of ${saved} are kept` }
  }
  const why = contradiction(read.value, good.creds)
  return why === undefined ? read : { kind: 'unreadable', why }
}
