import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  randomBytes,
  verify as verifies,
} from 'node:crypto'

/** The prime of the field, and the order of the base point. */
const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n

export interface Pair {
  public: Uint8Array
  private: Uint8Array
}

/**
 * A new key pair for X25519, 32 bytes each. Not by Node's own `generateKeyPairSync`: to export as JWK what it made
 * locks a mutex of the key, which a garbage collection within that call waits for when it lets go of the key's maker,
 * and Node 20 stands still for ever.
 */
export function newPair(): Pair {
  const secret = little(clamped(randomBytes(32)))
  return { public: rawPublic(privateOf('X25519', secret)), private: secret }
}

/** The secret that both have in common. */
export const agree = (privateKey: Uint8Array, publicKey: Uint8Array): Buffer =>
  diffieHellman({ privateKey: privateOf('X25519', privateKey), publicKey: publicOf('X25519', publicKey) })

/**
 * Signs as Signal does (XEdDSA: Ed25519 with a key for X25519). Node knows Ed25519 only with keys of its own, so the
 * random point of the signature is the public key of such a key, and the rest is arithmetic: fifteen times faster than
 * all of it in JavaScript.
 */
export function sign(privateKey: Uint8Array, message: Uint8Array): Buffer {
  const secret = clamped(privateKey)
  const seed = randomBytes(32)
  const random = rawPublic(privateOf('Ed25519', seed))
  const nonce = clamped(sha512(seed).subarray(0, 32))
  const montgomery = rawPublic(privateOf('X25519', privateKey))
  for (const bit of [0, 0x80]) {
    const point = edwards(montgomery, bit)
    const signature = Buffer.concat([random, little((nonce + challenge(random, point, message) * secret) % L)])
    if (!verifies(null, message, publicOf('Ed25519', point), signature)) continue
    signature.writeUInt8(signature.readUInt8(63) | bit, 63)
    return signature
  }
  throw new Error('This is no private key for X25519.')
}

/** Whether that X25519 key has signed it. */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const plain = Buffer.from(signature)
  const top = plain.readUInt8(63)
  plain.writeUInt8(top & 0x7f, 63)
  return verifies(null, message, publicOf('Ed25519', edwards(publicKey, top & 0x80)), plain)
}

/** The same point on the other curve, y = (u - 1) / (u + 1), with the sign of its x. */
function edwards(montgomery: Uint8Array, bit: number): Buffer {
  const u = number(montgomery) & ((1n << 255n) - 1n)
  const y = little(positive((u - 1n) * inverse(u + 1n)))
  y.writeUInt8(y.readUInt8(31) | bit, 31)
  return y
}

const challenge = (random: Uint8Array, point: Uint8Array, message: Uint8Array): bigint =>
  number(sha512(random, point, message)) % L

function clamped(key: Uint8Array): bigint {
  const bytes = Buffer.from(key)
  bytes.writeUInt8(bytes.readUInt8(0) & 0xf8, 0)
  bytes.writeUInt8((bytes.readUInt8(31) & 0x7f) | 0x40, 31)
  return number(bytes)
}

/** By Euclid: a power with an exponent of 255 bits takes ten times longer. */
function inverse(of: bigint): bigint {
  let [rest, next, factor, nextFactor] = [positive(of), P, 1n, 0n]
  while (next > 0n) {
    const times = rest / next
    const [restAfter, factorAfter] = [rest - times * next, factor - times * nextFactor]
    rest = next
    factor = nextFactor
    next = restAfter
    nextFactor = factorAfter
  }
  return positive(factor)
}

const positive = (value: bigint): bigint => ((value % P) + P) % P

const number = (littleEndian: Uint8Array): bigint => BigInt(`0x${Buffer.from(littleEndian).reverse().toString('hex')}`)

const little = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()

type Kind = 'X25519' | 'Ed25519'

/** As JWK, since OpenSSL takes five times longer to read one of another format. */
const publicOf = (crv: Kind, key: Uint8Array): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv, x: Buffer.from(key).toString('base64url') }, format: 'jwk' })

/** What stands before the 32 bytes of a private key in PKCS #8. */
const pkcs8: Readonly<Record<Kind, Buffer>> = {
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
}

const asJwk = (crv: Kind, key: Uint8Array): KeyObject =>
  createPrivateKey({ key: { kty: 'OKP', crv, d: Buffer.from(key).toString('base64url'), x: '' }, format: 'jwk' })

/** For tests: what newer releases of Node take. */
export const asPkcs8 = (crv: Kind, key: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8[crv], key]), format: 'der', type: 'pkcs8' })

/**
 * Without the public key, which is not known yet. Up to Node 22 a JWK may lack it, and is read five times as fast; from
 * 24.22 on it is refused.
 */
const privateOf = takesHalfJwk() ? asJwk : asPkcs8

function takesHalfJwk(): boolean {
  try {
    asJwk('X25519', Buffer.alloc(32, 1))
    return true
  } catch {
    return false
  }
}

const rawPublic = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')

function sha512(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
