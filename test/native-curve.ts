import { createRequire } from 'node:module'
import { agree, newPair, sign, verify } from '../src/fake-whatsapp/curve.ts'

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
const curve: Curve & { inJavaScript?: Curve & Signatures } = fromLibsignal('./src/curve.js')
const signatures: Signatures = fromLibsignal('curve25519-js')
const { generateKeyPair, calculateAgreement } = curve

/** As libsignal does it by itself. */
export const inJavaScript: Curve & Signatures = curve.inJavaScript ?? {
  ...signatures,
  generateKeyPair,
  calculateAgreement,
}

/**
 * Loaded before Baileys, this lets its libsignal do the same with OpenSSL: each login of Baileys 7 verifies two signatures, which at 20 ms each were the largest part of what
 * the tests cost.
 */
curve.inJavaScript = inJavaScript
signatures.sign = sign
signatures.verify = verify
curve.calculateAgreement = (publicKey, privateKey) => agree(privateKey, publicKey.subarray(-32))
curve.generateKeyPair = () => {
  const pair = newPair()
  return { pubKey: Buffer.concat([Buffer.from([5]), pair.public]), privKey: Buffer.from(pair.private) }
}
