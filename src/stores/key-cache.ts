import { LRUCache } from 'lru-cache'
import type { Content } from './write-ahead.ts'

/** Of stored content, for one opening: about a thousand sessions. Decoded they take some three times as much. */
const mostBytes = 1024 * 1024
/** A larger set is a supply, like new pre-keys: most of it is not read soon, and it would drive out what is. */
const mostAtOnce = 64

interface Kept {
  readonly content: Uint8Array
  /** Decoded when it is first asked for. */
  value?: unknown
  /** Whether all readers may have the same, frozen, value. */
  shared?: boolean
}

/**
 * What is stored for the keys that were used last, so that the one owner of an account reads neither its medium nor
 * JSON again. Only for media that nobody else writes to: a folder may be changed by hand. Hands out copies, since
 * Baileys works on what it gets (`sender-key-memory`). Sessions alone are handed out as they are, and frozen: libsignal
 * makes objects of its own of them, and a copy would take as long as to parse them.
 */
export class KeyCache {
  readonly #kept = new LRUCache<string, Kept>({
    maxSize: mostBytes,
    sizeCalculation: ({ content }) => Math.max(1, content.byteLength),
  })
  readonly #decode: (content: Uint8Array) => unknown
  /** Names of which a write is on its way, with the newest one. */
  readonly #writing = new Map<string, number>()
  #turn = 0

  /** `decode` throws on what cannot be read: that is never kept. */
  constructor(decode: (content: Uint8Array) => unknown) {
    this.#decode = decode
  }

  /** The value, or a copy of it; undefined if it is not known here. */
  read(name: string): unknown {
    const kept = this.#kept.get(name)
    if (kept === undefined) return undefined
    if (kept.value === undefined) {
      kept.value = this.#decode(kept.content)
      kept.shared = name.startsWith('session-') && isCurrentSession(kept.value)
      if (kept.shared) freeze(kept.value)
    }
    return kept.shared ? kept.value : copied(kept.value)
  }

  /** Say it before the medium is read: `keep` then knows whether a write came between. */
  get turn(): number {
    return this.#turn
  }

  /** What the medium said, if nothing was written since that turn. */
  keep(name: string, content: Content, turn: number): void {
    if (content !== null && turn === this.#turn && !this.#writing.has(name)) this.#kept.set(name, { content })
  }

  /** A write begins; call what it returns once the medium has taken it or refused it. */
  begin(contents: ReadonlyMap<string, Content>): (taken: boolean) => void {
    this.#turn += 1
    const turn = this.#turn
    for (const name of contents.keys()) {
      this.#writing.set(name, turn)
      this.#kept.delete(name)
    }
    return (taken) => {
      for (const [name, content] of contents) {
        if (this.#writing.get(name) !== turn) continue
        this.#writing.delete(name)
        if (taken && content !== null && contents.size <= mostAtOnce) this.#kept.set(name, { content })
      }
    }
  }

  clear(): void {
    this.#turn += 1
    this.#kept.clear()
  }
}

/** libsignal changes records of an earlier version in place when it loads them. */
const isCurrentSession = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'version' in value && value.version === 'v1'

function freeze(value: unknown): void {
  // The content of a buffer cannot be frozen, and no session that libsignal wrote holds one.
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
}

/** A copy of what JSON and Baileys' reviver make: plain objects, lists, buffers, and what never changes. */
function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copied)
  if (value instanceof Uint8Array) return Buffer.from(value)
  const source = value as Record<string, unknown>
  const copy: Record<string, unknown> = {}
  for (const name in source) {
    // Set like any other, this name would change what the copy is.
    if (name === '__proto__') Object.defineProperty(copy, name, { ...plain, value: copied(source[name]) })
    else copy[name] = copied(source[name])
  }
  return copy
}

const plain = { configurable: true, enumerable: true, writable: true }
