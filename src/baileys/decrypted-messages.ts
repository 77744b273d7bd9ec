import { createHash } from 'node:crypto'

interface Decrypted {
  readonly plaintext: Uint8Array
  /** The message that it belongs to, if its stanza was seen. */
  readonly id: string | undefined
}

/**
 * Enough for what a broken connection may have lost of its acknowledgements: the server writes all of that again after
 * the next login.
 */
const mostKept = 256
const mostBytes = 1024 * 1024
/** Ids of messages that were told, some 50 bytes each. */
const mostTold = 1_024

/**
 * What an account has decrypted lately, across its sockets, and which of these messages were told. A key decrypts once:
 * a message whose acknowledgement was lost comes again, and only who kept what it said can tell it then, or acknowledge
 * it as one that was told.
 */
export class DecryptedMessages {
  /** By the digest of the ciphertext, oldest first. */
  readonly #kept = new Map<string, Decrypted>()
  readonly #told = new Set<string>()
  #bytes = 0

  find(ciphertext: Uint8Array): Uint8Array | undefined {
    return this.#kept.size === 0 ? undefined : this.#kept.get(digestOf(ciphertext))?.plaintext
  }

  keep(ciphertext: Uint8Array, plaintext: Uint8Array, id: string | undefined): void {
    const name = digestOf(ciphertext)
    this.#drop(name)
    this.#kept.set(name, { plaintext, id })
    this.#bytes += plaintext.byteLength
    while (this.#kept.size > mostKept || this.#bytes > mostBytes) this.#drop(this.#leastNeeded())
  }

  wasTold(id: string | undefined): boolean {
    return id !== undefined && this.#told.has(id)
  }

  /** The message reached those who listen. */
  told(id: string): void {
    this.#told.delete(id)
    this.#told.add(id)
    if (this.#told.size > mostTold) {
      const [oldest = id] = this.#told
      this.#told.delete(oldest)
    }
  }

  #leastNeeded(): string {
    let oldest: string | undefined
    for (const [name, { id }] of this.#kept) {
      if (this.wasTold(id)) return name
      oldest ??= name
    }
    return oldest ?? ''
  }

  #drop(name: string): void {
    const kept = this.#kept.get(name)
    if (!kept) return
    this.#kept.delete(name)
    this.#bytes -= kept.plaintext.byteLength
  }
}

const digestOf = (ciphertext: Uint8Array): string => createHash('sha256').update(ciphertext).digest('base64')
