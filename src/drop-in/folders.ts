import { mkdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { Lifeline } from '../line/lifeline.ts'
import { AuthFolder, folderMark } from './auth-folder.ts'
import type { CheckedSuperviseOptions } from './line-options.ts'
import type { Baileys } from './namespace.ts'

/** The folders that this process has opened, by their real path. */
export class Folders {
  readonly #folders = new Map<string, AuthFolder>()
  readonly #byKeys = new WeakMap<object, AuthFolder>()
  readonly #listeners = new Set<() => void>()

  /** As Baileys' own `useMultiFileAuthState`, it makes the folder if there is none, and rejects if it is none. */
  async open(
    folder: string,
    baileys: Baileys,
    options: CheckedSuperviseOptions,
    say: (words: string) => void,
  ): Promise<AuthFolder> {
    const { path, made } = await realFolder(folder)
    let opened = this.#folders.get(path)
    if (opened === undefined) {
      const taken = new Set(this.lines().map(({ account }) => account))
      opened = new AuthFolder({ path, account: nameOf(path, taken), baileys, options, say })
      this.#folders.set(path, opened)
      this.#byKeys.set(opened.keys, opened)
      this.#byKeys.set(opened.keys.cached, opened)
      for (const listener of [...this.#listeners]) listener()
    } else opened.use(baileys)
    if (made) opened.begunAnew()
    await opened.read()
    return opened
  }

  /** The folder whose credentials these are. */
  of(auth: { readonly creds?: unknown; readonly keys?: unknown } | undefined): AuthFolder | undefined {
    const { creds, keys } = auth ?? {}
    const mark: unknown = isObject(creds) ? Reflect.get(creds, folderMark) : undefined
    const marked = typeof mark === 'string' ? this.#folders.get(mark) : undefined
    return marked ?? (isObject(keys) ? this.#byKeys.get(keys) : undefined)
  }

  /** The lines of the folders, for a dashboard. */
  lines(): readonly Lifeline[] {
    return [...this.#folders.values()].map(({ line }) => line)
  }

  on(_event: 'change', listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** The last part of the path, and as much before it as it takes to be another name than the others'. */
export function nameOf(path: string, taken: ReadonlySet<string>): string {
  let name = basename(path) || path
  for (let rest = dirname(path); taken.has(name) && rest !== dirname(rest); rest = dirname(rest))
    name = `${basename(rest)}/${name}`
  return name.slice(-200)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

async function realFolder(folder: string): Promise<{ readonly path: string; readonly made: boolean }> {
  const path = resolve(folder)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) await mkdir(path, { recursive: true, mode: 0o700 })
  else if (!found.isDirectory())
    throw new Error(
      `found something that is not a directory at ${folder}, either delete it or specify a different location`,
    )
  return { path: await realpath(path), made: found === undefined }
}

const place = Symbol.for('baileys-lifeline.folders')

/** Those of the process: one even where this package is there twice. */
export function folders(): Folders {
  const known: unknown = Reflect.get(globalThis, place)
  if (isObject(known)) return known as Folders
  const own = new Folders()
  Object.defineProperty(globalThis, place, { value: own, enumerable: false })
  return own
}
