import { createPublicKey, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { agree, asPkcs8, newPair, sign, verify } from '../../../src/rehearsal/fake-whatsapp/curve.ts'

interface Signatures {
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}
/** Public keys with a type byte before them. */
interface Curve {
  generateKeyPair(): { readonly pubKey: Buffer; readonly privKey: Buffer }
  calculateAgreement(publicKey: Buffer, privateKey: Buffer): Buffer
}

const fromBaileys = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'))
const fromLibsignal = createRequire(fromBaileys.resolve('libsignal'))
/** As libsignal does it by itself. */
const inJavaScript: Curve & Signatures = { ...fromLibsignal('curve25519-js'), ...fromLibsignal('./src/curve.js') }

/** curve25519-js knows no Buffers. */
const plain = (bytes: Uint8Array) => new Uint8Array(bytes)

test('a private key in the form that Node 24.22 and later take has the public key that it was made with', () => {
  const { pubKey, privKey } = inJavaScript.generateKeyPair()
  const { x = '' } = createPublicKey(asPkcs8('X25519', privKey)).export({ format: 'jwk' })
  expect(Buffer.from(x, 'base64url')).toEqual(Buffer.from(pubKey.subarray(1)))
})

describe('a signature as Signal makes it', () => {
  const samples = Array.from({ length: 12 }, (_, at) => ({ of: newPair(), message: randomBytes(at * 17) }))

  test('is taken by the code that Baileys uses for it', () => {
    for (const { of, message } of samples)
      expect(inJavaScript.verify(plain(of.public), plain(message), plain(sign(of.private, message)))).toBe(true)
  })

  test('by the code that Baileys uses for it is taken', () => {
    for (const { of, message } of samples)
      expect(verify(of.public, message, inJavaScript.sign(plain(of.private), plain(message)))).toBe(true)
  })

  test('is refused for another message, by another key, and with any byte changed', () => {
    const [{ of, message }, other] = [{ of: newPair(), message: randomBytes(40) }, newPair()]
    const signature = sign(of.private, message)
    expect(verify(of.public, message, signature)).toBe(true)
    expect(verify(of.public, randomBytes(40), signature)).toBe(false)
    expect(verify(other.public, message, signature)).toBe(false)
    for (let at = 0; at < signature.length; at += 1) {
      const changed = Buffer.from(signature)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      expect(verify(of.public, message, changed), `byte ${at}`).toBe(false)
    }
  })
})

test('a key pair and what two of them have in common are what Baileys makes of them', () => {
  const [one, two] = [newPair(), newPair()]
  const typed = (key: Uint8Array) => Buffer.concat([Buffer.from([5]), key])
  expect(inJavaScript.calculateAgreement(typed(two.public), Buffer.from(one.private))).toEqual(
    agree(two.private, one.public),
  )
  const made = inJavaScript.generateKeyPair()
  expect(agree(made.privKey, one.public)).toEqual(agree(one.private, made.pubKey.subarray(1)))
})
