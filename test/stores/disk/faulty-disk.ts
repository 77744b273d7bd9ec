import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'
import type { OpenFile } from '../../../src/stores/disk/open-file.ts'

export const errnoError = (errno: string): Error => Object.assign(new Error(`${errno}: injected`), { code: errno })

/** What a disk is asked for: of itself, and of a file that stays open. */
export type DiskCall = keyof FileSystem | `open file: ${keyof OpenFile}`

/**
 * A disk of which single calls can be made to fail. A failing write leaves half of its bytes behind, as a full disk
 * does.
 */
export class FaultyDisk {
  calls = 0
  /** Whether the call of this number, counted from 1, fails and with what; none by default. */
  failing: (call: number, name: DiskCall) => string | undefined = () => undefined

  /** Whether a write of so many bytes fails, and with what; none by default. */
  failingWrite: (bytes: number) => string | undefined = () => undefined

  readonly fileSystem: FileSystem = {
    readFile: (path) => this.#through('readFile', () => nodeFileSystem.readFile(path)),
    writeFile: (path, data, options) =>
      this.#write('writeFile', data, (part) => nodeFileSystem.writeFile(path, part, options)),
    create: async (path, mode) =>
      this.#openFile(await this.#through('create', () => nodeFileSystem.create(path, mode))),
    rename: (from, to) => this.#through('rename', () => nodeFileSystem.rename(from, to)),
    unlink: (path) => this.#through('unlink', () => nodeFileSystem.unlink(path)),
    readdir: (path) => this.#through('readdir', () => nodeFileSystem.readdir(path)),
    stat: (path) => this.#through('stat', () => nodeFileSystem.stat(path)),
    mkdir: (path, mode) => this.#through('mkdir', () => nodeFileSystem.mkdir(path, mode)),
    rmdir: (path) => this.#through('rmdir', () => nodeFileSystem.rmdir(path)),
    syncFile: (path) => this.#through('syncFile', () => nodeFileSystem.syncFile(path)),
    syncFolder: (path) => this.#through('syncFolder', () => nodeFileSystem.syncFolder(path)),
  }

  /** From the given call on everything fails: what a crash leaves is what stands on the real disk then. */
  dieAt(call: number, errno = 'EIO'): void {
    this.calls = 0
    this.failing = (number) => (number >= call ? errno : undefined)
  }

  failOnly(call: number, errno: string): void {
    this.calls = 0
    this.failing = (number) => (number === call ? errno : undefined)
  }

  heal(): void {
    this.failing = () => undefined
    this.failingWrite = () => undefined
  }

  async #through<T>(name: DiskCall, step: () => Promise<T>): Promise<T> {
    const errno = this.failing(++this.calls, name)
    if (errno !== undefined) throw errnoError(errno)
    return step()
  }

  #openFile(file: OpenFile): OpenFile {
    return {
      write: (data, at) => this.#write('open file: write', data, (part) => file.write(part, at)),
      // Whoever closes a file does not ask what became of that.
      close: () => file.close(),
    }
  }

  async #write(name: DiskCall, data: Uint8Array, write: (part: Uint8Array) => Promise<void>): Promise<void> {
    const errno = this.failing(++this.calls, name) ?? this.failingWrite(data.length)
    if (errno === undefined) return write(data)
    // A second failure here only means that less of the file is left.
    if (errno === 'ENOSPC' || errno === 'EIO') await write(data.subarray(0, data.length / 2)).catch(() => undefined)
    throw errnoError(errno)
  }
}
