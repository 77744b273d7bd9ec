import type { BaileysParts } from '../codec.ts'
import type { FileSystem } from '../disk/file-system.ts'
import type { Processes } from '../process-identity.ts'
import type { Delays } from './journal/delays.ts'
import type { Timers } from './lock.ts'

export interface FileAuthStoreOptions {
  /** The medium; default: Node's. */
  readonly fileSystem?: FileSystem
  /** Where Baileys comes from; default: the one that is installed, under either of its names. */
  readonly baileys?: () => Promise<BaileysParts>
  /** Epoch milliseconds; default: `Date.now`. */
  readonly now?: () => number
  /** How owners of the lock are told apart; default: this system's processes. */
  readonly processes?: Processes
  /** Bytes that are free for us where the folder lies; default: what the file system says. */
  readonly freeBytes?: (folder: string) => Promise<number>
  /** Whether this process may make files in a folder; default: what the file system says. */
  readonly isWritable?: (folder: string) => Promise<boolean>
  /**
   * By how much the journal grows at a time, in bytes; it is emptied when its frames take eight times as much. Default:
   * 512 KiB.
   */
  readonly journalStepBytes?: number
  /** Drives when files follow the journal; default: Node's timers. */
  readonly delays?: Delays
  /** Drives the lock's heartbeat; default: Node's timers. */
  readonly timers?: Timers
}
