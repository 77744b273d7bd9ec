import type {
  AuthenticationCreds,
  AuthenticationState,
  SignalDataSet,
  SignalDataTypeMap,
} from '../baileys/baileys-types.ts'
import { FencedError } from '../errors/errors.ts'
import type { Codec } from './codec.ts'
import { credsFile, keyFileName } from './file-name.ts'
import type { KeyCache } from './key-cache.ts'
import type { LiveOpening } from './ownership.ts'
import type { Content } from './write-ahead.ts'

const closeDeadlineMs = 5000

/**
 * The files of an account, wherever they lie: in a folder, or as rows under the same names. Failures are disk errors
 * already.
 */
export interface AccountFiles {
  /** What a read must see for a file whose write is on its way; undefined if what is stored is right. */
  ahead(name: string): Content | undefined
  /** Null if it is absent. */
  read(name: string): Content | Promise<Content>
  /** All or none of them, durable when resolved; reads see them from the call on. */
  write(files: Iterable<readonly [name: string, content: Content]>): Promise<void>
  /**
   * True while something is on its way to the medium, even if nobody waits for it any more; absent where nothing ever
   * is.
   */
  readonly busy?: boolean
  /** Resolves once nothing is. */
  settled?(): Promise<void>
  /** The names of all stored keys. */
  keys(): Promise<readonly string[]>
  /** Remembers key types that no table knows. */
  learn(types: readonly string[]): Promise<void>
}

type Entry = readonly [id: string, value: unknown]
type Answer<T> = T | Promise<T>

export interface OpeningParts {
  readonly files: AccountFiles
  readonly location: string
  readonly codec: Codec
  readonly creds: AuthenticationCreds
  /** For media that nobody else writes to. */
  readonly cache?: KeyCache
  /** Told the bytes of each durable save of creds. Its failure is its own matter. */
  readonly onSaved: (bytes: Buffer) => Promise<void>
}

/**
 * One opening of an account in Baileys' layout. Its reads see its own writes at once; after the fence it can write no
 * more.
 */
export class Opening implements LiveOpening {
  readonly state: AuthenticationState
  readonly #parts: OpeningParts
  #fenced = false
  #kept: Promise<void> = Promise.resolve()
  /** Calls that passed the fence and have not handed their files to the queue or ended yet. */
  readonly #calls = new Set<Promise<void>>()

  constructor(parts: OpeningParts) {
    this.#parts = parts
    this.state = {
      creds: parts.creds,
      keys: {
        get: (type, ids) => this.#get(type, ids),
        set: (data) => this.#guarded(() => this.#set(data)),
        clear: () => this.#guarded(() => this.#clear()),
      },
    }
  }

  /** True while files of this opening may still change. */
  get live(): boolean {
    return !this.#fenced || this.#calls.size > 0 || this.#parts.files.busy === true
  }

  readonly saveCreds = (): Promise<void> => this.#guarded(() => this.#saveCreds())

  readonly keyNames = (): Promise<readonly string[]> => this.#parts.files.keys()

  readonly fence = async (lost?: Promise<void>): Promise<void> => {
    this.#fenced = true
    this.#parts.cache?.clear()
    let waits = true
    const given = lost?.then(() => {
      waits = false
    })
    while (waits && this.#calls.size > 0) {
      const done = Promise.allSettled(this.#calls)
      await (given ? Promise.race([done, given]) : done)
    }
    // Where one write waits for the one before it, the next opening could store nothing either.
    await this.#parts.files.settled?.()
  }

  readonly close = async (deadlineMs: number = closeDeadlineMs): Promise<void> => {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs)
    })
    await Promise.race([this.fence(), deadline])
    clearTimeout(timer)
  }

  #guarded(call: () => Promise<void>): Promise<void> {
    if (this.#fenced) return Promise.reject(new FencedError(this.#parts.location))
    const running = call().finally(() => this.#calls.delete(running))
    this.#calls.add(running)
    return running
  }

  /** Answers at once what it can: a wait for each key would cost more than reading it. */
  #get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Answer<{ [id: string]: SignalDataTypeMap[T] }> {
    const read = (id: string): Entry | Promise<Entry> => {
      const name = keyFileName(type, id)
      const cached = this.#cached(name)
      if (cached !== undefined) return [id, this.#parts.codec.revive(type, cached)]
      const content = this.#content(name)
      if (!(content instanceof Promise)) return [id, this.#value(type, content)]
      return content.then((later) => [id, this.#value(type, later)])
    }
    // Baileys' own store, too, hands out whatever JSON the file holds, and null for what is absent.
    const values = (entries: readonly Entry[]) => Object.fromEntries(entries) as { [id: string]: SignalDataTypeMap[T] }
    const entries = ids.map(read)
    const pending = entries.some((entry) => entry instanceof Promise)
    return pending ? Promise.all(entries).then(values) : values(entries as Entry[])
  }

  #content(name: string): Content | Promise<Content> {
    const { cache, files } = this.#parts
    const ahead = files.ahead(name)
    if (ahead !== undefined) return ahead
    const turn = cache?.turn ?? 0
    const stored = files.read(name)
    if (!(stored instanceof Promise)) {
      cache?.keep(name, stored, turn)
      return stored
    }
    return stored.then((content) => {
      // A write, or a removal, that came while the disk was read is the newer truth.
      const newer = files.ahead(name)
      if (newer !== undefined) return newer
      cache?.keep(name, content, turn)
      return content
    })
  }

  #cached(name: string): unknown {
    try {
      return this.#fenced ? undefined : this.#parts.cache?.read(name)
    } catch {
      return undefined
    }
  }

  #value(type: string, content: Content): unknown {
    if (content === null) return null
    try {
      const { codec } = this.#parts
      return codec.revive(type, codec.decode(content))
    } catch {
      return null
    }
  }

  async #set(data: SignalDataSet): Promise<void> {
    const { cache, codec, files } = this.#parts
    const contents = new Map<string, Content>()
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values ?? {})) {
        contents.set(keyFileName(type, id), value ? codec.encode(value) : null)
      }
    }
    const ended = cache?.begin(contents)
    // Handed over before anything is awaited, so that a read right after this call sees the new values.
    const written = files.write(contents)
    if (ended)
      written.then(
        () => ended(true),
        () => ended(false),
      )
    await Promise.all([written, files.learn(Object.keys(data))])
  }

  async #clear(): Promise<void> {
    const { cache, files } = this.#parts
    const removed = new Map((await files.keys()).map((name): [string, Content] => [name, null]))
    const ended = cache?.begin(removed)
    try {
      await files.write(removed)
    } finally {
      ended?.(false)
    }
  }

  async #saveCreds(): Promise<void> {
    const bytes = this.#parts.codec.encode(this.#parts.creds)
    await this.#parts.files.write([[credsFile, bytes]])
    // creds.json itself is durable here: a generation that could not be kept is tried again at the next save.
    this.#kept = this.#kept.then(() => this.#parts.onSaved(bytes)).catch(() => undefined)
    await this.#kept
  }
}
