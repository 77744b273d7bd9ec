import { read } from '../errors/error-chain.ts'
import { libsignal } from './libsignal.ts'

export interface Sealed {
  readonly type: string
  readonly ciphertext: Uint8Array
}

/**
 * What a stored session says to a message: it `opens` it, it has read it before (`used`), or neither. Nothing is
 * stored, and what is stored is not changed. `identity` is the account's own public key, 32 bytes.
 */
export async function tryOpening(
  stored: unknown,
  { type, ciphertext }: Sealed,
  identity: Uint8Array,
): Promise<'opens' | 'used' | 'no'> {
  const { signal, preKeyMessages } = libsignal()
  let body = Buffer.from(ciphertext)
  let baseKey: Buffer | undefined
  try {
    if (type === 'pkmsg') {
      const outer = preKeyMessages.decode(body.subarray(1))
      body = Buffer.from(outer.message)
      baseKey = Buffer.from(outer.baseKey)
    }
  } catch {
    return 'no'
  }
  const own = { pubKey: Buffer.concat([Buffer.from([5]), identity]), privKey: Buffer.alloc(0) }
  const cipher = new signal.SessionCipher({ getOurIdentity: () => own }, new signal.ProtocolAddress('trial', 0))
  let used = false
  for (const at of sessionsOf(stored).keys()) {
    // A failed trial changes what it was tried on.
    const session = sessionsOf(stored)[at]
    if (!session || (baseKey && !baseKey.equals(session.indexInfo.baseKey))) continue
    try {
      await cipher.doDecryptWhisperMessage(body, session)
      return 'opens'
    } catch (error) {
      used ||= /^Key used already/.test(String(read(error, 'message')))
    }
  }
  return used ? 'used' : 'no'
}

function sessionsOf(stored: unknown) {
  try {
    // Of an earlier version libsignal would migrate it in place.
    return libsignal()
      .signal.SessionRecord.deserialize(isVersioned(stored) ? stored : structuredClone(stored))
      .getSessions()
  } catch {
    return []
  }
}

const isVersioned = (stored: unknown): boolean => read(stored, 'version') === 'v1'
