import { join } from 'node:path'
import type {
  AuthenticationCreds,
  AuthenticationState,
  SignalDataSet,
  SignalDataTypeMap,
} from '@whiskeysockets/baileys'
import { FencedError } from '../errors.ts'
import type { Codec } from './codec.ts'
import { onDisk } from './disk-error.ts'
import { classify } from './file-class.ts'
import { credsFile, keyFileName } from './file-name.ts'
import { errnoOf, type FileSystem } from './file-system.ts'
import type { KeyTypes } from './key-types.ts'
import type { OpenAuth } from './store.ts'
import { type Content, WriteQueue } from './write-queue.ts'

const closeDeadlineMs = 5000

export interface OpeningParts {
  readonly fs: FileSystem
  readonly folder: string
  readonly location: string
  readonly codec: Codec
  readonly creds: AuthenticationCreds
  readonly keyTypes: KeyTypes
  /** Told the bytes of each durable save of creds. Its failure is its own matter. */
  readonly onSaved: (bytes: Buffer) => Promise<void>
}

/** One opening of a folder in Baileys' layout. Its reads see its own writes at once; after the fence it can write no more. */
export class Opening implements OpenAuth {
  readonly state: AuthenticationState
  readonly #parts: OpeningParts
  readonly #queue: WriteQueue
  #fenced = false
  #kept: Promise<void> = Promise.resolve()
  /** Calls that passed the fence and have not handed their files to the queue or ended yet. */
  readonly #calls = new Set<Promise<void>>()

  constructor(parts: OpeningParts) {
    this.#parts = parts
    this.#queue = new WriteQueue(parts.fs, parts.folder)
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
    return !this.#fenced || this.#calls.size > 0
  }

  readonly saveCreds = (): Promise<void> => this.#guarded(() => this.#saveCreds())

  readonly fence = async (): Promise<void> => {
    this.#fenced = true
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls)
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

  async #get<T extends keyof SignalDataTypeMap>(
    type: T,
    ids: string[],
  ): Promise<{ [id: string]: SignalDataTypeMap[T] }> {
    const read = async (id: string) => [id, await this.#read(type, keyFileName(type, id))] as const
    const values = Object.fromEntries(await Promise.all(ids.map(read)))
    // Baileys' own store, too, hands out whatever JSON the file holds, and null for what is absent.
    return values as { [id: string]: SignalDataTypeMap[T] }
  }

  async #read(type: string, name: string): Promise<unknown> {
    const { fs, folder, location, codec } = this.#parts
    let content: Content | undefined = this.#queue.ahead(name)
    if (content === undefined) {
      try {
        content = await fs.readFile(join(folder, name))
      } catch (error) {
        if (!['ENOENT', 'EISDIR'].includes(errnoOf(error) ?? ''))
          await onDisk(location, 'reading a key', () => Promise.reject(error))
        content = null
      }
      // A write that came while the disk was read is the newer truth.
      content = this.#queue.ahead(name) ?? content
    }
    if (content === null) return null
    try {
      return codec.revive(type, codec.decode(content))
    } catch {
      return null
    }
  }

  async #set(data: SignalDataSet): Promise<void> {
    const { codec, keyTypes, location } = this.#parts
    const files = new Map<string, Content>()
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values ?? {})) {
        files.set(keyFileName(type, id), value ? codec.encode(value) : null)
      }
    }
    // Handed over before anything is awaited, so that a read right after this call sees the new values.
    const written = this.#queue.write(files)
    await Promise.all([written, onDisk(location, 'noting key types', () => keyTypes.learn(Object.keys(data)))])
  }

  async #clear(): Promise<void> {
    const { fs, folder, location, keyTypes } = this.#parts
    const names = await onDisk(location, 'listing the keys', () => fs.readdir(folder))
    const learned = await keyTypes.learned()
    const keys = names.filter((name) => name !== credsFile && classify(name, learned))
    await this.#queue.write(keys.map((name) => [name, null]))
  }

  async #saveCreds(): Promise<void> {
    const bytes = this.#parts.codec.encode(this.#parts.creds)
    await this.#queue.write([[credsFile, bytes]])
    // creds.json itself is durable here: a generation that could not be kept is tried again at the next save.
    this.#kept = this.#kept.then(() => this.#parts.onSaved(bytes)).catch(() => undefined)
    await this.#kept
  }
}
