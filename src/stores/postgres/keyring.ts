import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, randomFillSync } from 'node:crypto'
import { AuthStoreError } from '../../errors/errors.ts'
import { wrongOption } from '../../errors/wrong-option.ts'
import { markUnsealed } from '../unsealed.ts'
import type { RowPlace } from './row-place.ts'
import type { Tampering } from './tampering.ts'

/** A key for what is stored: 32 random bytes, or their base64. `id` is stored with each row; it is no secret. */
export interface EncryptionKey {
  /** Its name, which is stored beside what it encrypts. */
  readonly id: string
  /** 32 bytes, or their base64. */
  readonly key: string | Uint8Array
}

/** A row's content as it is stored, and the key it was sealed with; null for plain. */
export interface Sealed {
  readonly keyId: string | null
  readonly content: Uint8Array
}

/** Speaks for the rows of one account, with one key. */
export interface Notary {
  readonly keyId: string
  /** A number for a row, which nobody else can know or work out; it is never shown. */
  readonly termOf: (row: string) => bigint
  readonly sign: (text: string) => Buffer
}

const cipher = 'aes-256-gcm'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
/** The first two bytes: no JSON begins so, and the format can change. */
const header = Buffer.from([0, 1])
const bodyAt = header.length + nonceBytes + tagBytes
const idPattern = /^[A-Za-z0-9._-]{1,64}$/

/** Random numbers that are used once: asked of the system for many at a time, since each question costs as much. */
class Nonces {
  readonly #filled = Buffer.alloc(256 * nonceBytes)
  #at = this.#filled.length

  next(): Buffer {
    if (this.#at === this.#filled.length) {
      randomFillSync(this.#filled)
      this.#at = 0
    }
    const nonce = Buffer.from(this.#filled.subarray(this.#at, this.#at + nonceBytes))
    this.#at += nonceBytes
    return nonce
  }
}

/** The keys of a store: the first seals, all of them open. Without any, rows are stored as they are. */
export class Keyring {
  readonly #keys = new Map<string, Uint8Array>()
  readonly #accountKeys = new Map<string, Uint8Array>()
  readonly #nonces = new Nonces()
  /** The id of the key that seals; null without keys. */
  readonly current: string | null

  constructor(keys: readonly EncryptionKey[] = []) {
    for (const [at, { id, key }] of keys.entries()) {
      const path = `encryptionKeys.${at}`
      if (typeof id !== 'string' || !idPattern.test(id))
        throw wrongOption(`${path}.id`, id, 'a name of up to 64 letters, digits, dots, dashes and underscores')
      if (this.#keys.has(id)) throw wrongOption(`${path}.id`, id, 'used once', 'used by two keys')
      this.#keys.set(id, bytesOf(key, `${path}.key`))
    }
    this.current = keys[0]?.id ?? null
  }

  has(keyId: string): boolean {
    return this.#keys.has(keyId)
  }

  seal(place: RowPlace, content: Uint8Array): Sealed {
    const keyId = this.current
    if (keyId === null) return { keyId, content }
    const nonce = this.#nonces.next()
    const sealing = createCipheriv(cipher, this.#keyFor(keyId, place.account), nonce, { authTagLength: tagBytes })
    sealing.setAAD(boundTo(place, keyId))
    const body = sealing.update(content)
    // Of this mode nothing is left for the end but the tag.
    sealing.final()
    return { keyId, content: Buffer.concat([header, nonce, sealing.getAuthTag(), body]) }
  }

  /**
   * The content as it was. A row that was tampered with, damaged or moved comes back as it is stored, and one that
   * stands plain although there is a key comes back behind a mark: no JSON, so it counts as unreadable and is never
   * taken for absent. `onTampered` is told of it. Throws if the key it was sealed with is not at hand.
   */
  open(place: RowPlace, { keyId, content }: Sealed, onTampered: (what: Tampering) => void): Uint8Array {
    if (keyId === null) {
      if (this.current === null) return content
      onTampered('unsealed')
      return markUnsealed(content)
    }
    if (!this.#keys.has(keyId)) throw keyMissing(place.account, keyId)
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    try {
      if (!bytes.subarray(0, header.length).equals(header)) throw new Error('another format')
      const nonce = bytes.subarray(header.length, header.length + nonceBytes)
      const opening = createDecipheriv(cipher, this.#keyFor(keyId, place.account), nonce, { authTagLength: tagBytes })
      opening.setAAD(boundTo(place, keyId))
      opening.setAuthTag(bytes.subarray(header.length + nonceBytes, bodyAt))
      return Buffer.concat([opening.update(bytes.subarray(bodyAt)), opening.final()])
    } catch {
      onTampered('unopened')
      return content
    }
  }

  /** Says of which rows an account is made. Throws if the key is not at hand. */
  notary(account: string, keyId: string): Notary {
    const key = this.#derived(keyId, account, 'baileys-lifeline rows')
    const prefix = Buffer.from(key).toString('hex')
    return {
      keyId,
      termOf: (row) => BigInt(`0x${hash('sha256', prefix + row)}`),
      sign: (text) => createHmac('sha256', key).update(text).digest(),
    }
  }

  /** One key for each account, so that random nonces stay far below the number at which they could repeat. */
  #keyFor(keyId: string, account: string): Uint8Array {
    const name = `${keyId}/${account}`
    const known = this.#accountKeys.get(name)
    if (known) return known
    const derived = this.#derived(keyId, account, 'baileys-lifeline')
    this.#accountKeys.set(name, derived)
    return derived
  }

  #derived(keyId: string, account: string, use: string): Uint8Array {
    const key = this.#keys.get(keyId)
    if (!key) throw keyMissing(account, keyId)
    return new Uint8Array(hkdfSync('sha256', key, use, account, keyBytes))
  }
}

const boundTo = ({ account, kind, name, bound = [] }: RowPlace, keyId: string): Buffer =>
  Buffer.from(hash('sha256', JSON.stringify([keyId, account, kind, name, ...bound])), 'hex')

const bytesOf = (key: unknown, path: string): Uint8Array => {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : key
  if (bytes instanceof Uint8Array && bytes.length === keyBytes) return bytes
  const received = bytes instanceof Uint8Array ? `a key of ${bytes.length} bytes` : undefined
  throw wrongOption(path, key, `${keyBytes} random bytes, or their base64 (openssl rand -base64 32)`, received)
}

const keyMissing = (account: string, keyId: string) =>
  new AuthStoreError(
    'AUTH_STORE_KEY',
    `Rows of ${account} are encrypted with the key ${keyId}, which was not given. Nothing was changed.`,
    'Give that key too (encryptionKeys; LIFELINE_ENCRYPTION_KEYS for the command): the first one encrypts, each of them decrypts.',
  )
