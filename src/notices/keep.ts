import { join } from 'node:path'
import { isTemporary, replaceJson } from '../stores/disk/atomic-write.ts'
import { ensureFolder, exists, type FileSystem, namesIn, nodeFileSystem } from '../stores/disk/file-system.ts'
import type { Notice } from './notice.ts'

/**
 * Where a channel keeps notices until they are delivered. Every method may reject when the medium fails; nothing kept
 * before is lost by that.
 */
export interface NoticeKeep {
  /** The folder; undefined while notices are kept in memory only, so that a restart loses them. */
  readonly location: string | undefined
  /** Durable when resolved, if there is a folder. */
  add(notice: Notice): Promise<void>
  /** Takes the notice with this id out: it was delivered. */
  remove(id: string): Promise<void>
  /**
   * Takes a notice that can never be delivered out of the list, without losing it: the newest hundred lie in
   * `set-aside`.
   */
  setAside(id: string): Promise<void>
  /** What is kept, oldest first. */
  list(): Promise<readonly Notice[]>
}

/** For stores without a folder. */
export function memoryKeep(): NoticeKeep {
  const kept = new Map<string, Notice>()
  const remove = async (id: string) => {
    kept.delete(id)
  }
  return {
    location: undefined,
    add: async (notice) => {
      kept.set(notice.id, notice)
    },
    remove,
    setAside: remove,
    list: async () => [...kept.values()],
  }
}

type Report = (error: unknown, doing: string) => void

/** In `<own>/notices/<channel>`, one file for each notice; `own` must exist when something is to be kept. */
export const folderKeep = (own: string, channel: string, report: Report, fs: FileSystem = nodeFileSystem): NoticeKeep =>
  new FolderKeep(own, channel, report, fs)

const asideFolder = 'set-aside'
const mostAside = 100
/** `<number>-<id>.json`: the number, growing over restarts, is the order. */
const namePattern = /^(\d{12})-(.+)\.json$/
/** What an id may look like in a file's name; ours are UUIDs. */
const safeId = /^[\w-]{1,80}$/

class FolderKeep implements NoticeKeep {
  readonly location: string
  readonly #fs: FileSystem
  readonly #path: readonly string[]
  readonly #report: Report
  #steps: Promise<unknown> = Promise.resolve()
  #next: number | undefined

  constructor(own: string, channel: string, report: Report, fs: FileSystem) {
    const all = join(own, 'notices')
    this.location = join(all, channel)
    this.#path = [own, all, this.location]
    this.#report = report
    this.#fs = fs
  }

  add(notice: Notice): Promise<void> {
    return this.#step(async () => {
      if (!safeId.test(notice.id)) throw new Error('the id of a notice is a UUID')
      if ((await this.#names()).some((name) => idOf(name) === notice.id)) return
      const next = this.#next ?? 1
      await this.#folders(this.#path)
      await replaceJson(this.#fs, join(this.location, `${String(next).padStart(12, '0')}-${notice.id}.json`), notice)
      this.#next = next + 1
    })
  }

  remove(id: string): Promise<void> {
    return this.#step(async () => {
      for (const name of await this.#names())
        if (idOf(name) === id) {
          await this.#fs.unlink(join(this.location, name))
          await this.#fs.syncFolder(this.location)
        }
    })
  }

  setAside(id: string): Promise<void> {
    return this.#step(async () => {
      for (const name of await this.#names()) if (idOf(name) === id) await this.#setAside(name)
    })
  }

  list(): Promise<readonly Notice[]> {
    return this.#step(async () => {
      const notices: Notice[] = []
      for (const name of await this.#names()) {
        const notice = parse(await this.#fs.readFile(join(this.location, name)))
        if (notice) notices.push(notice)
        else {
          await this.#setAside(name)
          this.#report(
            new Error(`a kept notice is damaged; it lies in ${asideFolder}`),
            `reading the notices for ${this.#path.at(-1)}`,
          )
        }
      }
      return notices
    })
  }

  /** One after the other, so that two that add do not take the same number. */
  #step<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#steps.then(step)
    this.#steps = done.catch(() => undefined)
    return done
  }

  /** Names of kept notices in order. The first look also removes what a crash left half-written. */
  async #names(): Promise<string[]> {
    const all = (await namesIn(this.#fs, this.location)).sort()
    const names = all.filter((name) => namePattern.test(name))
    if (this.#next === undefined) {
      for (const name of all.filter(isTemporary)) await this.#fs.unlink(join(this.location, name))
      this.#next = Number(namePattern.exec(names.at(-1) ?? '')?.[1] ?? 0) + 1
    }
    return names
  }

  async #setAside(name: string): Promise<void> {
    const aside = join(this.location, asideFolder)
    await this.#folders([this.location, aside])
    await this.#fs.rename(join(this.location, name), join(aside, name))
    await this.#fs.syncFolder(aside)
    const old = (await namesIn(this.#fs, aside)).sort().slice(0, -mostAside)
    for (const one of old) await this.#fs.unlink(join(aside, one))
  }

  /** Makes each folder but the first. */
  async #folders([parent = '', ...rest]: readonly string[]): Promise<void> {
    const [path, ...deeper] = rest
    if (path === undefined) return
    if (!(await exists(this.#fs, path))) await ensureFolder(this.#fs, path, parent)
    await this.#folders([path, ...deeper])
  }
}

const idOf = (name: string): string | undefined => namePattern.exec(name)?.[2]

function parse(bytes: Buffer): Notice | undefined {
  try {
    const value = JSON.parse(bytes.toString()) as Partial<Record<keyof Notice, unknown>>
    return isNotice(value) ? value : undefined
  } catch {
    // Torn, or null.
    return undefined
  }
}

function isNotice(value: Partial<Record<keyof Notice, unknown>>): value is Notice {
  const { id, account, kind, message, at, details } = value
  const texts = [id, account, kind, message].every((text) => typeof text === 'string')
  return texts && typeof at === 'number' && typeof details === 'object' && details !== null
}
