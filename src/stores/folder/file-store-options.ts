import type { FileSystem } from '../../disk/file-system.ts'
import type { BaileysParts } from '../codec.ts'
import type { Processes } from '../process-identity.ts'
import type { Timers } from './lock.ts'

export interface FileAuthStoreOptions {
  /** The medium; default: Node's. */
  readonly fileSystem?: FileSystem
  /** Where Baileys comes from; default: `import('@whiskeysockets/baileys')`. */
  readonly baileys?: () => Promise<BaileysParts>
  /** Epoch milliseconds; default: `Date.now`. */
  readonly now?: () => number
  /** How owners of the lock are told apart; default: this system's processes. */
  readonly processes?: Processes
  /** Bytes that are free for us where the folder lies; default: what the file system says. */
  readonly freeBytes?: (folder: string) => Promise<number>
  /**
   * A set of at least so many keys is made durable in one record, with one fsync, and its files are synced after the
   * call was answered. Default 64: from about there on the record costs less than what it spares.
   */
  readonly writeAheadFrom?: number
  /** Drives the lock's heartbeat; default: Node's timers. */
  readonly timers?: Timers
}
