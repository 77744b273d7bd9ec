import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { putFile, replaceFile, uniqueName } from '../disk/atomic-write.ts'
import { type FileSystem, isAbsent, namesIn } from '../disk/file-system.ts'
import { eachBounded } from './bounded.ts'
import { isPlainName } from './file-name.ts'

/** New content of a file, or null to remove it. */
export type Content = Uint8Array | null

type Files = Iterable<readonly [name: string, content: Content]>

/** Fewer than Node's four threads, so that a read never waits behind a row of fsyncs. */
const width = 3
const suffix = '.lifeline-ahead'
const damagedSuffix = '.damaged'

export const isRecord = (name: string): boolean => name.endsWith(suffix)

/**
 * A large set of files is durable as soon as one record of it is, and the files themselves can follow: one fsync
 * instead of hundreds for whoever waits. Until all of them have, the record stays; the next owner of the folder
 * finishes it.
 */
export class WriteAhead {
  readonly #fs: FileSystem
  readonly #folder: string
  readonly #records: string

  /** `records` is the folder for the records, which may be the same. */
  constructor(fs: FileSystem, folder: string, records: string) {
    this.#fs = fs
    this.#folder = folder
    this.#records = records
  }

  /** Where the next record will lie. */
  newPath(): string {
    return join(this.#records, uniqueName(suffix))
  }

  /** Makes a set durable. A record that could not be made may be there all the same, and has to be settled. */
  note(path: string, files: Files): Promise<void> {
    return replaceFile(this.#fs, path, encode(files))
  }

  /** Makes files that stand in their place durable, and forgets the record. */
  async settle(path: string, files: Files): Promise<void> {
    await eachBounded(files, width, ([name, content]) => this.#sync(name, content))
    await this.#drop(path)
  }

  /** The records that an owner left behind which is gone. */
  async left(): Promise<readonly string[]> {
    return (await namesIn(this.#fs, this.#records)).filter(isRecord)
  }

  /** Puts everything in its place that such records hold. */
  async finish(): Promise<void> {
    for (const name of await this.left()) {
      const path = join(this.#records, name)
      const files = decode(await this.#fs.readFile(path))
      if (files) await this.#apply(path, files)
      // Written whole and spoilt afterwards: nothing in it can be trusted, and nothing of it is thrown away.
      else await this.#fs.rename(path, `${path}${damagedSuffix}`)
    }
  }

  async #apply(path: string, files: Files): Promise<void> {
    await eachBounded(files, width, ([name, content]) => this.#put(name, content))
    await this.#drop(path)
  }

  /**
   * Forgets a record whose files are durable but for their names. Durable when resolved: an old record must never undo
   * a later write.
   */
  async #drop(path: string): Promise<void> {
    await this.#fs.syncFolder(this.#folder)
    await removeIfThere(this.#fs, path)
    await this.#fs.syncFolder(this.#records)
  }

  async #sync(name: string, content: Content): Promise<void> {
    if (content === null) return
    try {
      await this.#fs.syncFile(join(this.#folder, name))
    } catch (error) {
      // Gone by another's hand: there is nothing to make durable.
      if (isAbsent(error)) return
      // After a failed fsync the system may take what it could not write for written.
      await this.#put(name, content)
    }
  }

  #put(name: string, content: Content): Promise<void> {
    const path = join(this.#folder, name)
    return content === null ? removeIfThere(this.#fs, path) : putFile(this.#fs, path, content)
  }
}

export const removeIfThere = async (fs: FileSystem, path: string): Promise<void> => {
  try {
    await fs.unlink(path)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

const digestOf = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex')

/** The digest of the rest, and in the rest every byte of a file as one character. */
const encode = (files: Files): Buffer => {
  const rows = Array.from(files, ([name, content]) => [name, content && Buffer.from(content).toString('latin1')])
  const body = Buffer.from(JSON.stringify(rows))
  return Buffer.concat([Buffer.from(`${digestOf(body)}\n`), body])
}

const decode = (record: Buffer): readonly (readonly [string, Content])[] | undefined => {
  const end = record.indexOf('\n')
  const body = record.subarray(end + 1)
  if (record.toString('latin1', 0, Math.max(0, end)) !== digestOf(body)) return undefined
  const rows = JSON.parse(body.toString('utf8')) as readonly (readonly [string, string | null])[]
  return rows
    .filter(([name]) => isPlainName(name))
    .map(([name, text]) => [name, text === null ? null : Buffer.from(text, 'latin1')])
}
