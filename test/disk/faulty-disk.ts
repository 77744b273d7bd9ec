import { type FileSystem, nodeFileSystem, type WriteOptions } from '../../src/disk/file-system.ts'

export const errnoError = (errno: string): Error => Object.assign(new Error(`${errno}: injected`), { code: errno })

/**
 * A disk of which single calls can be made to fail. A failing write leaves half of its bytes behind, as a full disk
 * does.
 */
export class FaultyDisk {
  calls = 0
  /** Whether the call of this number, counted from 1, fails and with what; none by default. */
  failing: (call: number, name: keyof FileSystem) => string | undefined = () => undefined

  readonly fileSystem: FileSystem = {
    readFile: (path) => this.#through('readFile', () => nodeFileSystem.readFile(path)),
    writeFile: (path, data, options) => this.#write(path, data, options),
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
  dieAt(call: number): void {
    this.calls = 0
    this.failing = (number) => (number >= call ? 'EIO' : undefined)
  }

  failOnly(call: number, errno: string): void {
    this.calls = 0
    this.failing = (number) => (number === call ? errno : undefined)
  }

  heal(): void {
    this.failing = () => undefined
  }

  async #through<T>(name: keyof FileSystem, step: () => Promise<T>): Promise<T> {
    const errno = this.failing(++this.calls, name)
    if (errno !== undefined) throw errnoError(errno)
    return step()
  }

  async #write(path: string, data: Uint8Array, options: WriteOptions): Promise<void> {
    const errno = this.failing(++this.calls, 'writeFile')
    if (errno === undefined) return nodeFileSystem.writeFile(path, data, options)
    if (errno === 'ENOSPC' || errno === 'EIO') {
      // A second failure here only means that less of the file is left.
      await nodeFileSystem.writeFile(path, data.subarray(0, data.length / 2), options).catch(() => undefined)
    }
    throw errnoError(errno)
  }
}
