import { dirname } from 'node:path'
import type { FileStat, FileSystem, WriteOptions } from '../../../../src/stores/disk/file-system.ts'
import type { OpenFile } from '../../../../src/stores/disk/open-file.ts'
import { errnoError } from '../../disk/faulty-disk.ts'

/** What programs see of a file from some call on, and what of it is certain to survive. */
interface Version {
  readonly since: number
  readonly content: Buffer
  readonly synced: Buffer
  /** When it was written, epoch milliseconds. */
  readonly at: number
}

/** Its versions, oldest first; never empty. */
type File = [Version, ...Version[]]
type Node = { readonly kind: 'file'; readonly file: File } | { readonly kind: 'folder' }

/** A change of names. Its folders' changes reach the disk in order, those of other folders independently. */
interface NameChange {
  readonly folders: readonly string[]
  readonly apply: (names: Map<string, Node>) => void
  /** The call that made it, and the one that made it certain. */
  readonly since: number
  certainSince: number
}

/** Draws for the remnant: an integer below the bound. */
export type Draw = (bound: number) => number

const empty = Buffer.alloc(0)

/**
 * A disk under a journaling file system that promises no more than it must. Content is certain only after its fsync;
 * before, it may be there, cut, empty or zero-filled; of what is written over something certain, any of its blocks may
 * be there, in any order, one of them in part. A change of names is certain only after an fsync of its folder; before,
 * any ordered beginning of a folder's changes may be there, and a rename between folders happened in both or in
 * neither. Nothing written later is ever on disk without what was fsynced before. It remembers every change, so that
 * the power can be cut after any of the calls that one run made.
 */
export class ModelDisk {
  readonly #before: ReadonlyMap<string, Node>
  readonly #seen: Map<string, Node>
  readonly #changes: NameChange[] = []
  /** How many calls were carried out. */
  calls = 0
  /** Epoch milliseconds. */
  now: () => number = () => 0

  constructor(found: ReadonlyMap<string, Node> = new Map([['/', { kind: 'folder' }]])) {
    this.#before = found
    this.#seen = new Map(found)
  }

