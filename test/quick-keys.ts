import crypto, { type createPrivateKey, type KeyObject } from 'node:crypto'

/** What a private key of Curve25519 begins with in DER (PKCS 8), as libsignal hands it to Node for every agreement. */
const prefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
const length = 48

type Given = Parameters<typeof createPrivateKey>[0]

const derOf = (given: Given): Buffer | undefined =>
  typeof given === 'object' && 'key' in given && Buffer.isBuffer(given.key) && given.format === 'der'
    ? given.key
    : undefined

/**
 * OpenSSL 3.0, which comes with Node 20, tries one decoder after the other on a key in DER: it needs six tenths of a millisecond for what it reads out of a
 * JWK in seven hundredths, and libsignal asks for each agreement of two keys anew. The key is the same one.
 */
function quick(slow: typeof createPrivateKey): typeof createPrivateKey {
  return (given): KeyObject => {
    const der = derOf(given)
    if (der?.length !== length || !der.subarray(0, prefix.length).equals(prefix)) return slow(given)
    const d = der.subarray(prefix.length).toString('base64url')
    // What it says of the public half is not looked at: that follows from the private one.
    return slow({ key: { kty: 'OKP', crv: 'X25519', d, x: d }, format: 'jwk' })
  }
}

const done = Symbol.for('lifeline.quickKeys')
if (!(done in crypto)) Object.assign(crypto, { createPrivateKey: quick(crypto.createPrivateKey), [done]: true })
