import { FencedError } from '../../../errors/errors.ts'
import { diskError } from '../../disk/disk-error.ts'
import { errnoOf, type FileSystem } from '../../disk/file-system.ts'
import { credsFile } from '../../file-name.ts'
import type { Content } from '../../write-ahead.ts'
import type { Delay, Delays } from './delays.ts'
import { JournalFile } from './journal-file.ts'
import type { Outlook } from './outlook.ts'
import { PendingFiles } from './pending-files.ts'

/** How often files that are behind are looked at. */
const lookMs = 500
/**
 * A file is put in place when it has not changed for that many looks, and at the latest after so many: a session
 * changes several times for one message.
 */
const quietLooks = 1
const mostLooks = 10
/**
 * The journal is emptied when nothing was written for so long, after so many looks, and when its frames take so many
 * steps of its size.
 */
const idleMs = 5_000
const emptyLooks = 120
const fullSteps = 8
/** After trouble the pause doubles up to this. */
const lastPauseMs = 30_000

export interface FolderWritesParts {
  readonly fs: FileSystem
  readonly folder: string
  /** Where the journal lies. */
  readonly home: string
  /** For messages. */
  readonly location: string
  readonly delays: Delays
  readonly now: () => number
  /** Asks the medium whether the folder is still ours: what comes late must not lie over what another owner wrote. */
  readonly owned: () => Promise<boolean>
  /** Told when files cannot be put in place, and with undefined when they can again. */
  readonly onTrouble: (failure: Error | undefined) => void
  readonly stepBytes: number
}

type Files = Iterable<readonly [name: string, content: Content]>

/** The files of one call, and who waits for them. */
interface Group {
  readonly files: ReadonlyMap<string, Content>
  readonly done: Promise<void>
  readonly settle: (failure: Error | undefined) => void
}

/**
 * All writes into one folder. They are durable with one append to a journal, which everything shares that waits at that
 * moment, and which the next owner reads after a crash. The files themselves follow, off the path of those who wait:
 * put in place when they have been quiet for a moment, synced when the journal is emptied.
 *
 * Why files at all, and no database such as SQLite or LMDB: a folder in Baileys' layout can be read by Baileys' own
 * store at any time after a stop, be copied, looked into and mended by hand. The journal gives what a database would
 * give, one append for a write and all or nothing for a set, and adds nothing that has to stay.
 */
export class FolderWrites implements Outlook {
  readonly #parts: FolderWritesParts
  readonly #journal: JournalFile
  readonly #pending: PendingFiles
  #waiting = new Map<string, Content>()
  #groups: Group[] = []
  #running: ReadonlyMap<string, Content> = new Map()
  #loop: Promise<void> | undefined
  /** One append, or the emptying of the journal, at a time. */
  #lane: Promise<unknown> = Promise.resolve()
  /** One look, or settling, at a time. */
  #work: Promise<unknown> = Promise.resolve()
  #settling = 0
  readonly #looks = new Map<string, object>()
  #timer: Delay | undefined
  /** Whether the timer waits for nothing to be written. */
  #resting = false
  /** Looks since the journal was empty. */
  #looked = 0
  /** After trouble. */
  #pauseMs = 0
  #full = false
  #over = false
  #troubled = false

  constructor(parts: FolderWritesParts) {
    const { fs, folder, home, now, stepBytes } = parts
    this.#parts = parts
    this.#journal = new JournalFile({ fs, home, now, stepBytes })
    this.#pending = new PendingFiles(fs, folder)
  }

  /** What a read must see of a file that does not stand in its place yet; undefined if the disk is right. */
  ahead(name: string): Content | undefined {
    const waiting = this.#waiting.get(name)
    if (waiting !== undefined) return waiting
    const running = this.#running.get(name)
    return running === undefined ? this.#pending.ahead(name) : running
  }

