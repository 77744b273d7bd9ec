import { BufferJSON, proto } from '@whiskeysockets/baileys'
import type { FileSystem } from '../../../../src/disk/file-system.ts'
import type { BaileysParts } from '../../../../src/stores/codec.ts'
import { fileAuthStore } from '../../../../src/stores/folder/file-store.ts'
import type { Processes } from '../../../../src/stores/process-identity.ts'
import { folder, mint, type Subject } from './subject.ts'

let boots = 0
/** After a power cut every process of before is gone. */
const freshBoot = (): Processes => {
  const boot = String(++boots)
  return {
    self: () => ({ pid: 1, host: 'gateway', boot }),
    stateOf: (other) => (other.boot === boot ? 'alive' : 'gone'),
  }
}

const baileys = async (): Promise<BaileysParts> => ({ initAuthCreds: mint, BufferJSON, proto })
const timers = { setInterval: () => ({}), clearInterval: () => undefined }

const storeOn = (fileSystem: FileSystem, writeAheadFrom: number) =>
  fileAuthStore(folder, { fileSystem, processes: freshBoot(), timers, baileys, writeAheadFrom })

/**
 * The file store, which notes sets of so many keys ahead; `through` may take something away from what it asks of the
 * disk.
 */
export const fileStore = (
  writeAheadFrom: number,
  through: (fileSystem: FileSystem) => FileSystem = (asked) => asked,
): Subject => ({
  open: async (disk) => {
    const store = storeOn(through(disk.fileSystem), writeAheadFrom)
    await store.acquire()
    const { state, saveCreds } = await store.open({ mint: true })
    return { creds: state.creds, saveCreds, set: async (sessions) => state.keys.set({ session: sessions as never }) }
  },
  read: async (disk, ids) => {
    const store = storeOn(disk.fileSystem, writeAheadFrom)
    await store.acquire()
    const { findings, creds } = await store.inspect()
    const broken = findings.filter(({ code }) => code === 'file-unreadable' || code === 'creds-unreadable')
    if (broken.length > 0) throw new Error(`torn: ${broken.map(({ message }) => message).join(', ')}`)
    if (creds.kind === 'absent') return { creds: undefined, values: {} }
    const { state } = await store.open()
    return { creds: state.creds, values: await state.keys.get('session', [...ids]) }
  },
})
