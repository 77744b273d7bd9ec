import type { FileSystem, WriteOptions } from '../../src/stores/disk/file-system.ts'
import type { OpenFile } from '../../src/stores/disk/open-file.ts'
import { type Disk, errno, type Held } from './disk.ts'
import type { Random } from './random.ts'
import type { Owner, VirtualTime } from './virtual-time.ts'

/** Trouble of the medium that all processes meet. */
export interface DiskTrouble {
  /** What calls fail with; none by default. */
  errno: string | undefined
  /** Writes only, as when the disk is full, or reads too. */
  readsToo: boolean
  /** The share of calls that fail. */
  share: number
  /** Calls take up to this long. */
  slowMs: number
}

/** A process's way to the disk: calls end when the world lets them, and a dead process's never do. */
export class DiskGate {
  /** The process dies at the call of this number from now, counted from 1. */
  callsLeft = Number.POSITIVE_INFINITY
  calls = 0
  readonly #disk: Disk
  readonly #time: VirtualTime
  readonly #owner: Owner
  readonly #trouble: DiskTrouble
  readonly #random: Random
  /** What its death is like. */
  dies: () => void

  constructor(disk: Disk, time: VirtualTime, owner: Owner, trouble: DiskTrouble, random: Random, die: () => void) {
    this.#disk = disk
    this.#time = time
    this.#owner = owner
    this.#trouble = trouble
    this.#random = random
    this.dies = die
  }

  readonly fileSystem: FileSystem = {
    readFile: (path) => this.#call(false, () => this.#disk.read(path)),
    writeFile: (path, data, options) => this.#call(true, () => this.#write(path, data, options)),
    create: (path) =>
      this.#call(true, () => {
        this.#disk.create(path, 'wx')
        return this.#openFile(this.#disk.hold(path))
      }),
    rename: (from, to) => this.#call(true, () => this.#disk.rename(from, to)),
    unlink: (path) => this.#call(true, () => this.#disk.unlink(path)),
    readdir: (path) => this.#call(false, () => this.#disk.readdir(path)),
    stat: (path) => this.#call(false, () => this.#disk.stat(path)),
    mkdir: (path) => this.#call(true, () => this.#disk.mkdir(path)),
    rmdir: (path) => this.#call(true, () => this.#disk.rmdir(path)),
    syncFile: (path) => this.#call(true, () => this.#disk.sync(path)),
    syncFolder: (path) => this.#call(true, () => this.#disk.syncFolder(path)),
  }

  async #call<T>(writes: boolean, step: () => T): Promise<T> {
    this.calls++
    const { slowMs } = this.#trouble
    if (slowMs > 0 && this.#owner.alive) await this.#wait(this.#random.below(slowMs))
    this.#tick()
    if (!this.#owner.alive) return new Promise(() => undefined)
    const result = this.#attempt(writes, step)
    return this.#owner.alive ? result : new Promise(() => undefined)
  }

  #attempt<T>(writes: boolean, step: () => T): T {
    const { errno: code, readsToo, share } = this.#trouble
    if (code !== undefined && (writes || readsToo) && this.#random.chance(share)) throw errno(code)
    return step()
  }

  #openFile(file: Held): OpenFile {
    return {
      write: (data, at) =>
        this.#call(true, () => {
          const { errno: code, share } = this.#trouble
          if (code !== undefined && this.#random.chance(share)) {
            file.write(data.subarray(0, data.length / 2), at)
            throw errno(code)
          }
          file.write(data, at)
          this.#tick()
          if (this.#owner.alive) file.makeCertain()
        }),
      close: async () => undefined,
    }
  }

  /**
   * Three moments at which the process can die: before the file is there, before its content is, before that is
   * certain.
   */
  #write(path: string, data: Uint8Array, { flag, flush }: WriteOptions): void {
    this.#disk.create(path, flag)
    this.#tick()
    if (!this.#owner.alive) return
    const { errno: code, share } = this.#trouble
    if (code !== undefined && this.#random.chance(share)) {
      // A full or failing disk takes a part and then no more.
      if (flag === 'wx') this.#disk.fill(path, data.subarray(0, data.length / 2), flag)
      throw errno(code)
    }
    this.#disk.fill(path, data, flag)
    this.#tick()
    if (flush && this.#owner.alive) this.#disk.sync(path)
  }

  #tick(): void {
    if (this.#owner.alive && --this.callsLeft <= 0) this.dies()
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#time.after(ms, resolve, this.#owner)
    })
  }
}
