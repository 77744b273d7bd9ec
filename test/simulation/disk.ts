import type { FileStat } from '../../src/stores/disk/file-system.ts'
import type { Random } from './random.ts'

/** What programs see of a file, and how much of it is certain to survive: always a beginning. */
interface File {
  readonly kind: 'file'
  parts: Buffer[]
  size: number
  synced: number
  mtimeMs: number
  /** What a write in place that is not certain yet has covered. */
  covered?: { readonly at: number; readonly bytes: Buffer }
}

/** A file that stays open, whatever becomes of its name. */
export interface Held {
  write(data: Uint8Array, at: number): void
  makeCertain(): void
}

interface Folder {
  readonly kind: 'folder'
  readonly names: Map<string, Node>
  certain: Map<string, Node>
  mtimeMs: number
}

type Node = File | Folder

/** One change of names; its folders' changes reach the medium in order. */
interface Change {
  readonly sets: readonly (readonly [folder: Folder, name: string, node: Node | undefined])[]
}

/** A change of names as a watcher is told of it, before it is done. */
export interface NameChange {
  readonly op: 'rename' | 'unlink'
  readonly from: string
  readonly to?: string
}

export const errno = (code: string): Error => Object.assign(new Error(`${code}: simulated`), { code })

const split = (path: string): readonly [string, string] => {
  const at = path.lastIndexOf('/')
  return [path.slice(0, at) || '/', path.slice(at + 1)]
}

/**
 * A disk in memory under a journaling file system that promises no more than it must: content is certain only after its
 * fsync, a change of names only after an fsync of its folder. The same promises as the model disk of the store's own
 * tests, at the speed that thousands of days need.
 */
export class Disk {
  readonly #folders = new Map<string, Folder>([['/', newFolder(0)]])
  #pending: Change[] = []
  /** The file server's clock. */
  clock: () => number = () => 0
  onChange: (change: NameChange) => void = () => undefined

  /** Content, or undefined if there is none. */
  peek(path: string): Buffer | undefined {
    const [folder, name] = split(path)
    const node = this.#folders.get(folder)?.names.get(name)
    return node?.kind === 'file' ? contentOf(node) : undefined
  }

  /** Puts content there behind everybody's back, durable; undefined removes. */
  poke(path: string, content: Uint8Array | undefined): void {
    const [parent, name] = split(path)
    const folder = this.#folder(parent)
    const node = content && newFile(Buffer.from(content), content.length, this.clock())
    this.#change([[folder, name, node]])
    this.syncFolder(parent)
  }

