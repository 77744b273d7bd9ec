import { closeSync, constants, fstatSync, fsync, open, openSync, read, readFileSync, write } from 'node:fs'
import { mostFileBytes, noFile } from './no-file.ts'

/** Keys are mostly smaller. */
const chunkBytes = 8_192
/** Each further piece of a larger file is twice as long, up to a megabyte. */
const mostDoublings = 7

type Done<T> = (error: Error | null, result?: T) => void

/** A pipe without a writer, which would hold up one of Node's few threads for ever, is opened at once so. */
const unblocked = constants.O_NONBLOCK ?? 0
const toRead = constants.O_RDONLY | unblocked
const flags: Readonly<Record<string, number | undefined>> = {
  r: toRead,
  'r+': constants.O_RDWR | unblocked,
  a: constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | unblocked,
}

/**
 * The whole content of a file. Rejects with `EFTYPE` for what is no regular file, as a pipe or an endless device in
 * its place, and with `EFBIG` for more than `mostFileBytes`. Two calls on Node's few threads where its own `readFile`
 * takes four, and each costs far more than what it does: accounts have thousands of small files.
 */
export const readWhole = (path: string): Promise<Buffer> =>
  onOpened(path, 'r', undefined, (fd, done) => {
    const refused = refusal(fd)
    if (refused) done(refused)
    else readOn([])(fd, done)
  })

/** The same, at once. */
export function readWholeNow(path: string): Buffer {
  const fd = openSync(path, toRead)
  try {
    const refused = refusal(fd)
    if (refused) throw refused
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** A folder is told by the read itself. */
function refusal(fd: number): Error | undefined {
  const stat = fstatSync(fd)
  if (stat.isDirectory()) return undefined
  if (!stat.isFile()) return noFile('special')
  return stat.size > mostFileBytes ? noFile('large') : undefined
}

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
    open(path, flags[flag] ?? flag, mode, (failure, fd) => {
      if (failure) {
        reject(failure)
        return
      }
      work(fd, (error, result) => {
        // What comes first counts.
        if (error) reject(error)
        try {
          closeSync(fd)
          resolve(result as T)
        } catch (cause) {
          reject(cause)
        }
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
      const chunks = [...before, chunk.subarray(0, bytes)]
      // Some files have more than they say.
      if (total + bytes > mostFileBytes) {
        done(noFile('large'))
        return
      }
      if (bytes > 0 && !isWhole(fd, total + bytes)) readOn(chunks, total + bytes)(fd, done)
      else done(null, Buffer.concat(chunks))
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
