import { join } from 'node:path'
import { discard, writeTemporary } from '../../disk/atomic-write.ts'
import { diskError } from '../../disk/disk-error.ts'
import type { FileSystem } from '../../disk/file-system.ts'
import { eachBounded } from '../bounded.ts'
import { type Content, removeIfThere, type WriteAhead } from '../write-ahead.ts'

/** Node runs file-system calls on four threads; somewhat more in flight keeps them busy without many open files. */
const width = 16

/** The files of one `write` call: they are tried together and answered together. */
interface Group {
  readonly done: Promise<void>
  readonly settle: (failure: Error | undefined) => void
}

interface Entry {
  readonly content: Content
  /** The groups that wait for this file: the one that wrote it last, and those whose value it replaced. */
  readonly groups: readonly Group[]
  temporary?: string
}

type Batch = Map<string, Entry>
type Ready = readonly (readonly [name: string, entry: Entry])[]

/** A record of large sets, and from how many files on a batch is large. */
export interface AheadOf {
  readonly writeAhead: WriteAhead
  readonly from: number
}

/**
 * A record that may not outlive the next write: files of it that stand in their place are not durable by themselves
 * yet.
 */
interface Debt {
  readonly record: string
  readonly files: readonly (readonly [name: string, content: Content])[]
}

/**
 * Durable writes into one folder. Writes that arrive while a batch is on its way form the next batch, which costs one
 * fsync of the folder; a later write to a file replaces a waiting one. A group of which one file cannot be written
 * leaves all its files as they were. A large batch is durable in a record first: those who wait for it are answered
 * when its files stand in their place, and each is synced afterwards.
 */
export class WriteQueue {
  readonly #fs: FileSystem
  readonly #folder: string
  readonly #ahead: AheadOf | undefined
  #debt: Debt | undefined
  #waiting: Batch = new Map()
  #running: Batch = new Map()
  #loop: Promise<void> | undefined

  constructor(fs: FileSystem, folder: string, ahead?: AheadOf) {
    this.#fs = fs
    this.#folder = folder
    this.#ahead = ahead
  }

  /** What a read must see for a file whose write is on its way; undefined if the disk is right. */
  ahead(name: string): Content | undefined {
    return (this.#waiting.get(name) ?? this.#running.get(name))?.content
  }

  /** True while something is on its way, even if nobody waits for it any more. */
  get busy(): boolean {
    return this.#loop !== undefined
  }

  /** Resolves once every file is durable under its name. */
  write(files: Iterable<readonly [name: string, content: Content]>): Promise<void> {
    const group = newGroup()
    let any = false
    for (const [name, content] of files) {
      any = true
      const replaced = this.#waiting.get(name)?.groups ?? []
      this.#waiting.set(name, { content, groups: [...replaced.filter((other) => other !== group), group] })
    }
    if (!any) return Promise.resolve()
    this.#loop ??= this.#run()
    return group.done
  }

  /** Resolves once nothing is on its way, whatever became of it. */
  async drained(): Promise<void> {
    while (this.#loop) await this.#loop
  }

  async #run(): Promise<void> {
    // One turn of patience, so that writes issued together share their first batch.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      this.#running = this.#waiting
      this.#waiting = new Map()
      const failures = await this.#commit(this.#running)
      const groups = new Set([...this.#running.values()].flatMap((entry) => entry.groups))
      this.#running = new Map()
      for (const group of groups) group.settle(failures.get(group))
      // What fails here is asked for again, before the next batch or by the next owner.
      await this.#pay().catch(() => undefined)
    }
    this.#loop = undefined
  }

  async #commit(batch: Batch): Promise<Map<Group, Error>> {
    const failures = new Map<Group, Error>()
    const fail = (entry: Entry, doing: string, cause: unknown) => {
      const error = diskError(this.#folder, doing, cause)
      for (const group of entry.groups) if (!failures.has(group)) failures.set(group, error)
    }
    try {
      await this.#pay()
      await this.#note(batch)
    } catch (error) {
      for (const entry of batch.values()) fail(entry, 'noting what is to be written', error)
      await this.#pay().catch(() => undefined)
      return failures
    }
    const noted = this.#debt !== undefined

    await eachBounded(batch.values(), width, async (entry) => {
      if (entry.content === null) return
      try {
        entry.temporary = await writeTemporary(this.#fs, this.#folder, entry.content, !noted)
      } catch (error) {
        fail(entry, 'writing a file', error)
      }
    })

    spread(batch, failures)
    const failed = (entry: Entry) => entry.groups.some((group) => failures.has(group))
    const abandoned = [...batch.values()].filter(failed)
    const ready = [...batch].filter(([, entry]) => !failed(entry))
    await eachBounded(abandoned, width, async ({ temporary }) => {
      if (temporary !== undefined) await discard(this.#fs, temporary)
    })

    await eachBounded(ready, width, async ([name, entry]) => {
      try {
        await this.#put(name, entry)
      } catch (error) {
        fail(entry, entry.content === null ? 'removing a file' : 'putting a file in place', error)
        if (entry.temporary !== undefined) await discard(this.#fs, entry.temporary)
      }
    })
    try {
      await this.#makeCertain(ready, failures.size > 0)
    } catch (error) {
      for (const [, entry] of ready) fail(entry, 'making files durable', error)
    }
    return failures
  }

  async #makeCertain(ready: Ready, someFailed: boolean): Promise<void> {
    if (this.#debt) {
      this.#debt = { ...this.#debt, files: ready.map(([name, { content }]) => [name, content]) }
      // The record holds what was refused, too: before that is said the record has to go.
      if (someFailed) await this.#pay()
    } else if (ready.length > 0) await this.#fs.syncFolder(this.#folder)
  }

  async #note(batch: Batch): Promise<void> {
    if (!this.#ahead || batch.size < this.#ahead.from) return
    const files = [...batch].map(([name, { content }]) => [name, content] as const)
    // Owed from here on: a record that could not be made may be there all the same.
    this.#debt = { record: this.#ahead.writeAhead.newPath(), files: [] }
    await this.#ahead.writeAhead.note(this.#debt.record, files)
  }

  async #pay(): Promise<void> {
    if (!this.#ahead || !this.#debt) return
    await this.#ahead.writeAhead.settle(this.#debt.record, this.#debt.files)
    this.#debt = undefined
  }

  #put(name: string, { temporary }: Entry): Promise<void> {
    const path = join(this.#folder, name)
    return temporary === undefined ? removeIfThere(this.#fs, path) : this.#fs.rename(temporary, path)
  }
}

/** A file that is abandoned for one group is abandoned for all that wait for it, and so are their other files. */
const spread = (batch: Batch, failures: Map<Group, Error>): void => {
  for (let before = -1; before !== failures.size; ) {
    before = failures.size
    for (const { groups } of batch.values()) {
      const failure = groups.map((group) => failures.get(group)).find((error) => error !== undefined)
      if (failure) for (const group of groups) if (!failures.has(group)) failures.set(group, failure)
    }
  }
}

const newGroup = (): Group => {
  let settle: Group['settle'] = () => undefined
  const done = new Promise<void>((resolve, reject) => {
    settle = (failure) => (failure ? reject(failure) : resolve())
  })
  return { done, settle }
}
