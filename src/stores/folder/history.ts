import { replaceFile } from '../disk/atomic-write.ts'
import { type FileSystem, isAbsent } from '../disk/file-system.ts'
import { noFileWords } from '../disk/no-file.ts'

/**
 * Past this size the older half of the history is dropped. A month without a network, tried every ten minutes, takes 5
 * MB with what a replay needs; an account that is well takes 200 kB.
 */
const maxBytes = 12 * 1024 * 1024
const newline = 0x0a

/** A file of one JSON entry a line. A line torn by a crash is skipped when read and closed off when written past. */
export class History {
  readonly #fs: FileSystem
  readonly #path: string
  readonly #mostBytes: number
  /** Length of the file, known after the first look at it. */
  #bytes: number | undefined
  #last: Promise<void> = Promise.resolve()

  /** `mostBytes`: past this size the older half is dropped. */
  constructor(fs: FileSystem, path: string, mostBytes = maxBytes) {
    this.#fs = fs
    this.#path = path
    this.#mostBytes = mostBytes
  }

  /** All of them are on the disk when it resolves. */
  append(...entries: readonly unknown[]): Promise<void> {
    return this.#inTurn(() => this.#append(entries))
  }

  /** These in the place of all that is there. */
  replace(entries: readonly unknown[]): Promise<void> {
    return this.#inTurn(async () => {
      const lines = linesOf(entries)
      this.#bytes = undefined
      await replaceFile(this.#fs, this.#path, lines)
      this.#bytes = lines.length
    })
  }

  /** The newest entries, oldest of them first. */
  async read(limit: number): Promise<readonly unknown[]> {
    await this.#last
    const lines = (await this.#content()).toString('utf8').split('\n')
    const entries: unknown[] = []
    for (let at = lines.length - 1; at >= 0 && entries.length < limit; at--) {
      try {
        entries.push(JSON.parse(lines[at] ?? ''))
      } catch {
        // Torn or empty.
      }
    }
    return entries.reverse()
  }

  /** One after the other, so that lines never interleave; a failed one does not stop the next. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #append(entries: readonly unknown[]): Promise<void> {
    const lines = linesOf(entries)
    try {
      let before = this.#bytes
      if (before === undefined || before + lines.length > this.#mostBytes) before = await this.#makeRoom(lines.length)
      await this.#fs.writeFile(this.#path, lines, { flag: 'a', mode: 0o600, flush: true })
      this.#bytes = before + lines.length
    } catch (error) {
      this.#bytes = undefined
      throw error
    }
  }

  /**
   * Looks at what is there: closes off a torn last line, drops the older half if the bound is reached. How many bytes
   * are left.
   */
  async #makeRoom(more: number): Promise<number> {
    let content = await this.#content()
    const torn = content.length > 0 && content.at(-1) !== newline
    if (torn) content = Buffer.concat([content, Buffer.from('\n')])
    const full = content.length + more > this.#mostBytes
    if (full) content = content.subarray(content.indexOf(newline, content.length - this.#mostBytes / 2) + 1)
    if (torn || full) await replaceFile(this.#fs, this.#path, content)
    return content.length
  }

  async #content(): Promise<Buffer> {
    try {
      return await this.#fs.readFile(this.#path)
    } catch (error) {
      if (isAbsent(error) || noFileWords(error) !== undefined) return Buffer.alloc(0)
      throw error
    }
  }
}

const linesOf = (entries: readonly unknown[]): Buffer =>
  Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
