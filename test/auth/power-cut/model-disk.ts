import { dirname } from 'node:path'
import type { FileStat, FileSystem, WriteOptions } from '../../../src/auth/file-system.ts'
import { errnoError } from '../faulty-disk.ts'

/** Content of a file: what programs see, and what of it is certain to survive. */
interface File {
  content: Buffer
  synced: Buffer
}

type Node = { readonly kind: 'file'; readonly file: File } | { readonly kind: 'folder' }
type Names = ReadonlyMap<string, Node>

/** A change of names. Its folders' changes reach the disk in order, those of other folders independently. */
interface NameChange {
  readonly folders: readonly string[]
  readonly apply: (names: Map<string, Node>) => void
}

/** Thrown by the call at which the power goes, and by all after it. */
export class PowerCut extends Error {}

/** Draws for the remnant: an integer below the bound. */
export type Draw = (bound: number) => number

/**
 * A disk under a journaling file system that promises no more than it must. Content is certain only after its fsync; before, it may be there, cut,
 * empty or zero-filled. A change of names is certain only after an fsync of its folder; before, any ordered beginning of a folder's changes may be there,
 * and a rename between folders happened in both or in neither. Nothing written later is ever on disk without what was fsynced before.
 */
export class ModelDisk {
  readonly #seen = new Map<string, Node>([['/', { kind: 'folder' }]])
  #certain: Names = new Map(this.#seen)
  #pending: NameChange[] = []
  #callsLeft = Number.POSITIVE_INFINITY
  calls = 0

  /** The power goes at the given call from now, counted from 1. */
  cutAt(call: number): void {
    this.#callsLeft = call
  }

  /** What a reader finds after the power came back; `draw` decides what luck left. */
  afterCut(draw: Draw): ModelDisk {
    const lost = new Set<string>()
    const names = new Map(this.#certain)
    for (const change of this.#pending) {
      // A folder whose earlier change was lost gets none of its later ones.
      if (change.folders.some((folder) => lost.has(folder)) || draw(3) === 0)
        for (const folder of change.folders) lost.add(folder)
      else change.apply(names)
    }
    const next = new ModelDisk()
    for (const [path, node] of names) {
      if (path !== '/')
        next.#seen.set(path, node.kind === 'folder' ? node : { kind: 'file', file: remnant(node.file, draw) })
    }
    next.#certain = new Map(next.#seen)
    return next
  }

  readonly fileSystem: FileSystem = {
    readFile: (path) => this.#call(() => Buffer.from(this.#file(path).content)),
    writeFile: (path, data, options) => this.#write(path, data, options),
    rename: (from, to) =>
      this.#call(() => {
        const node = this.#node(from)
        this.#change([dirname(from), dirname(to)], (names) => {
          names.delete(from)
          names.set(to, node)
        })
      }),
    unlink: (path) =>
      this.#call(() => {
        this.#file(path)
        this.#change([dirname(path)], (names) => names.delete(path))
      }),
    readdir: (path) =>
      this.#call(() => {
        this.#folder(path)
        return [...this.#seen.keys()]
          .filter((other) => other !== path && dirname(other) === path)
          .map((other) => other.slice(path.length + 1))
      }),
    stat: (path) => this.#call(() => statOf(this.#node(path))),
    mkdir: (path) =>
      this.#call(() => {
        this.#folder(dirname(path))
        if (this.#seen.has(path)) throw errnoError('EEXIST')
        this.#change([dirname(path)], (names) => names.set(path, { kind: 'folder' }))
      }),
    rmdir: (path) => this.#call(() => this.#change([dirname(path)], (names) => names.delete(path))),
    syncFolder: (path) =>
      this.#call(() => {
        this.#folder(path)
        this.#syncNames(path)
      }),
  }

  /** What a plain in-place write does: cut to nothing, then written, nothing synced. */
  overwrite(path: string, data: Uint8Array): Promise<void> {
    return this.#call(() => {
      if (!this.#seen.has(path)) this.#create(path)
      this.#file(path).content = Buffer.from(data)
    })
  }

  async #write(path: string, data: Uint8Array, { flag, flush }: WriteOptions): Promise<void> {
    // Three moments at which the power can go: before the file is there, before its content is, before that is certain.
    await this.#call(() => {
      const there = this.#seen.has(path)
      if (flag === 'wx' && there) throw errnoError('EEXIST')
      if (flag === 'r+' && !there) throw errnoError('ENOENT')
      if (!there) this.#create(path)
    })
    await this.#call(() => {
      const file = this.#file(path)
      file.content = flag === 'a' ? Buffer.concat([file.content, data]) : Buffer.from(data)
    })
    if (!flush) return
    await this.#call(() => {
      const file = this.#file(path)
      file.synced = file.content
    })
  }

  async #call<T>(step: () => T): Promise<T> {
    // Real calls end in any order and never at once.
    await undefined
    this.calls++
    if (--this.#callsLeft <= 0) throw new PowerCut('the power went')
    return step()
  }

  #create(path: string): void {
    this.#folder(dirname(path))
    const file: File = { content: Buffer.alloc(0), synced: Buffer.alloc(0) }
    this.#change([dirname(path)], (names) => names.set(path, { kind: 'file', file }))
  }

  #change(folders: readonly string[], apply: NameChange['apply']): void {
    apply(this.#seen)
    this.#pending.push({ folders: [...new Set(folders)], apply })
  }

  /** Makes a folder's changes certain, and with each of them what came before it in its other folder. */
  #syncNames(folder: string): void {
    const needed = new Set([folder])
    const certain = new Map(this.#certain)
    const take = new Set<NameChange>()
    for (const change of [...this.#pending].reverse()) {
      if (!change.folders.some((other) => needed.has(other))) continue
      take.add(change)
      for (const other of change.folders) needed.add(other)
    }
    for (const change of this.#pending) if (take.has(change)) change.apply(certain)
    this.#pending = this.#pending.filter((change) => !take.has(change))
    this.#certain = certain
  }

  #node(path: string): Node {
    const node = this.#seen.get(path)
    if (!node) throw errnoError('ENOENT')
    return node
  }

  #file(path: string): File {
    const node = this.#node(path)
    if (node.kind === 'folder') throw errnoError('EISDIR')
    return node.file
  }

  #folder(path: string): void {
    if (this.#node(path).kind === 'file') throw errnoError('ENOTDIR')
  }
}

const statOf = (node: Node): FileStat => ({
  size: node.kind === 'file' ? node.file.content.length : 0,
  mode: 0o700,
  mtimeMs: 0,
  isFile: () => node.kind === 'file',
  isDirectory: () => node.kind === 'folder',
})

/** What is left of a file: all of it if it was synced as it is, otherwise whatever luck left. */
const remnant = ({ content, synced }: File, draw: Draw): File => {
  const left = (bytes: Buffer): File => ({ content: bytes, synced: bytes })
  if (content.equals(synced)) return left(content)
  const at = content.length === 0 ? 0 : draw(content.length)
  switch (draw(5)) {
    case 0:
      return left(content)
    case 1:
      return left(synced)
    case 2:
      return left(content.subarray(0, at))
    case 3:
      return left(Buffer.concat([content.subarray(0, at), Buffer.alloc(content.length - at)]))
    default:
      return left(Buffer.alloc(0))
  }
}
