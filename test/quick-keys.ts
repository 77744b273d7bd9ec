import crypto, {
  type createPrivateKey,
  type createPublicKey,
  type generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { createRequire } from 'node:module'
import { LRUCache } from 'lru-cache'
import { newPair, sign, verify } from '../src/rehearsal/fake-whatsapp/curve.ts'

/** What a key of Curve25519 begins with in DER (PKCS 8 and SPKI), as libsignal hands it to Node for every agreement. */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex')

type Given = Parameters<typeof createPrivateKey>[0] | Parameters<typeof createPublicKey>[0]

/** The 32 bytes of such a key, in the form that JWK has them. */
function rawOf(given: Given, prefix: Buffer): string | undefined {
  if (typeof given !== 'object' || !('key' in given) || !Buffer.isBuffer(given.key) || given.format !== 'der') return
  const { key } = given
  if (key.length !== prefix.length + 32 || !key.subarray(0, prefix.length).equals(prefix)) return
  return key.subarray(prefix.length).toString('base64url')
}

/** Remembers what was read: an identity takes part in many agreements, and a step of a ratchet in two. */
const remembered = (read: (raw: string) => KeyObject): ((raw: string) => KeyObject) => {
  const keys = new LRUCache<string, KeyObject>({ max: 2_000, memoMethod: read })
  return (raw) => keys.memo(raw)
}

/**
 * OpenSSL 3.0, which comes with Node 20, tries one decoder after the other on a key in DER: it needs six tenths of a
 * millisecond for what it reads out of a JWK in seven hundredths, and libsignal asks for each agreement of two keys
 * anew. The key is the same one.
 */
const quickPrivate = (slow: typeof createPrivateKey): typeof createPrivateKey => {
  // What it says of the public half is not looked at: that follows from the private one.
  const read = remembered((d) => slow({ key: { kty: 'OKP', crv: 'X25519', d, x: d }, format: 'jwk' }))
  return (given) => {
    const d = rawOf(given, privatePrefix)
    return d === undefined ? slow(given) : read(d)
  }
}

const quickPublic = (slow: typeof createPublicKey): typeof createPublicKey => {
  const read = remembered((x) => slow({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' }))
  return (given) => {
    const x = rawOf(given, publicPrefix)
    return x === undefined ? slow(given) : read(x)
  }
}

/** As libsignal calls it. */
type NewPair = (
  type: 'x25519',
  encodings?: Readonly<Record<'publicKeyEncoding' | 'privateKeyEncoding', { readonly format: string }>>,
) => Record<'publicKey' | 'privateKey', Buffer>

/** Writing a new pair as DER takes it three tenths of a millisecond, and an account has hundreds of pre-keys. */
const quickPair =
  (slow: typeof generateKeyPairSync): NewPair =>
  (type, encodings) => {
    if (
      type !== 'x25519' ||
      encodings?.publicKeyEncoding?.format !== 'der' ||
      encodings.privateKeyEncoding?.format !== 'der'
    )
      return slow(type, encodings as never) as never
    const pair = newPair()
    return {
      publicKey: Buffer.concat([publicPrefix, pair.public]),
      privateKey: Buffer.concat([privatePrefix, pair.private]),
    }
  }

/**
 * Signatures are the one thing that libsignal has done in JavaScript: thirty milliseconds for each, where Node's own
 * arithmetic takes one. They are of the same kind.
 */
interface SlowCurve {
  sign: (privateKey: Uint8Array, message: Uint8Array) => Uint8Array
  verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

const done = Symbol.for('lifeline.quickKeys')
if (!(done in crypto)) {
  const { createPrivateKey, createPublicKey, generateKeyPairSync } = crypto
  Object.assign(crypto, {
    createPrivateKey: quickPrivate(createPrivateKey),
    createPublicKey: quickPublic(createPublicKey),
    generateKeyPairSync: quickPair(generateKeyPairSync),
    [done]: true,
  })
  const libsignal = createRequire(import.meta.url).resolve('libsignal')
  const slow = createRequire(libsignal)('curve25519-js') as SlowCurve
  Object.assign(slow, { sign, verify } satisfies SlowCurve)
}
