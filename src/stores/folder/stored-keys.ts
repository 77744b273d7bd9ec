import { join } from 'node:path'
import type { SignalDataTypeMap } from '../../baileys/baileys-types.ts'
import type { Codec } from '../codec.ts'
import { nodeFileSystem } from '../disk/file-system.ts'
import { keyFileName } from '../file-name.ts'
import { layoutOf } from '../layout.ts'
import { foreseen } from './journal/foreseen.ts'
import { outlookOn } from './journal/outlook.ts'

/** Those of a folder, to read. As from Baileys' own store, null is what is absent or cannot be read. */
export interface StoredKeys {
  get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Promise<{ [id: string]: SignalDataTypeMap[T] }>
}

/**
 * The keys of a folder as its next owner will find them: what a crash left in the journal counts as if it stood in the
 * files. Reads only.
 */
export const storedKeys = async (folder: string, codec: Codec): Promise<StoredKeys> => {
  const outlook = await outlookOn(nodeFileSystem, folder, layoutOf(folder).own)
  const fs = foreseen(nodeFileSystem, () => outlook)
  const read = async (type: string, id: string): Promise<unknown> => {
    try {
      return codec.revive(type, codec.decode(await fs.readFile(join(folder, keyFileName(type, id)))))
    } catch {
      return null
    }
  }
  return {
    get: async (type, ids) => {
      const values = Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await read(type, id)] as const)))
      return values as { [id: string]: SignalDataTypeMap[typeof type] }
    },
  }
}
