import { close, constants, fdatasync, open, write } from 'node:fs'
import { promisify } from 'node:util'

/**
 * A file that stays open, and of which every write is durable: a write costs one call to the system, without a look at
 * a folder.
 */
export interface OpenFile {
  /**
   * Overwrites what is there from this place on, or extends the file. Durable when resolved, and with it as much of the
   * file's length as is needed to read it. Any part of it may be there after a rejection.
   */
  write(data: Uint8Array, at: number): Promise<void>
  close(): Promise<void>
}

const opened = promisify(open)
const closed = promisify(close)
const synced = promisify(fdatasync)

const toWrite = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY

/** Fails if there is such a file already. */
export const createOpen = async (path: string, mode: number, platform = process.platform): Promise<OpenFile> => {
  // Elsewhere a file that is opened like that is not written through the disk's own cache, or cannot be opened so.
  const syncsByItself = platform === 'linux'
  const fd = await opened(path, syncsByItself ? toWrite | constants.O_DSYNC : toWrite, mode)
  return {
    write: async (data, at) => {
      await writeAll(fd, data, at)
      if (!syncsByItself) await synced(fd)
    },
    close: () => closed(fd),
  }
}

/** A medium may take less than it was given. */
function writeAll(fd: number, data: Uint8Array, at: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (from: number): void => {
      write(fd, data, from, data.byteLength - from, at + from, (error, bytes) => {
        if (error) reject(error)
        else if (from + bytes >= data.byteLength) resolve()
        else go(from + bytes)
      })
    }
    go(0)
  })
}
