import { createRequire } from 'node:module'
import { entryOfBaileys } from './installed.ts'

interface SessionEntry {
  readonly indexInfo: { readonly closed: number; readonly baseKey: Uint8Array }
}

interface SessionRecord {
  getSessions(): SessionEntry[]
}

/** The part of libsignal that is used here; it has no types of its own. */
interface LibSignal {
  readonly ProtocolAddress: new (user: string, device: number) => object
  readonly SessionRecord: { deserialize(data: unknown): SessionRecord }
  readonly SessionCipher: new (
    storage: object,
    address: object,
  ) => { doDecryptWhisperMessage(message: Buffer, session: SessionEntry): Promise<Uint8Array> }
}

interface PreKeyMessages {
  decode(bytes: Uint8Array): { readonly baseKey: Uint8Array; readonly message: Uint8Array }
}

let loaded: { readonly signal: LibSignal; readonly preKeyMessages: PreKeyMessages } | undefined

/**
 * libsignal, the very copy that Baileys uses; beside a fork under another name, the one that this package sees. Throws
 * a TypeError where Baileys has another one.
 */
export function libsignal(): NonNullable<typeof loaded> {
  if (loaded) return loaded
  const ofBaileys = createRequire(entryOfBaileys() ?? import.meta.url)
  const signal = ofBaileys('libsignal') as LibSignal
  if (typeof signal.SessionRecord?.deserialize !== 'function')
    throw new TypeError('The libsignal beside Baileys has no SessionRecord')
  const { PreKeyWhisperMessage } = ofBaileys('libsignal/src/protobufs.js') as { PreKeyWhisperMessage: PreKeyMessages }
  loaded = { signal, preKeyMessages: PreKeyWhisperMessage }
  return loaded
}
