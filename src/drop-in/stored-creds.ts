import type { AuthenticationCreds } from '../baileys/baileys-types.ts'
import { codecOf } from '../stores/codec.ts'
import { nodeFileSystem } from '../stores/disk/file-system.ts'
import { GenerationFolder } from '../stores/folder/generation-folder.ts'
import { Generations } from '../stores/generations.ts'
import { layoutOf } from '../stores/layout.ts'
import type { AuthStore } from '../stores/store.ts'
import type { Baileys } from './namespace.ts'

/**
 * The credentials of a folder that nobody supervises at the moment; reads only. Where creds.json cannot be used they
 * are those of the last good generation, which the supervision will put back; where there are none, an identity that is
 * written nowhere.
 */
export async function storedCreds(store: AuthStore, folder: string, baileys: Baileys): Promise<AuthenticationCreds> {
  const { creds } = await store.inspect({ depth: 'creds' })
  if (creds.kind === 'present') return creds.value
  if (creds.kind === 'unreadable') {
    const generations = new Generations(new GenerationFolder(nodeFileSystem, layoutOf(folder)))
    const good = await generations.newest(codecOf(baileys))
    if (good) return good.creds
  }
  return baileys.initAuthCreds()
}
