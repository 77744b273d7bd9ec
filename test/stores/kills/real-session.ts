import { SignalPeer } from '../../../src/rehearsal/fake-whatsapp/peer.ts'
import type { Material } from './stored-value.ts'

const address = '492.0'

/** A session that libsignal made and used, as it serialises it. */
export async function realSession(): Promise<Material> {
  const [gateway, contact] = [new SignalPeer(), new SignalPeer()]
  await gateway.establish(address, contact.bundle())
  const hello = await gateway.encrypt(address, Buffer.from('hello'))
  await contact.decrypt('491.0', hello)
  await gateway.decrypt(address, await contact.encrypt('491.0', Buffer.from('hello back')))
  const session = gateway.session(address)
  if (!session) throw new Error('libsignal kept no session')
  return { ...session }
}
