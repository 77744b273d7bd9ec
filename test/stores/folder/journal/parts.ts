import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileSystem } from '../../../../src/stores/disk/file-system.ts'
import { nodeFileSystem } from '../../../../src/stores/disk/file-system.ts'
import type { Row } from '../../../../src/stores/folder/journal/frame.ts'
import { errnoError } from '../../disk/faulty-disk.ts'

/** What a test asks of a disk; what it answers can be refused, by call. */
export class CountingDisk {
  readonly asked: string[] = []
  /** Files that were made and not closed. */
  open = 0
  /** The errno of a call, by its name and how often it was asked for, counted from 1; none by default. */
  refuses: (call: string, count: number) => string | undefined = () => undefined
  /** What a call waits for before it begins; by default nothing. */
  waits: (call: string) => Promise<void> | undefined = () => undefined
  readonly fileSystem: FileSystem = {
    ...nodeFileSystem,
    writeFile: (path, data, options) =>
      this.#asked(options.flush ? 'write durably' : 'write', () => nodeFileSystem.writeFile(path, data, options)),
    rename: (from, to) => this.#asked('rename', () => nodeFileSystem.rename(from, to)),
    unlink: (path) => this.#asked('unlink', () => nodeFileSystem.unlink(path)),
    syncFile: (path) => this.#asked('sync file', () => nodeFileSystem.syncFile(path)),
    syncFolder: (path) => this.#asked('sync folder', () => nodeFileSystem.syncFolder(path)),
    create: async (path, mode) => {
      const file = await this.#asked('create', () => nodeFileSystem.create(path, mode))
      this.open += 1
      return {
        write: (data, at) => this.#asked(`append ${data.length}`, () => file.write(data, at)),
        close: async () => {
          await file.close()
          this.open -= 1
        },
      }
    },
  }

  /** What was asked for since the last time. */
  taken(): string[] {
    return this.asked.splice(0)
  }

  async #asked<T>(call: string, step: () => Promise<T>): Promise<T> {
    this.asked.push(call)
    const errno = this.refuses(call, this.asked.filter((other) => other === call).length)
    if (errno !== undefined) throw errnoError(errno)
    await this.waits(call)
    return step()
  }
}

export const emptyFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'lifeline-parts-'))
export const row = (name: string, text: string | null, replaces?: Row['replaces']): Row => ({
  ...{ name, content: text === null ? null : Buffer.from(text), replaces },
})
