import { vi } from 'vitest'
import type { Change, Content, Rows } from '../../../src/stores/rows/index.ts'
import { errnoError, FaultyDisk } from '../disk/faulty-disk.ts'
import type { KindOptions, StoreKind } from './store-kinds.ts'

/**
 * What lies under a store, of which single steps can be made to fail: each call to a disk, each commit of rows. Let go
 * of it with `heal`.
 */
export class FailingMedium {
  readonly options: KindOptions
  readonly #disk = new FaultyDisk()
  readonly #rows: Rows | undefined
  #commits = 0
  #spies: { mockRestore(): void }[] = []

  constructor({ rows }: StoreKind) {
    this.#rows = rows
    this.options = rows === undefined ? { fileSystem: this.#disk.fileSystem } : {}
  }

  /** Since it was last told what is to fail. */
  get steps(): number {
    return this.#rows === undefined ? this.#disk.calls : this.#commits
  }

  /** From the given step on all fail. */
  dieAt(step: number, errno = 'EIO'): void {
    this.#failing((at) => at >= step, errno)
  }

  /** Nothing can be read. */
  deafen(errno: string): void {
    this.heal()
    if (this.#rows === undefined) {
      this.#disk.failing = (_, name) => (name === 'readFile' || name === 'readdir' ? errno : undefined)
      return
    }
    const refused = () => {
      throw errnoError(errno)
    }
    this.#spies = [
      vi.spyOn(this.#rows, 'read').mockImplementation(refused as () => Content),
      vi.spyOn(this.#rows, 'names').mockImplementation(() => Promise.reject(errnoError(errno))),
    ]
  }

  heal(): void {
    this.#disk.heal()
    for (const spy of this.#spies.splice(0)) spy.mockRestore()
  }

  #failing(fails: (step: number) => boolean, errno: string): void {
    this.heal()
    this.#commits = 0
    this.#disk.calls = 0
    this.#disk.failing = (call) => (fails(call) ? errno : undefined)
    const rows = this.#rows
    if (rows === undefined) return
    const { commit } = rows
    const step = () => fails(++this.#commits)
    const spy = vi.spyOn(rows, 'commit').mockImplementation(function (this: Rows, changes: readonly Change[]) {
      return step() ? Promise.reject(errnoError(errno)) : commit.call(this, changes)
    })
    this.#spies = [spy]
  }
}