  /** What a reader finds if the power went after so many calls; `draw` decides what luck left. */
  afterCut(calls: number, draw: Draw): ModelDisk {
    const lost = new Set<string>()
    const names = new Map(this.#before)
    const made = this.#changes.filter(({ since }) => since <= calls)
    for (const { apply } of made.filter(({ certainSince }) => certainSince <= calls)) apply(names)
    for (const { folders, apply } of made.filter(({ certainSince }) => certainSince > calls)) {
      // A folder whose earlier change was lost gets none of its later ones.
      if (folders.some((folder) => lost.has(folder)) || draw(3) === 0) for (const folder of folders) lost.add(folder)
      else apply(names)
    }
    const left = (node: Node): Node =>
      node.kind === 'folder' ? node : { kind: 'file', file: remnant(node.file, calls, draw) }
    return new ModelDisk(new Map([...names].map(([path, node]) => [path, left(node)])))
  }

  readonly fileSystem: FileSystem = {
    readFile: (path) => this.#call(() => Buffer.from(current(this.#file(path)).content)),
    writeFile: (path, data, options) => this.#write(path, data, options),
    create: (path) => this.create(path, true),
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
    syncFile: (path) => this.#call(() => this.#makeCertain(this.#file(path))),
    syncFolder: (path) =>
      this.#call(() => {
        this.#folder(path)
        this.#syncNames(path)
      }),
  }

  /**
   * A file that stays open, found again under whatever name it has by then. Its writes are certain, unless it is told
   * to be careless.
   */
  async create(path: string, certain: boolean): Promise<OpenFile> {
    const file = await this.#call(() => {
      if (this.#seen.has(path)) throw errnoError('EEXIST')
      this.#create(path)
      return this.#file(path)
    })
    return {
      write: async (data, at) => {
        await this.#call(() => {
          const { content } = current(file)
          const next = Buffer.alloc(Math.max(content.length, at + data.length))
          content.copy(next)
          next.set(data, at)
          this.#put(file, next)
        })
        if (certain) await this.#call(() => this.#makeCertain(file))
      },
      close: async () => undefined,
    }
  }

  /** A plain write in place: the file is cut to nothing, then written, and nothing is synced. */
  async overwrite(path: string, data: Uint8Array): Promise<void> {
    await this.#call(() => {
      if (this.#seen.has(path)) this.#put(this.#file(path), empty)
      else this.#create(path)
    })
    await this.#call(() => this.#put(this.#file(path), Buffer.from(data)))
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
      const before = current(file).content
      this.#put(file, flag === 'a' ? Buffer.concat([before, data]) : Buffer.from(data))
    })
    if (!flush) return
    await this.#call(() => this.#makeCertain(this.#file(path)))
  }

  #makeCertain(file: File): void {
    const { content } = current(file)
    file.push({ since: this.calls, content, synced: content, at: current(file).at })
  }

  async #call<T>(step: () => T): Promise<T> {
    // Real calls end in any order and never at once.
    await undefined
    this.calls++
    return step()
  }

  #create(path: string): void {
    this.#folder(dirname(path))
    const file: File = [{ since: this.calls, content: empty, synced: empty, at: this.now() }]
    this.#change([dirname(path)], (names) => names.set(path, { kind: 'file', file }))
  }

  #put(file: File, content: Buffer): void {
    file.push({ since: this.calls, content, synced: current(file).synced, at: this.now() })
  }

  #change(folders: readonly string[], apply: NameChange['apply']): void {
    apply(this.#seen)
    this.#changes.push({
      folders: [...new Set(folders)],
      apply,
      since: this.calls,
      certainSince: Number.POSITIVE_INFINITY,
    })
  }

  /** Makes a folder's changes certain, and with each of them what came before it in its other folder. */
  #syncNames(folder: string): void {
    const needed = new Set([folder])
    for (const change of this.#changes.toReversed()) {
      if (change.certainSince <= this.calls || !change.folders.some((other) => needed.has(other))) continue
      change.certainSince = this.calls
      for (const other of change.folders) needed.add(other)
    }
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

const current = ([first, ...later]: File): Version => later.at(-1) ?? first

const statOf = (node: Node): FileStat => ({
  size: node.kind === 'file' ? current(node.file).content.length : 0,
  mode: 0o700,
  mtimeMs: node.kind === 'file' ? current(node.file).at : 0,
  isFile: () => node.kind === 'file',
  isDirectory: () => node.kind === 'folder',
})

/** What is left of a file: all of it if it was synced as it is, otherwise whatever luck left. */
const remnant = ([first, ...later]: File, calls: number, draw: Draw): File => {
  const { content, synced, at: written } = later.findLast(({ since }) => since <= calls) ?? first
  const left = (bytes: Buffer): File => [{ since: 0, content: bytes, synced: bytes, at: written }]
  if (content.equals(synced)) return left(content)
  if (synced.length > 0 && content.length >= synced.length) return left(inBlocks(content, synced, draw))
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
      return left(empty)
  }
}

const blockBytes = 512

/**
 * Each block that was written over is there or not; one that was being written is there in part. What is beyond the
 * certain length may be missing.
 */
function inBlocks(content: Buffer, synced: Buffer, draw: Draw): Buffer {
  const length = draw(2) === 0 ? content.length : synced.length
  const found = Buffer.alloc(length)
  synced.copy(found)
  for (let at = 0; at < length; at += blockBytes) {
    const block = content.subarray(at, Math.min(at + blockBytes, length))
    if (block.equals(found.subarray(at, at + block.length))) continue
    const luck = draw(3)
    if (luck === 0) block.copy(found, at)
    if (luck === 1) block.subarray(0, draw(block.length)).copy(found, at)
  }
  return found
}
