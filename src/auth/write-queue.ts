import { join } from 'node:path'
import { discard, writeTemporary } from './atomic-write.ts'
import { eachBounded } from './bounded.ts'
import { diskError } from './disk-error.ts'
import { type FileSystem, isAbsent } from './file-system.ts'

/** Node runs file-system calls on four threads; somewhat more in flight keeps them busy without many open files. */
const width = 16

/** New content of a file, or null to remove it. */
export type Content = Uint8Array | null

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

/**
 * Durable writes into one folder. Writes that arrive while a batch is on its way form the next batch, which costs one fsync of the folder;
 * a later write to a file replaces a waiting one. A group of which one file cannot be written leaves all its files as they were.
 */
export class WriteQueue {
  readonly #fs: FileSystem
  readonly #folder: string
  #waiting: Batch = new Map()
  #running: Batch = new Map()
  #loop: Promise<void> | undefined

  constructor(fs: FileSystem, folder: string) {
    this.#fs = fs
    this.#folder = folder
  }

  /** What a read must see for a file whose write is on its way; undefined if the disk is right. */
  ahead(name: string): Content | undefined {
    return (this.#waiting.get(name) ?? this.#running.get(name))?.content
  }

  /** True while a write is on its way. */
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

  /** Resolves once no write is on its way, whatever became of them. */
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
    }
    this.#loop = undefined
  }

  async #commit(batch: Batch): Promise<Map<Group, Error>> {
    const failures = new Map<Group, Error>()
    const fail = (entry: Entry, doing: string, cause: unknown) => {
      const error = diskError(this.#folder, doing, cause)
      for (const group of entry.groups) if (!failures.has(group)) failures.set(group, error)
    }

    await eachBounded(batch.values(), width, async (entry) => {
      if (entry.content === null) return
      try {
        entry.temporary = await writeTemporary(this.#fs, this.#folder, entry.content)
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
    if (ready.length > 0) {
      try {
        await this.#fs.syncFolder(this.#folder)
      } catch (error) {
        for (const [, entry] of ready) fail(entry, 'making file names durable', error)
      }
    }
    return failures
  }

  async #put(name: string, entry: Entry): Promise<void> {
    const path = join(this.#folder, name)
    if (entry.temporary !== undefined) return this.#fs.rename(entry.temporary, path)
    try {
      await this.#fs.unlink(path)
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
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
