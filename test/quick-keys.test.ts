import crypto, { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

const { calculateAgreement, generateKeyPair } = createRequire(import.meta.url)('libsignal/src/curve.js') as {
  readonly calculateAgreement: (pubKey: Buffer, privKey: Buffer) => Buffer
  readonly generateKeyPair: () => { readonly pubKey: Buffer; readonly privKey: Buffer }
}

test('the quick way to a private key leads to the same key, and libsignal takes it', () => {
  expect(crypto.createPrivateKey).not.toBe(createPrivateKey)
  for (const kind of ['x25519', 'ed25519'] as const) {
    const { privateKey } = generateKeyPairSync(kind as 'x25519')
    const given = { key: privateKey.export({ format: 'der', type: 'pkcs8' }), format: 'der', type: 'pkcs8' } as const
    expect(crypto.createPrivateKey(given).equals(createPrivateKey(given)), kind).toBe(true)
    expect(crypto.createPrivateKey(given).equals(privateKey), kind).toBe(true)
  }
  const [one, other] = [generateKeyPair(), generateKeyPair()]
  expect(calculateAgreement(one.pubKey, other.privKey)).toEqual(calculateAgreement(other.pubKey, one.privKey))
})