  /** All of those. */
  allAhead(): Iterable<readonly [name: string, content: Content]> {
    return new Map([...this.#pending.allAhead(), ...this.#running, ...this.#waiting])
  }

  readonly superseded = []
  readonly spoilt = []

  /** Files that the disk does not let in their place. */
  get unfinished(): readonly string[] {
    return this.#pauseMs > 0 ? this.#pending.rows().map(({ name }) => name) : []
  }

  /**
   * A file is about to be read: call what this returns with what the disk said, if it did. It counts if nothing was
   * written to the file meanwhile.
   */
  looking(name: string): (found?: Content) => void {
    const look = {}
    this.#looks.set(name, look)
    return (found) => {
      if (this.#looks.get(name) !== look) return
      this.#looks.delete(name)
      if (found !== undefined) this.#pending.known.note(name, found)
    }
  }

  /** True while something is on its way that somebody waits for, or waited for until it took too long. */
  get busy(): boolean {
    return this.#loop !== undefined || (this.#settling > 0 && !this.#isEmpty)
  }

  /** All or none of them; durable when resolved. Reads see them from the call on. */
  async write(files: Files): Promise<void> {
    const group = newGroup(new Map(files))
    if (group.files.size === 0) return
    for (const [name, content] of group.files) {
      this.#waiting.set(name, content)
      this.#looks.delete(name)
    }
    this.#groups.push(group)
    this.#loop ??= this.#run()
    await group.done
    // Owners look at this one, and it changes rarely. That it is durable was said already.
    if (group.files.has(credsFile) && (await this.#mayWrite().catch(() => false)))
      await this.#pending.placeOne(credsFile).catch(() => undefined)
  }

  /**
   * Resolves when nothing is on its way, and when every file stands in its place for certain unless the disk refuses:
   * then the journal is left.
   */
  async settle(): Promise<void> {
    while (this.#loop) await this.#loop
    if (this.#isEmpty) return
    this.#settling += 1
    try {
      await this.#alone(() => this.#checkpoint()).catch(() => undefined)
    } finally {
      this.#settling -= 1
    }
  }

  /**
   * Every file stands in its place for certain: whoever moves files now moves the newest, and nothing comes behind.
   * Rejects if the disk refuses.
   */
  async stand(): Promise<void> {
    while (this.#loop) await this.#loop
    await this.#alone(async () => {
      if (!(await this.#checkpoint())) throw new FencedError(this.#parts.location)
    })
    this.#pending.known.clear()
  }

  /** As `stand`, and no journal lies in the folder, which may go. */
  async leave(): Promise<void> {
    await this.stand()
    await this.#inLane(() => this.#journal.remove())
  }

  /** The folder is another's: nothing is written from here on. */
  async abandon(): Promise<void> {
    this.#stop()
    await this.#inLane(() => this.#journal.close())
  }

  /** Nothing is written from here on. What does not stand in its place is left to the next owner, in the journal. */
  async end(): Promise<void> {
    await this.leave().catch(() => undefined)
    await this.abandon()
  }

  /** Every file stands in its place for certain, and no journal says anything. */
  get #isEmpty(): boolean {
    return this.#pending.size === 0 && this.#journal.bytes === 0
  }

  get #isFull(): boolean {
    return this.#journal.bytes > fullSteps * this.#parts.stepBytes
  }

  #stop(): void {
    this.#over = true
    this.#rest()
  }

  async #run(): Promise<void> {
    // So that what is written in the same moment shares the append.
    await new Promise<void>((resolve) => this.#parts.delays.soon(resolve))
    while (this.#groups.length > 0) {
      const groups = this.#groups
      const files = this.#waiting
      this.#running = files
      this.#groups = []
      this.#waiting = new Map()
      const failure = await this.#append(files)
      // What does not fit together may fit by itself.
      const apart = groups.length > 1 && ['ENOSPC', 'EDQUOT'].includes(errnoOf(failure?.cause) ?? '')
      for (const group of groups) group.settle(apart ? await this.#append(group.files) : failure)
      this.#running = new Map()
    }
    this.#loop = undefined
  }

  async #append(files: ReadonlyMap<string, Content>): Promise<Error | undefined> {
    try {
      await this.#inLane(async () => {
        if (this.#over) throw new FencedError(this.#parts.location)
        const rows = [...files].map(([name, content]) => this.#pending.rowFor(name, content))
        await this.#journal.append(rows, () => this.#pending.rows())
        this.#pending.note(rows)
      })
    } catch (error) {
      return diskError(this.#parts.location, 'noting what is to be written', error)
    }
    this.#lookLater()
    if (this.#isFull) this.#lookAtOnce()
    return undefined
  }

  #lookLater(): void {
    if (this.#over || this.#isEmpty) return
    const rests = !this.#pending.behind
    if (this.#timer && this.#resting === rests) return
    this.#rest()
    this.#resting = rests
    this.#timer = this.#parts.delays.setTimeout(() => void this.#look(), this.#pauseMs || (rests ? idleMs : lookMs))
    // A process that has nothing else to do ends when its files stand in their place.
    if (rests) this.#timer.unref?.()
  }

  #rest(): void {
    if (this.#timer) this.#parts.delays.clearTimeout(this.#timer)
  }

  #lookAtOnce(): void {
    if (this.#full || this.#pauseMs > 0) return
    this.#full = true
    void this.#alone(() => this.#checkpoint())
      .catch(() => undefined)
      .finally(() => {
        this.#full = false
      })
  }

  async #look(): Promise<void> {
    this.#timer = undefined
    await this.#alone(async () => {
      this.#looked += 1
      if (!this.#pending.behind || this.#looked > emptyLooks || this.#isFull) return this.#checkpoint()
      const due = this.#pending.due(quietLooks, mostLooks)
      if (due.length > 0 && (await this.#mayWrite())) await this.#pending.place(due)
    }).catch(() => undefined)
    this.#lookLater()
  }

  /**
   * Puts every file in its place for certain, most of them beside the appends, and empties the journal while there are
   * none. False if the folder is not ours any more.
   */
  async #checkpoint(): Promise<boolean> {
    if (this.#isEmpty) return true
    if (!(await this.#mayWrite())) return false
    await this.#pending.settle().catch(() => undefined)
    await this.#inLane(() => this.#finish())
    return true
  }

  async #finish(): Promise<void> {
    const { fs, folder } = this.#parts
    const left = await this.#pending.settle().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    await fs.syncFolder(folder)
    this.#pending.forgetSettled()
    if (!left) {
      await this.#journal.empty()
      this.#looked = 0
      return
    }
    // A file that cannot be written must not make the journal grow for ever.
    if (this.#isFull) await this.#journal.renew(this.#pending.rows())
    throw left.error
  }

  async #mayWrite(): Promise<boolean> {
    if (this.#over) return false
    if (await this.#parts.owned()) return true
    // The new owner has read the journal.
    this.#stop()
    return false
  }

  /** Steps on the files, one at a time. */
  #alone(step: () => Promise<unknown>): Promise<void> {
    const done = this.#work.then(step).then(
      () => this.#went(undefined),
      (error: unknown) => {
        this.#went(diskError(this.#parts.location, 'putting files in place', error))
        throw error
      },
    )
    this.#work = done.catch(() => undefined)
    return done
  }

  #went(failure: Error | undefined): void {
    this.#pauseMs = failure ? Math.min(2 * (this.#pauseMs || lookMs), lastPauseMs) : 0
    if (failure || this.#troubled) this.#parts.onTrouble(failure)
    this.#troubled = failure !== undefined
  }

  #inLane<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#lane.then(step)
    this.#lane = done.catch(() => undefined)
    return done
  }
}

const newGroup = (files: Group['files']): Group => {
  let settle: Group['settle'] = () => undefined
  const done = new Promise<void>((resolve, reject) => {
    settle = (failure) => (failure ? reject(failure) : resolve())
  })
  return { files, done, settle }
}
