import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { discard, temporaryName, uniqueName } from '../../disk/atomic-write.ts'
import { errnoOf, type FileSystem } from '../../disk/file-system.ts'
import type { OpenFile } from '../../disk/open-file.ts'
import { removeIfThere } from '../../write-ahead.ts'
import { encodeFrame, encodeHeader, epochBytes, pageBytes, type Row } from './frame.ts'

const suffix = '.lifeline-journal'

export const isJournal = (name: string): boolean => name.endsWith(suffix)

/** After a set that was larger than all that it is meant for, it is made anew. */
const mostKeptSteps = 16

export interface JournalFileParts {
  readonly fs: FileSystem
  /** Where it lies. */
  readonly home: string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** It grows by so many bytes at a time, which are there before they are needed. */
  readonly stepBytes: number
}

interface Open {
  readonly file: OpenFile
  epoch: Buffer
  /** How many frames it has. */
  frames: number
  /** Where the next one begins. */
  tail: number
  length: number
}

/**
 * The one file that makes writes durable: frames one behind the other, in room that was written before, so that an
 * append changes no metadata and one synced write is all it costs. Emptied, it is overwritten from the start, under
 * another epoch. Made by its first append, and each owner of a folder makes one of its own. Its calls must not overlap.
 */
export class JournalFile {
  readonly #parts: JournalFileParts
  #open: Open | undefined
  /** Where it lies, or may lie. */
  #path: string | undefined
  /** What it says it has written may not be there: another has to take its place before anything is answered. */
  #suspect = false

  constructor(parts: JournalFileParts) {
    this.#parts = parts
  }

  /** Whether there is one, for all that is known. */
  get exists(): boolean {
    return this.#path !== undefined
  }

  /** What its frames take. */
  get bytes(): number {
    return this.#open ? this.#open.tail - pageBytes : 0
  }

  /**
   * Durable when resolved. When it rejects nothing that was durable is lost. `before` are the rows that a journal in
   * its place begins with.
   */
  async append(rows: readonly Row[], before: () => readonly Row[]): Promise<void> {
    const open = this.#open
    if (!open || this.#suspect) return this.renew([...before(), ...rows])
    const { file, tail } = open
    const frame = encodeFrame(open.epoch, open.frames, { at: this.#parts.now(), rows })
    try {
      await this.#write(open, frame, tail)
    } catch (error) {
      await withdraw(file, tail)
      if (isRefusal(error)) throw error
      // The system may take for written what it could not write.
      this.#suspect = true
      return this.renew([...before(), ...rows]).catch(() => Promise.reject(error))
    }
    open.frames += 1
    open.tail = tail + frame.length
  }

  /** Puts another in its place, which holds these rows alone. */
  async renew(rows: readonly Row[]): Promise<void> {
    const { fs, home, now } = this.#parts
    const epoch = randomBytes(epochBytes)
    const header = encodeHeader(epoch)
    const frame = rows.length > 0 ? encodeFrame(epoch, 0, { at: now(), rows }) : Buffer.alloc(0)
    const temporary = join(home, temporaryName())
    const path = this.#path ?? join(home, uniqueName(suffix))
    const file = await fs.create(temporary, 0o600)
    const tail = header.length + frame.length
    const open: Open = { file, epoch, frames: rows.length > 0 ? 1 : 0, tail, length: 0 }
    try {
      await this.#write(open, Buffer.concat([header, frame]), 0)
      // From here on nobody knows which of the two a power cut leaves.
      this.#suspect = true
      this.#path = path
      await fs.rename(temporary, path)
      await fs.syncFolder(home)
    } catch (error) {
      await file.close().catch(() => undefined)
      await discard(fs, temporary)
      throw error
    }
    await this.#open?.file.close().catch(() => undefined)
    this.#open = open
    this.#suspect = false
  }

  /** No frame of it counts any more; durable when resolved. */
  async empty(): Promise<void> {
    const open = this.#open
    if (!open || open.frames === 0) return
    if (this.#suspect || open.length > mostKeptSteps * this.#parts.stepBytes) return this.remove()
    const epoch = randomBytes(epochBytes)
    try {
      await open.file.write(encodeHeader(epoch), 0)
    } catch (error) {
      this.#suspect = true
      throw error
    }
    Object.assign(open, { epoch, frames: 0, tail: pageBytes })
  }

  async remove(): Promise<void> {
    const { fs, home } = this.#parts
    if (this.#path === undefined) return
    this.#suspect = true
    await removeIfThere(fs, this.#path)
    await fs.syncFolder(home)
    this.#path = undefined
    await this.close()
  }

  /** Lets go of it and leaves it as it is. */
  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    this.#suspect = false
    await open?.file.close().catch(() => undefined)
  }

  /** Room for what comes later is written with it, unless the disk is too full for that. */
  async #write(open: Open, data: Buffer, at: number): Promise<void> {
    const { stepBytes } = this.#parts
    const end = at + data.length
    if (end <= open.length) return open.file.write(data, at)
    const length = Math.ceil(end / stepBytes) * stepBytes
    try {
      await open.file.write(Buffer.concat([data, Buffer.alloc(length - end)]), at)
      open.length = length
    } catch (error) {
      if (!isRefusal(error)) throw error
      await open.file.write(data, at)
      open.length = end
    }
  }
}

/** The disk has not taken it, and says why; it has not lost anything. */
const isRefusal = (error: unknown): boolean => errnoOf(error) !== 'EIO'

/** A frame that was not answered must not count one day. If the disk refuses that too, the next frame lies over it. */
const withdraw = (file: OpenFile, at: number): Promise<void> =>
  file.write(Buffer.alloc(pageBytes), at).catch(() => undefined)
