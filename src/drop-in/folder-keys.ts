import { BoundedCache } from '../baileys/bounded-cache.ts'
import type { BaileysLogger } from '../baileys/logger-tap.ts'
import type { SocketKeys } from '../baileys/socket.ts'
import type { StoredKeys } from '../stores/folder/stored-keys.ts'
import type { Baileys } from './namespace.ts'

type Keys = Pick<SocketKeys, 'get' | 'set'> & { clear?(): unknown }

interface FolderKeysParts {
  /** Those of the account while it is supervised. */
  readonly open: () => object | undefined
  /** Those of the folder as it lies there, to read. */
  readonly stored: () => Promise<StoredKeys>
  /** Runs a step on them as the owner of the folder, which nobody supervises. */
  readonly owned: (step: (keys: object) => Promise<void>) => Promise<void>
}

/** As long as Baileys keeps keys in its own wrapper, ms. */
const keptMs = 300_000
const mostKept = 20_000

/** `state.keys` of a folder: always the keys that the supervision has open. */
export class FolderKeys implements Keys {
  readonly #parts: FolderKeysParts
  readonly get: Keys['get']
  readonly set: Keys['set']
  readonly clear: () => Promise<void>
  /**
   * What `makeCacheableSignalKeyStore` gives for these: the same, and a word that the gateway wants them cached. A
   * cache of its own would outlast a prune.
   */
  readonly cached: Keys

  constructor(parts: FolderKeysParts) {
    this.#parts = parts
    const open = (): Keys | undefined => parts.open() as Keys | undefined
    // As functions: gateways spread the object that holds them.
    this.get = async (type, ids) => {
      const keys = open() ?? (await parts.stored())
      return keys.get(type as never, ids) as ReturnType<Keys['get']>
    }
    this.set = async (data) => this.#change((keys) => keys.set(data))
    this.clear = async () => this.#change((keys) => keys.clear?.())
    this.cached = { get: this.get, set: this.set, clear: this.clear }
  }

  async #change(step: (keys: Keys) => unknown): Promise<void> {
    const keys = this.#parts.open() as Keys | undefined
    if (keys) await step(keys)
    else
      await this.#parts.owned(async (owned) => {
        await step(owned as Keys)
      })
  }

  /**
   * What a real socket is given: the keys of its own opening, behind its fence. A wrapper of the gateway's is replaced
   * by Baileys' own with a cache that lives as long as the socket does, since one that outlives it would serve what a
   * prune has set aside, and write past the fence.
   */
  forSocket(baileys: Baileys, given: unknown, own: object, logger: BaileysLogger): Keys {
    const keys = own as Keys
    if (isPlain(given, this)) return keys
    return baileys.makeCacheableSignalKeyStore(keys, logger, new BoundedCache({ entries: mostKept, ageMs: keptMs }))
  }
}

/** These keys, or their `{ get, set }` in another object. */
const isPlain = (given: unknown, { get, set, cached }: FolderKeys): boolean =>
  given !== cached &&
  typeof given === 'object' &&
  given !== null &&
  Reflect.get(given, 'get') === get &&
  Reflect.get(given, 'set') === set
