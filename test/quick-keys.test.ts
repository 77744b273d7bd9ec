import crypto, { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

const ofLibsignal = createRequire(createRequire(import.meta.url).resolve('libsignal'))

interface Curve {
  readonly calculateAgreement: (pubKey: Buffer, privKey: Buffer) => Buffer
  readonly generateKeyPair: () => { readonly pubKey: Buffer; readonly privKey: Buffer }
  readonly calculateSignature: (privKey: Buffer, message: Buffer) => Buffer
  readonly verifySignature: (pubKey: Buffer, message: Buffer, signature: Buffer) => boolean
}
const { calculateAgreement, calculateSignature, generateKeyPair, verifySignature } = createRequire(import.meta.url)(
  'libsignal/src/curve.js',
) as Curve

/** What Node's types take for keys in a choice of encodings. */
type Encoded = Readonly<Record<'publicKey' | 'privateKey', Buffer>>

interface Signing {
  readonly sign: (privateKey: Uint8Array, message: Uint8Array) => Uint8Array
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

/** The package as it is, loaded once more. */
function slowSigning(): Signing {
  const path = ofLibsignal.resolve('curve25519-js')
  const cached = ofLibsignal.cache[path]
  delete ofLibsignal.cache[path]
  const slow = ofLibsignal(path) as Signing
  ofLibsignal.cache[path] = cached
  return slow
}

test('the quick way to a key leads to the same key, and libsignal takes it', () => {
  expect(crypto.createPrivateKey).not.toBe(createPrivateKey)
  expect(crypto.createPublicKey).not.toBe(createPublicKey)
  for (const kind of ['x25519', 'ed25519'] as const) {
    const { privateKey, publicKey } = generateKeyPairSync(kind as 'x25519')
    const given = { key: privateKey.export({ format: 'der', type: 'pkcs8' }), format: 'der', type: 'pkcs8' } as const
    expect(crypto.createPrivateKey(given).equals(createPrivateKey(given)), kind).toBe(true)
    expect(crypto.createPrivateKey(given).equals(privateKey), kind).toBe(true)
    const open = { key: publicKey.export({ format: 'der', type: 'spki' }), format: 'der', type: 'spki' } as const
    expect(crypto.createPublicKey(open).equals(createPublicKey(open)), kind).toBe(true)
    expect(crypto.createPublicKey(open).equals(publicKey), kind).toBe(true)
  }
})

test('a quick new pair belongs together, in the encodings that are asked for', () => {
  expect(crypto.generateKeyPairSync).not.toBe(generateKeyPairSync)
  const encodings = {
    publicKeyEncoding: { format: 'der', type: 'spki' },
    privateKeyEncoding: { format: 'der', type: 'pkcs8' },
  } as const
  const { privateKey, publicKey } = crypto.generateKeyPairSync('x25519', encodings) as unknown as Encoded
  const read = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' })
  expect(createPublicKey(read).export({ format: 'der', type: 'spki' })).toEqual(publicKey)
  expect(publicKey).toHaveLength((generateKeyPairSync('x25519', encodings) as unknown as Encoded).publicKey.length)
  expect(crypto.generateKeyPairSync('x25519').privateKey.asymmetricKeyType).toBe('x25519')
  const pem = {
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
  } as const
  expect(crypto.generateKeyPairSync('x25519', pem).publicKey).toMatch(/^-----BEGIN PUBLIC KEY/)
  const [one, other] = [generateKeyPair(), generateKeyPair()]
  expect(one).not.toEqual(other)
  expect(calculateAgreement(one.pubKey, other.privKey)).toEqual(calculateAgreement(other.pubKey, one.privKey))
})

test('what is signed and verified quickly is signed and verified by the package that does it slowly, too', () => {
  const slow = slowSigning()
  for (let round = 0; round < 4; round += 1) {
    const { privKey, pubKey } = generateKeyPair()
    const [message, other] = [Buffer.from(`message ${round}`), Buffer.from('another')]
    const signatures = [calculateSignature(privKey, message), Buffer.from(slow.sign(privKey, message))]
    expect(signatures[0]).not.toEqual(signatures[1])
    for (const signature of signatures) {
      expect(verifySignature(pubKey, message, signature)).toBe(true)
      expect(slow.verify(pubKey.subarray(1), message, signature)).toBe(true)
      expect(verifySignature(pubKey, other, signature)).toBe(false)
      expect(verifySignature(generateKeyPair().pubKey, message, signature)).toBe(false)
    }
  }
})
