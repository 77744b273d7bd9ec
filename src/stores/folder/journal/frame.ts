import { hash } from 'node:crypto'
import { basename } from 'node:path'
import type { Content } from '../../write-ahead.ts'
import { type Digest, digestBytes } from './digest.ts'

/**
 * Each frame begins on a page of its own: a write that the power cuts off never touches a page that was durable before.
 * The size of a page of memory and of a block of a disk.
 */
export const pageBytes = 4_096
export const epochBytes = 8

/** What one file is to become. */
export interface Row {
  readonly name: string
  readonly content: Content
  /**
   * What may stand in the file before: empty if earlier rows of the journal say it all, undefined if nobody knows. A
   * file that holds anything else when the journal is read again was written by somebody else.
   */
  readonly replaces: readonly Digest[] | undefined
}

/** Files that change together, or not at all. */
export interface Frame {
  /** When it was written, epoch milliseconds. */
  readonly at: number
  readonly rows: readonly Row[]
}

/** What a journal holds that counts. */
export interface Frames {
  readonly frames: readonly Frame[]
  /**
   * What does not check stands before what does: a power cut leaves that at most where the journal was being emptied.
   * Something may be lost.
   */
  readonly spoilt: boolean
}

const magic = Buffer.from('LIFELINE')
const checkBytes = 16
/** Of a header: check, magic, epoch. */
const headerBytes = checkBytes + magic.length + epochBytes
/** Of a frame: check, magic, epoch, number, time, length of what follows. */
const headBytes = headerBytes + 4 + 8 + 4
const isRemoval = 0xffff_ffff
const isUnknown = 0xffff

const checkOf = (bytes: Buffer): Buffer => Buffer.from(hash('sha256', bytes), 'hex').subarray(0, checkBytes)
const paged = (bytes: number): number => Math.ceil(bytes / pageBytes) * pageBytes

/** The first page of a journal: only frames of this epoch count. */
export const encodeHeader = (epoch: Buffer): Buffer => {
  const page = Buffer.alloc(pageBytes)
  const end = headerBytes
  magic.copy(page, checkBytes)
  epoch.copy(page, checkBytes + magic.length)
  checkOf(page.subarray(checkBytes, end)).copy(page)
  return page
}

/** Whole pages. `number` counts the frames of an epoch. */
export const encodeFrame = (epoch: Buffer, number: number, { at, rows }: Frame): Buffer => {
  const length = rows.reduce((sum, row) => sum + sizeOf(row), 0)
  const page = Buffer.alloc(paged(headBytes + length))
  magic.copy(page, checkBytes)
  epoch.copy(page, checkBytes + magic.length)
  let end = page.writeUInt32LE(number, headerBytes)
  end = page.writeDoubleLE(at, end)
  end = page.writeUInt32LE(length, end)
  for (const row of rows) end = writeRow(page, end, row)
  checkOf(page.subarray(checkBytes, end)).copy(page)
  return page
}

const sizeOf = ({ name, content, replaces }: Row): number =>
  2 + Buffer.byteLength(name) + 2 + (replaces?.length ?? 0) * digestBytes + 4 + (content?.byteLength ?? 0)

function writeRow(page: Buffer, at: number, { name, content, replaces }: Row): number {
  let end = page.writeUInt16LE(Buffer.byteLength(name), at)
  end += page.write(name, end)
  end = page.writeUInt16LE(replaces?.length ?? isUnknown, end)
  for (const digest of replaces ?? []) end += page.write(digest, end, 'hex')
  end = page.writeUInt32LE(content?.byteLength ?? isRemoval, end)
  if (content) page.set(content, end)
  return end + (content?.byteLength ?? 0)
}

/**
 * The frames of a journal that count, up to the first that does not check; none if its header does not, as after a cut
 * while it was made or emptied.
 */
export const decodeFrames = (journal: Buffer): Frames => {
  const epoch = epochOf(journal)
  if (!epoch) return { frames: [], spoilt: holdsFrame(journal, pageBytes) }
  const frames: Frame[] = []
  let at = pageBytes
  for (;;) {
    const found = frameAt(journal, at, epoch)
    if (found?.number !== frames.length) break
    frames.push(found.frame)
    at += paged(found.bytes)
  }
  return { frames, spoilt: holdsFrame(journal, at, epoch) }
}

const epochOf = (journal: Buffer): Buffer | undefined => {
  if (!isChecked(journal, 0, headerBytes)) return undefined
  return journal.subarray(checkBytes + magic.length, headerBytes)
}

const isChecked = (journal: Buffer, from: number, end: number): boolean =>
  journal.subarray(from + checkBytes, from + checkBytes + magic.length).equals(magic) &&
  checkOf(journal.subarray(from + checkBytes, end)).equals(journal.subarray(from, from + checkBytes))

interface FoundFrame {
  readonly number: number
  readonly bytes: number
  readonly frame: Frame
}

/** Of any epoch unless one is given. */
function frameAt(journal: Buffer, from: number, epoch?: Buffer): FoundFrame | undefined {
  if (from + headBytes > journal.length) return undefined
  const head = from + checkBytes + magic.length
  if (epoch && !journal.subarray(head, head + epochBytes).equals(epoch)) return undefined
  const number = journal.readUInt32LE(head + epochBytes)
  const time = journal.readDoubleLE(head + epochBytes + 4)
  const end = from + headBytes + journal.readUInt32LE(head + epochBytes + 12)
  if (end > journal.length || !isChecked(journal, from, end)) return undefined
  return { number, bytes: end - from, frame: { at: time, rows: rowsIn(journal, from + headBytes, end) } }
}

/** What checks was written by us; names are looked at all the same, since files are made of them. */
function rowsIn(journal: Buffer, from: number, end: number): readonly Row[] {
  const rows: Row[] = []
  for (let at = from; at < end; ) {
    const nameBytes = journal.readUInt16LE(at)
    const name = journal.toString('utf8', at + 2, at + 2 + nameBytes)
    at += 2 + nameBytes
    const count = journal.readUInt16LE(at)
    at += 2
    const replaces =
      count === isUnknown ? undefined : Array.from({ length: count }, (_, one) => digestAt(journal, at, one))
    at += (replaces?.length ?? 0) * digestBytes
    const bytes = journal.readUInt32LE(at)
    at += 4
    const content = bytes === isRemoval ? null : journal.subarray(at, at + bytes)
    at += content?.length ?? 0
    if (isInside(name)) rows.push({ name, content, replaces })
  }
  return rows
}

/** A backslash is a part of a name like any other where it is no separator. */
const isInside = (name: string): boolean => name === basename(name) && !['', '.', '..'].includes(name)

const digestAt = (journal: Buffer, from: number, one: number): Digest =>
  journal.toString('hex', from + one * digestBytes, from + (one + 1) * digestBytes)

function holdsFrame(journal: Buffer, from: number, epoch?: Buffer): boolean {
  for (let at = from; at + headBytes <= journal.length; at += pageBytes) if (frameAt(journal, at, epoch)) return true
  return false
}
