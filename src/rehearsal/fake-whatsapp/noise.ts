import { createCipheriv, createDecipheriv, createHash, hkdfSync, webcrypto } from 'node:crypto'
import type { proto } from '../../baileys/baileys-types.ts'
import { agree, newPair, type Pair, sign } from './curve.ts'
import { protocol } from './protocol.ts'

/** Noise hashes its own name when that is longer than 32 bytes; padded to exactly 32 it is used as it stands. */
const PROTOCOL_NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0')
const TAG_LENGTH = 16

/**
 * The chain of trust that a server shows: a root that clients know, an intermediate, and the server's own static key.
 */
export class Authority {
  readonly server: Pair = newPair()
  readonly root: Pair = newPair()
  readonly #intermediate: Pair = newPair()
  readonly #chains = new Map<number, Uint8Array>()

  /** The root's serial number is 0, and clients look at it. */
  certificateChain(issuerSerial = 0): Uint8Array {
    const known = this.#chains.get(issuerSerial) ?? this.#signed(issuerSerial)
    this.#chains.set(issuerSerial, known)
    return known
  }

  #signed(issuerSerial: number): Uint8Array {
    const { proto } = protocol()
    const { Details } = proto.CertChain.NoiseCertificate
    const details = Details.encode({ serial: 1, issuerSerial, key: this.#intermediate.public }).finish()
    const leaf = Details.encode({ serial: 2, issuerSerial: 1, key: this.server.public }).finish()
    return proto.CertChain.encode({
      intermediate: { details, signature: sign(this.root.private, details) },
      leaf: { details: leaf, signature: sign(this.#intermediate.private, leaf) },
    }).finish()
  }
}

/**
 * One for all servers of a process: a Baileys module can trust only one root, and tests run several servers side by
 * side.
 */
export const processAuthority = new Authority()

export interface ClientFinish {
  staticKey: Buffer
  payload: proto.ClientPayload
}

/**
 * The responder's side of Noise XX: `hello` answers the first message, `finish` reads the second, `seal` and `open`
 * follow.
 */
export class NoiseResponder {
  readonly #authority: Authority
  readonly #issuerSerial: number | undefined
  readonly #ephemeral: Pair = newPair()
  #hash: Buffer = PROTOCOL_NAME
  #salt: Buffer = PROTOCOL_NAME
  #key: Buffer = PROTOCOL_NAME
  #counter = 0
  #reads: { key: Buffer; counter: number } | undefined
  #writes: { key: Buffer; counter: number } | undefined

  constructor(authority: Authority, issuerSerial?: number) {
    this.#authority = authority
    this.#issuerSerial = issuerSerial
  }

  /** `header`: what the client sent before the frame. */
  hello(frame: Buffer, header: Buffer): Buffer {
    const { proto } = protocol()
    this.#mixHash(header)
    const client = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral
    if (!client) throw new Error('The first frame is no client hello.')
    this.#mixHash(client)
    this.#mixHash(this.#ephemeral.public)
    this.#mixKey(agree(this.#ephemeral.private, client))
    const sealedStatic = this.#encrypt(this.#authority.server.public)
    this.#mixKey(agree(this.#authority.server.private, client))
    const payload = this.#encrypt(this.#authority.certificateChain(this.#issuerSerial))
    return Buffer.from(
      proto.HandshakeMessage.encode({
        serverHello: { ephemeral: this.#ephemeral.public, static: sealedStatic, payload },
      }).finish(),
    )
  }

  finish(frame: Buffer): ClientFinish {
    const { proto } = protocol()
    const finish = proto.HandshakeMessage.decode(frame).clientFinish
    if (!finish?.static || !finish.payload) throw new Error('The second frame is no client finish.')
    const staticKey = this.#decrypt(finish.static)
    this.#mixKey(agree(this.#ephemeral.private, staticKey))
    const payload = proto.ClientPayload.decode(this.#decrypt(finish.payload))
    const [fromClient, fromServer] = derive(Buffer.alloc(0), this.#salt)
    this.#reads = { key: fromClient, counter: 0 }
    this.#writes = { key: fromServer, counter: 0 }
    return { staticKey, payload }
  }

  seal(plain: Uint8Array): Buffer {
    if (!this.#writes) throw new Error('The handshake is not finished.')
    return gcmEncrypt(this.#writes.key, this.#writes.counter++, Buffer.alloc(0), plain)
  }

  open(sealed: Buffer): Buffer {
    if (!this.#reads) throw new Error('The handshake is not finished.')
    return gcmDecrypt(this.#reads.key, this.#reads.counter++, Buffer.alloc(0), sealed)
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(data).digest()
  }

  #mixKey(secret: Uint8Array): void {
    const [salt, key] = derive(secret, this.#salt)
    this.#salt = salt
    this.#key = key
    this.#counter = 0
  }

  #encrypt(plain: Uint8Array): Buffer {
    const sealed = gcmEncrypt(this.#key, this.#counter++, this.#hash, plain)
    this.#mixHash(sealed)
    return sealed
  }

  #decrypt(sealed: Uint8Array): Buffer {
    const plain = gcmDecrypt(this.#key, this.#counter++, this.#hash, sealed)
    this.#mixHash(sealed)
    return plain
  }
}

function derive(secret: Uint8Array, salt: Buffer): [Buffer, Buffer] {
  const bytes = Buffer.from(hkdfSync('sha256', secret, salt, '', 64))
  return [bytes.subarray(0, 32), bytes.subarray(32)]
}

/** As many derivations as a client of Baileys 6 makes, one after the other and in the same threads. */
export async function derivations(count: number): Promise<void> {
  const { subtle } = webcrypto
  const empty = Buffer.alloc(0)
  for (let made = 0; made < count; made += 1) {
    const key = await subtle.importKey('raw', empty, { name: 'HKDF' }, false, ['deriveBits'])
    await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: empty, info: empty }, key, 512)
  }
}

function counterIv(counter: number): Buffer {
  const iv = Buffer.alloc(12)
  iv.writeUInt32BE(counter, 8)
  return iv
}

function gcmEncrypt(key: Buffer, counter: number, additional: Buffer, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, counterIv(counter)).setAAD(additional)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function gcmDecrypt(key: Buffer, counter: number, additional: Buffer, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed)
  const decipher = createDecipheriv('aes-256-gcm', key, counterIv(counter)).setAAD(additional)
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_LENGTH))
  return Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - TAG_LENGTH)), decipher.final()])
}
