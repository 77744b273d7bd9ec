import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { link } from '../../account.ts'
import type { ModelDisk } from './model-disk.ts'
import { folder, mint, type Subject } from './subject.ts'

/** The calls of `node:fs/promises` that Baileys' own store makes. */
const calls = ['mkdir', 'readFile', 'stat', 'unlink', 'writeFile'] as const

/**
 * Puts what is asked of Node's file system below the account's folder onto the model disk, until the returned function
 * is called.
 */
export function divert(disk: () => ModelDisk): () => void {
  const real = Object.fromEntries(calls.map((name) => [name, promises[name]]))
  const modelled = {
    mkdir: (path: string) => disk().fileSystem.mkdir(path, 0o777),
    readFile: async (path: string) => (await disk().fileSystem.readFile(path)).toString('utf8'),
    stat: (path: string) => disk().fileSystem.stat(path),
    unlink: (path: string) => disk().fileSystem.unlink(path),
    writeFile: (path: string, data: string) => disk().overwrite(path, Buffer.from(data)),
  }
  const isModelled = (path: unknown): path is string =>
    typeof path === 'string' && (path === folder || path.startsWith(`${folder}/`))
  for (const name of calls) {
    const routed = (path: unknown, ...rest: readonly unknown[]): unknown =>
      isModelled(path)
        ? modelled[name](path, String(rest[0]))
        : Reflect.apply(real[name] ?? (() => undefined), promises, [path, ...rest])
    Object.assign(promises, { [name]: routed })
  }
  // What modules have imported already follows.
  syncBuiltinESMExports()
  return () => {
    Object.assign(promises, real)
    syncBuiltinESMExports()
  }
}

/** Baileys' own store, run as it is; its disk is whatever is diverted to at the time. */
export const baileysStore = (use: (disk: ModelDisk) => void): Subject => ({
  open: async (disk) => {
    use(disk)
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    Object.assign(state.creds, mint())
    return { creds: state.creds, saveCreds, set: async (sessions) => state.keys.set({ session: sessions as never }) }
  },
  read: async (disk, ids) => {
    use(disk)
    const { state } = await useMultiFileAuthState(folder)
    // Whatever it cannot read is a new identity to it.
    const creds = state.creds.registrationId === link(mint()).registrationId ? state.creds : undefined
    return { creds, values: await state.keys.get('session', [...ids]) }
  },
})
