import { BufferJSON, proto } from '@whiskeysockets/baileys'
import type { BaileysParts } from '../../../../src/stores/codec.ts'
import type { FileSystem } from '../../../../src/stores/disk/file-system.ts'
import { fileAuthStore } from '../../../../src/stores/folder/file-store.ts'
import type { Delays } from '../../../../src/stores/folder/journal/delays.ts'
import type { Processes } from '../../../../src/stores/process-identity.ts'
import type { ModelDisk } from './model-disk.ts'
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

/** When the files follow the journal. */
export type Pace = 'at once' | 'after a while' | 'never'

/** Turns of the event loop that a look waits for. */
const turns: Readonly<Record<Pace, number>> = { 'at once': 0, 'after a while': 3, never: Number.POSITIVE_INFINITY }

const delaysOf = (pace: Pace): Delays => ({
  soon: (step) => queueMicrotask(step),
  setTimeout: (step) => {
    const wait = (left: number) => {
      if (left === Number.POSITIVE_INFINITY) return
      if (left > 0) setImmediate(wait, left - 1)
      else step()
    }
    wait(turns[pace])
    return {}
  },
  clearTimeout: () => undefined,
})

/** Small, so that it is emptied and written over in the course of a story. */
const journalStepBytes = 4_096

const storeOn = (fileSystem: FileSystem, pace: Pace) =>
  fileAuthStore(folder, {
    fileSystem,
    processes: freshBoot(),
    timers,
    baileys,
    journalStepBytes,
    delays: delaysOf(pace),
  })

/** The file store; `through` may take something away from what it asks of the disk. */
export const fileStore = (
  pace: Pace,
  through: (disk: ModelDisk) => FileSystem = ({ fileSystem }) => fileSystem,
): Subject => ({
  keepsSetsWhole: true,
  open: async (disk) => {
    const store = storeOn(through(disk), pace)
    await store.acquire()
    const { state, saveCreds, fence } = await store.open({ mint: true })
    const set = async (sessions: object) => state.keys.set({ session: sessions as never })
    return { creds: state.creds, saveCreds, set, settle: fence }
  },
  read: async (disk, ids) => {
    const store = storeOn(disk.fileSystem, 'never')
    await store.acquire()
    const { findings, creds } = await store.inspect()
    const broken = findings.filter(({ code }) => code === 'file-unreadable' || code === 'creds-unreadable')
    if (broken.length > 0) throw new Error(`torn: ${broken.map(({ message }) => message).join(', ')}`)
    const aside = await store.quarantined()
    if (aside.length > 0) throw new Error(`set aside: ${aside.map(({ reason }) => reason).join(', ')}`)
    if (creds.kind === 'absent') return { creds: undefined, values: {} }
    const { state } = await store.open()
    return { creds: state.creds, values: await state.keys.get('session', [...ids]) }
  },
})
