import type { SerializedSession } from './libsignal.ts'
import { SignalPeer } from './peer.ts'

const A = 'a.0'
const B = 'b.0'

/**
 * A session between two parties that nobody knows, after a turn of the ratchet each: valid in every field, as a session
 * file from a backup or from another account is, and wrong. As JSON it is what Baileys writes to
 * `session-<user>.<device>.json`; each message of the true contact then fails with Bad MAC.
 */
export async function foreignSession(): Promise<SerializedSession> {
  const a = new SignalPeer()
  const b = new SignalPeer()
  await a.establish(B, b.bundle())
  await b.decrypt(A, await a.encrypt(B, Buffer.from('there')))
  await a.decrypt(B, await b.encrypt(A, Buffer.from('and back')))
  await b.decrypt(A, await a.encrypt(B, Buffer.from('again')))
  const session = a.session(B)
  if (!session) throw new Error('The exchange left no session.')
  return session
}
