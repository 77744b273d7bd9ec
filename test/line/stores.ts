import { type AuthStore, fileAuthStore } from '../../src/index.ts'
import type { FileSystem } from '../../src/stores/disk/file-system.ts'
import { nodeFileSystem } from '../../src/stores/disk/file-system.ts'
import type { OpenFile } from '../../src/stores/disk/open-file.ts'
import { signal } from '../gate.ts'

/** A store of which some methods are replaced; the others are its own. */
export function storeWith(store: AuthStore, methods: Partial<AuthStore>): AuthStore {
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name)
      return typeof own === 'function' ? own.bind(target) : own
    },
  })
}

export type Operation = keyof FileSystem

/** A disk that fails while it is told to. */
export class TroubledDisk {
  readonly store: AuthStore
  /** How often it has failed. */
  failures = 0
  #hanging: Promise<void> | undefined
  #fails: (operation: Operation, path: string) => string | undefined = () => undefined

  constructor(folder: string) {
    const fileSystem = new Proxy(nodeFileSystem, {
      get: (target, name: Operation) => {
        const operation: (...args: never[]) => unknown = target[name]
        return async (...args: never[]) => {
          const path = String(args[0])
          await this.#meet(name, path)
          const result = await operation(...args)
          return name === 'create' ? this.#through(result as OpenFile, path) : result
        }
      },
    })
    this.store = fileAuthStore(folder, { fileSystem })
  }

  /** Writes to a file that stays open meet the same. */
  #through(file: OpenFile, path: string): OpenFile {
    return {
      write: async (data, at) => {
        await this.#meet('writeFile', path)
        return file.write(data, at)
      },
      close: () => file.close(),
    }
  }

  async #meet(operation: Operation, path: string): Promise<void> {
    await this.#hanging
    const errno = this.#fails(operation, path)
    if (errno === undefined) return
    this.failures += 1
    throw Object.assign(new Error(`${errno}: injected, ${operation}`), { code: errno })
  }

  /** From now on the operations for which this gives an errno fail with it. */
  fails(how: (operation: Operation, path: string) => string | undefined): void {
    this.#fails = how
  }

  /** Nothing can be written. */
  full(errno = 'ENOSPC'): void {
    this.fails((operation) => (['readFile', 'readdir', 'stat'].includes(operation) ? undefined : errno))
  }

  /** From now on nothing is answered until the function is called. */
  hang(): () => void {
    const [hanging, pass] = signal()
    this.#hanging = hanging
    return pass
  }

  well(): void {
    this.#fails = () => undefined
  }
}