  names(path: string): string[] {
    return [...(this.#folders.get(path)?.names.keys() ?? [])]
  }

  read(path: string): Buffer {
    return Buffer.from(contentOf(this.#file(path)))
  }

  /** The first step of a write; `wx` refuses what is there, `r+` what is not. */
  create(path: string, flag: 'wx' | 'a' | 'r+'): void {
    const [parent, name] = split(path)
    const folder = this.#folder(parent)
    const there = folder.names.has(name)
    if (flag === 'wx' && there) throw errno('EEXIST')
    if (flag === 'r+' && !there) throw errno('ENOENT')
    if (!there) this.#change([[folder, name, newFile(Buffer.alloc(0), 0, this.clock())]])
  }

  fill(path: string, data: Uint8Array, flag: 'wx' | 'a' | 'r+'): void {
    const file = this.#file(path)
    file.mtimeMs = this.clock()
    if (flag === 'r+' && contentOf(file).equals(data)) return
    const bytes = Buffer.from(data)
    if (flag === 'a') {
      file.parts.push(bytes)
      file.size += bytes.length
    } else {
      file.parts = [bytes]
      file.size = bytes.length
      file.synced = 0
    }
  }

  /** The file there, for writes in place. */
  hold(path: string): Held {
    const file = this.#file(path)
    return {
      write: (data, at) => {
        const before = contentOf(file)
        const content = Buffer.alloc(Math.max(before.length, at + data.length))
        before.copy(content)
        file.covered = { at, bytes: Buffer.from(content.subarray(at, at + data.length)) }
        content.set(data, at)
        file.parts = [content]
        file.size = content.length
        file.synced = content.length
        file.mtimeMs = this.clock()
      },
      makeCertain: () => {
        delete file.covered
      },
    }
  }

  sync(path: string): void {
    const file = this.#file(path)
    file.synced = file.size
  }

  rename(from: string, to: string): void {
    const [fromFolder, fromName] = split(from)
    const [toFolder, toName] = split(to)
    const node = this.#node(from)
    const [source, target] = [this.#folder(fromFolder), this.#folder(toFolder)]
    this.onChange({ op: 'rename', from, to })
    this.#change([
      [source, fromName, undefined],
      [target, toName, node],
    ])
  }

  unlink(path: string): void {
    const [parent, name] = split(path)
    this.#file(path)
    this.onChange({ op: 'unlink', from: path })
    this.#change([[this.#folder(parent), name, undefined]])
  }

  readdir(path: string): string[] {
    return [...this.#folder(path).names.keys()]
  }

  stat(path: string): FileStat {
    const node = path === '/' ? this.#folder('/') : this.#node(path)
    return {
      size: node.kind === 'file' ? node.size : 0,
      mode: 0o700,
      mtimeMs: node.mtimeMs,
      isFile: () => node.kind === 'file',
      isDirectory: () => node.kind === 'folder',
    }
  }

  mkdir(path: string): void {
    const [parent, name] = split(path)
    const folder = this.#folder(parent)
    if (folder.names.has(name)) throw errno('EEXIST')
    const made = newFolder(this.clock())
    this.#folders.set(path, made)
    this.#change([[folder, name, made]])
  }

  rmdir(path: string): void {
    const [parent, name] = split(path)
    if (this.#folder(path).names.size > 0) throw errno('ENOTEMPTY')
    this.#folders.delete(path)
    this.#change([[this.#folder(parent), name, undefined]])
  }

  /** Makes a folder's changes certain, and with each of them what came before it in its other folder. */
  syncFolder(path: string): void {
    const needed = new Set([this.#folder(path)])
    const taken = new Set<Change>()
    for (const change of this.#pending.toReversed()) {
      if (!change.sets.some(([folder]) => needed.has(folder))) continue
      taken.add(change)
      for (const [folder] of change.sets) needed.add(folder)
    }
    for (const change of this.#pending) if (taken.has(change)) certainly(change)
    this.#pending = this.#pending.filter((change) => !taken.has(change))
  }

  /** The power goes: what was not certain is there, or not, as luck has it. */
  cut(random: Random): void {
    const lost = new Set<Folder>()
    for (const change of this.#pending) {
      if (change.sets.some(([folder]) => lost.has(folder)) || random.chance(1 / 3))
        for (const [folder] of change.sets) lost.add(folder)
      else certainly(change)
    }
    this.#pending = []
    const [root] = [this.#folder('/')]
    this.#folders.clear()
    const settle = (path: string, folder: Folder) => {
      this.#folders.set(path === '' ? '/' : path, folder)
      folder.names.clear()
      for (const [name, node] of folder.certain) {
        folder.names.set(name, node)
        if (node.kind === 'folder') settle(`${path}/${name}`, node)
        else if (node.covered) uncover(node, random)
        else if (node.synced < node.size) tear(node, random)
      }
    }
    settle('', root)
  }

  #change(sets: Change['sets']): void {
    for (const [folder, name, node] of sets) {
      if (node === undefined) folder.names.delete(name)
      else folder.names.set(name, node)
      folder.mtimeMs = this.clock()
    }
    this.#pending.push({ sets })
  }

  #folder(path: string): Folder {
    const folder = this.#folders.get(path)
    if (folder) return folder
    const [parent, name] = split(path)
    throw errno(this.#folders.get(parent)?.names.has(name) ? 'ENOTDIR' : 'ENOENT')
  }

  #node(path: string): Node {
    const [parent, name] = split(path)
    const node = this.#folder(parent).names.get(name)
    if (!node) throw errno('ENOENT')
    return node
  }

  #file(path: string): File {
    const node = this.#node(path)
    if (node.kind === 'folder') throw errno('EISDIR')
    return node
  }
}

const newFolder = (mtimeMs: number): Folder => ({ kind: 'folder', names: new Map(), certain: new Map(), mtimeMs })
const newFile = (content: Buffer, synced: number, mtimeMs: number): File => ({
  kind: 'file',
  parts: [content],
  size: content.length,
  synced,
  mtimeMs,
})

const contentOf = (file: File): Buffer => {
  const [first = Buffer.alloc(0)] = file.parts
  if (file.parts.length === 1) return first
  const whole = Buffer.concat(file.parts)
  file.parts = [whole]
  return whole
}

const certainly = ({ sets }: Change): void => {
  for (const [folder, name, node] of sets) {
    if (node === undefined) folder.certain.delete(name)
    else folder.certain.set(name, node)
  }
}

/** Beyond what was synced: there, gone, cut, or zeros. */
const tear = (file: File, random: Random): void => {
  const content = contentOf(file)
  const at = file.synced + random.below(content.length - file.synced)
  const left = [
    content,
    content.subarray(0, file.synced),
    content.subarray(0, at),
    Buffer.concat([content.subarray(0, at), Buffer.alloc(content.length - at)]),
    Buffer.concat([content.subarray(0, file.synced), Buffer.alloc(content.length - file.synced)]),
  ][random.below(5)]
  file.parts = [left ?? content]
  file.size = file.parts[0]?.length ?? 0
  file.synced = file.size
}

/** Of what was written in place all is there, nothing, or a beginning. */
const uncover = (file: File, random: Random): void => {
  const { at, bytes } = file.covered ?? { at: 0, bytes: Buffer.alloc(0) }
  delete file.covered
  const from = [0, bytes.length, random.below(bytes.length + 1)][random.below(3)] ?? 0
  const content = contentOf(file)
  bytes.copy(content, at + from, from)
}
