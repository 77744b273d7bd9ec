import { closeSync, fstatSync, fsync, open, read, write } from 'node:fs'

/** Keys are mostly smaller. */
const chunkBytes = 8_192
/** Each further piece of a larger file is twice as long, up to a megabyte. */
const mostDoublings = 7

type Done<T> = (error: Error | null, result?: T) => void

/**
 * The whole content of a file. Two calls on Node's few threads where its own `readFile` takes four, and each costs far
 * more than what it does: accounts have thousands of small files.
 */
export const readWhole = (path: string): Promise<Buffer> => onOpened(path, 'r', undefined, readOn([]))

/**
 * Cuts nothing off: overwrites, appends or creates, as the flag says. With `flush` what was written is durable when
 * resolved.
 */
export const writeWhole = (
  path: string,
  data: Uint8Array,
  { flag, mode, flush }: { readonly flag: string; readonly mode: number; readonly flush: boolean },
): Promise<void> =>
  onOpened(path, flag, mode, (fd, done) =>
    writeOn(fd, data, (error) => {
      if (error || !flush) done(error)
      else fsync(fd, done)
    }),
  )

/** Makes what was written to a file, or the names in a folder, durable. */
export const syncPath = (path: string, flag: 'r' | 'r+'): Promise<void> => onOpened(path, flag, undefined, fsync)

/**
 * Closes what it opened by itself: there is nothing left to wait for then, and a turn on a thread would cost more than
 * the close.
 */
function onOpened<T>(
  path: string,
  flag: string,
  mode: number | undefined,
  work: (fd: number, done: Done<T>) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    open(path, flag, mode, (failure, fd) => {
      if (failure) {
        reject(failure)
        return
      }
      work(fd, (error, result) => {
        try {
          closeSync(fd)
        } catch (cause) {
          reject(error ?? cause)
          return
        }
        if (error) reject(error)
        else resolve(result as T)
      })
    })
  })
}

function readOn(before: readonly Buffer[], total = 0): (fd: number, done: Done<Buffer>) => void {
  return (fd, done) => {
    const chunk = Buffer.allocUnsafe(chunkBytes * 2 ** Math.min(before.length, mostDoublings))
    read(fd, chunk, 0, chunk.length, null, (error, bytes) => {
      if (error) {
        done(error)
        return
      }
      const chunks = bytes === 0 ? before : [...before, chunk.subarray(0, bytes)]
      if (bytes > 0 && !isWhole(fd, total + bytes)) readOn(chunks, total + bytes)(fd, done)
      else done(null, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
    })
  }
}

/** A medium may give less than it has; only the size of the opened file, or a read of nothing, tells its end. */
function isWhole(fd: number, bytes: number): boolean {
  try {
    return fstatSync(fd).size === bytes
  } catch {
    return false
  }
}

function writeOn(fd: number, data: Uint8Array, done: Done<void>): void {
  if (data.byteLength === 0) {
    done(null)
    return
  }
  write(fd, data, (error, bytes) => {
    if (error) done(error)
    else writeOn(fd, data.subarray(bytes), done)
  })
}
