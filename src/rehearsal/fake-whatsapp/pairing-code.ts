import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2Sync } from 'node:crypto'
import type { BinaryNode } from '../../baileys/baileys-types.ts'
import { agree, type Pair } from './curve.ts'
import type { SignalKeyPair } from './libsignal.ts'
import type { SeededRandom } from './random.ts'
import { bytes } from './stanza.ts'

const KDF_ITERATIONS = 131_072
const BUNDLE_KEY_INFO = 'link_code_pairing_key_bundle_encryption_key'

/** What a client that wants a pairing code sends first. */
export interface CompanionHello {
  jid: string
  /** Salt (32 bytes), IV (16), and the client's ephemeral key encrypted under the code. */
  wrappedEphemeral: Buffer
}

export function readCompanionHello(request: BinaryNode): CompanionHello {
  return {
    jid: request.attrs.jid ?? '',
    wrappedEphemeral: bytes(request, 'link_code_pairing_wrapped_companion_ephemeral_pub'),
  }
}

/** The phone's ephemeral key, encrypted under the code that the owner typed in. */
export function wrapPrimary(ephemeral: Uint8Array, code: string, random: SeededRandom): Buffer {
  const salt = random.bytes(32)
  const iv = random.bytes(16)
  const cipher = createCipheriv('aes-256-ctr', codeKey(code, salt), iv)
  return Buffer.concat([salt, iv, cipher.update(ephemeral), cipher.final()])
}

interface Agreement {
  hello: CompanionHello
  code: string
  primary: Pair
  identity: SignalKeyPair
}

/** The pairing's secret, out of the client's last message; a wrong code shows here, because nothing decrypts. */
export function readCompanionFinish(finish: BinaryNode, { hello, code, primary, identity }: Agreement): Buffer {
  const wrapped = hello.wrappedEphemeral
  const decipher = createDecipheriv('aes-256-ctr', codeKey(code, wrapped.subarray(0, 32)), wrapped.subarray(32, 48))
  const companion = Buffer.concat([decipher.update(wrapped.subarray(48, 80)), decipher.final()])
  const shared = agree(primary.private, companion)
  const random = openBundle(bytes(finish, 'link_code_pairing_wrapped_key_bundle'), shared).subarray(64, 96)
  const identityShared = agree(identity.privKey, bytes(finish, 'companion_identity_public'))
  return Buffer.from(hkdfSync('sha256', Buffer.concat([shared, identityShared, random]), '', 'adv_secret', 32))
}

function openBundle(wrapped: Buffer, shared: Buffer): Buffer {
  const key = Buffer.from(hkdfSync('sha256', shared, wrapped.subarray(0, 32), BUNDLE_KEY_INFO, 32))
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(32, 44))
  decipher.setAuthTag(wrapped.subarray(wrapped.length - 16))
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(44, wrapped.length - 16)), decipher.final()])
  } catch {
    throw new Error('The pairing code is not the one that the client shows.')
  }
}

function codeKey(code: string, salt: Buffer): Buffer {
  return pbkdf2Sync(code, salt, KDF_ITERATIONS, 32, 'sha256')
}
