import { createRequire } from 'node:module'

type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/**
 * At each connection Baileys verifies the same two signatures of the server's certificate, in JavaScript that takes longer than all the rest of a login. The answer
 * depends on nothing but the question, so each question is answered by the real function once.
 */
export function verifyCertificatesOnce(): void {
  const baileys = createRequire(import.meta.url).resolve('@whiskeysockets/baileys')
  const signal = createRequire(baileys).resolve('libsignal')
  const curve: { verify: Verify } = createRequire(signal)('curve25519-js')
  if (curve.verify.name === 'once') return
  const { verify } = curve
  const answers = new Map<string, boolean>()
  curve.verify = function once(...question) {
    const key = question.map((bytes) => Buffer.from(bytes).toString('base64')).join()
    const answer = answers.get(key) ?? verify(...question)
    answers.set(key, answer)
    return answer
  }
}
