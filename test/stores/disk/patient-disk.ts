import { basename } from 'node:path'
import { type FileSystem, nodeFileSystem } from '../../../src/stores/disk/file-system.ts'

const turns = 30

/**
 * A disk that takes its time over each change: whoever goes on before one is done is seen. Changes of one kind may be
 * under way together.
 */
export class PatientDisk {
  /** Calls that began while a change of another kind was under way: `rename of a beside syncFolder of b`. */
  readonly overlaps: string[] = []
  /** Changes that are done, in order: `rename of a`, by the name that is there afterwards. */
  readonly done: string[] = []
  /** The errno of a change; none by default. */
  refuses: (change: string) => string | undefined = () => undefined
  readonly #running = new Set<{ readonly call: string; readonly text: string }>()

  readonly fileSystem: FileSystem = {
    ...nodeFileSystem,
    readFile: (path) => this.#look('readFile', path, () => nodeFileSystem.readFile(path)),
    readdir: (path) => this.#look('readdir', path, () => nodeFileSystem.readdir(path)),
    stat: (path) => this.#look('stat', path, () => nodeFileSystem.stat(path)),
    writeFile: (path, data, options) =>
      this.#change('writeFile', path, () => nodeFileSystem.writeFile(path, data, options)),
    rename: (from, to) => this.#change('rename', to, () => nodeFileSystem.rename(from, to)),
    unlink: (path) => this.#change('unlink', path, () => nodeFileSystem.unlink(path)),
    mkdir: (path, mode) => this.#change('mkdir', path, () => nodeFileSystem.mkdir(path, mode)),
    rmdir: (path) => this.#change('rmdir', path, () => nodeFileSystem.rmdir(path)),
    syncFile: (path) => this.#change('syncFile', path, () => nodeFileSystem.syncFile(path)),
    syncFolder: (path) => this.#change('syncFolder', path, () => nodeFileSystem.syncFolder(path)),
  }

  /** What is still under way, and what went on too early, since the last time. */
  taken(): readonly string[] {
    const left = [...this.#running].map(({ text }) => `${text} is not done`)
    return [...this.overlaps.splice(0), ...left]
  }

  #look<T>(call: string, path: string, step: () => Promise<T>): Promise<T> {
    this.#begin(call, `${call} of ${basename(path)}`)
    return step()
  }

  #begin(call: string, text: string): void {
    for (const other of this.#running) if (other.call !== call) this.overlaps.push(`${text} beside ${other.text}`)
  }

  async #change<T>(call: string, path: string, step: () => Promise<T>): Promise<T> {
    const change = { call, text: `${call} of ${basename(path)}` }
    this.#begin(call, change.text)
    this.#running.add(change)
    try {
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      const errno = this.refuses(change.text)
      if (errno !== undefined) throw Object.assign(new Error(`${errno}: injected`), { code: errno })
      const result = await step()
      this.done.push(change.text)
      return result
    } finally {
      this.#running.delete(change)
    }
  }
}
