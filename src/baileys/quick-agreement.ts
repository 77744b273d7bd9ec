import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import { createRequire } from 'node:module'

type Agreement = (publicKey: unknown, privateKey: unknown) => Uint8Array

/** The part of libsignal's module of curve operations that is used here; it has no types of its own. */
interface Curve {
  calculateAgreement: Agreement
  generateKeyPair(): { readonly pubKey: Uint8Array; readonly privKey: Uint8Array }
}

interface Replaced {
  readonly curve: Curve
  readonly own: Agreement
  readonly quick: Agreement
}

const curveFile = /[\\/]libsignal[^\\/]*[\\/]src[\\/]curve\.js$/
const modules = createRequire(import.meta.url).cache ?? {}

/**
 * Makes the agreements of X25519 quicker that libsignal takes for every step of a ratchet, two for each message that
 * follows an answer. libsignal packs both keys into DER, and the OpenSSL of Node 20 takes six times as long to unpack
 * them as to agree (0.65 ms beside 0.1; on Node 22 and 24 it is a tenth more). Here the same OpenSSL is given the same
 * bytes unpacked. What libsignal would refuse, it refuses in its own words.
 */
export class QuickAgreements {
  readonly #replaced: Replaced[] = []
  /** Modules that were looked at, whatever came of it. */
  readonly #known = new WeakSet<object>()
  #users = 0

  /**
   * Goes for every copy of libsignal that this process has loaded by now, once it was seen to come to the same result,
   * and lasts to the last user. Returns the function that ends it for this one, which may be called twice.
   */
  use(): () => void {
    for (const [file, module] of Object.entries(modules)) if (curveFile.test(file)) this.#quicken(module?.exports)
    this.#users += 1
    let ended = false
    return () => {
      if (ended) return
      ended = true
      this.#users -= 1
      if (this.#users === 0) this.#restore()
    }
  }

  #restore(): void {
    for (const { curve, own, quick } of this.#replaced.splice(0)) {
      this.#known.delete(curve)
      if (curve.calculateAgreement === quick) curve.calculateAgreement = own
    }
  }

  #quicken(exported: unknown): void {
    if (!(exported instanceof Object) || this.#known.has(exported)) return
    this.#known.add(exported)
    const curve = exported as Curve
    if (!agrees(curve)) return
    const own = curve.calculateAgreement
    const quick = quickened(own)
    curve.calculateAgreement = quick
    this.#replaced.push({ curve, own, quick })
  }
}

/** One for all lines of the process. */
export const quickAgreements = new QuickAgreements()

const quickened =
  (own: Agreement): Agreement =>
  (publicKey, privateKey) => {
    if (isPublic(publicKey) && isPrivate(privateKey)) {
      try {
        return agreed(publicKey, privateKey)
      } catch {
        // It is told by libsignal itself.
      }
    }
    return own(publicKey, privateKey)
  }

/** Whether both ways come to the same here, with keys that are made for this. */
function agrees(curve: Curve): boolean {
  try {
    const [one, other] = [curve.generateKeyPair(), curve.generateKeyPair()]
    return (
      isPublic(one.pubKey) &&
      isPrivate(other.privKey) &&
      agreed(one.pubKey, other.privKey).equals(curve.calculateAgreement(one.pubKey, other.privKey))
    )
  } catch {
    return false
  }
}

/** With the byte before it that names its type. */
const isPublic = (key: unknown): key is Buffer => Buffer.isBuffer(key) && key.length === 33 && key[0] === 5
const isPrivate = (key: unknown): key is Buffer => Buffer.isBuffer(key) && key.length === 32

const okp = { kty: 'OKP', crv: 'X25519' }

function agreed(publicKey: Buffer, privateKey: Buffer): Buffer {
  const x = publicKey.toString('base64url', 1)
  return diffieHellman({
    // Node reads `d` alone of a private key, and asks for an `x` all the same.
    privateKey: createPrivateKey({ key: { ...okp, x, d: privateKey.toString('base64url') }, format: 'jwk' }),
    publicKey: createPublicKey({ key: { ...okp, x }, format: 'jwk' }),
  })
}
