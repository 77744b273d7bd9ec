import { createRequire } from 'node:module'
import { entryOfBaileys } from '../../baileys/installed.ts'

export interface SignalKeyPair {
  /** 33 bytes: a type byte, then the key. */
  pubKey: Buffer
  privKey: Buffer
}

interface Chain {
  chainType: number
}

export interface SessionEntry {
  indexInfo: { closed: number; baseKey: Buffer; used: number; remoteIdentityKey: Buffer }
  currentRatchet: { ephemeralKeyPair: SignalKeyPair }
  getChain(key: Buffer): Chain | undefined
}

export interface SessionRecord {
  sessions: Record<string, SessionEntry>
  getOpenSession(): SessionEntry | undefined
  getSessions(): SessionEntry[]
  serialize(): SerializedSession
}

/** A session as Baileys keeps it: plain JSON, keys in base64. */
export type SerializedSession = Record<string, unknown>

export interface SignalBundle {
  registrationId: number
  identityKey: Buffer
  signedPreKey: { keyId: number; publicKey: Buffer; signature: Buffer }
  preKey?: { keyId: number; publicKey: Buffer }
}

export interface SignalStorage {
  loadSession(address: string): Promise<SessionRecord | undefined>
  storeSession(address: string, record: SessionRecord): Promise<void>
  isTrustedIdentity(): boolean
  loadPreKey(id: number): SignalKeyPair | undefined
  removePreKey(id: number): void
  loadSignedPreKey(): SignalKeyPair
  getOurRegistrationId(): number
  getOurIdentity(): SignalKeyPair
}

type ProtocolAddress = object

interface SessionCipher {
  encrypt(data: Buffer): Promise<{ type: number; body: Buffer }>
  decryptPreKeyWhisperMessage(data: Buffer): Promise<Buffer>
  doDecryptWhisperMessage(data: Buffer, session: SessionEntry): Promise<Buffer>
}

export interface SignedPreKey {
  keyId: number
  keyPair: SignalKeyPair
  signature: Buffer
}

interface LibSignal {
  ProtocolAddress: { from(address: string): ProtocolAddress }
  SessionBuilder: new (
    storage: SignalStorage,
    address: ProtocolAddress,
  ) => { initOutgoing(bundle: SignalBundle): Promise<void> }
  SessionCipher: new (storage: SignalStorage, address: ProtocolAddress) => SessionCipher
  SessionRecord: { deserialize(data: SerializedSession): SessionRecord }
  keyhelper: {
    generateIdentityKeyPair(): SignalKeyPair
    generateRegistrationId(): number
    generatePreKey(id: number): { keyId: number; keyPair: SignalKeyPair }
  }
}

interface PreKeyMessage {
  baseKey: Uint8Array
  message: Uint8Array
}

interface PreKeyMessageCodec {
  decode(data: Uint8Array): PreKeyMessage
  encode(message: PreKeyMessage): { finish(): Uint8Array }
}

/**
 * The very libsignal that the user's Baileys speaks, found from Baileys itself: a second copy could differ in version.
 * Beside a fork under a name of its own it is the one that this package sees.
 */
const besideBaileys = createRequire(entryOfBaileys() ?? import.meta.url)

let loaded: LibSignal | undefined

export function libsignal(): LibSignal {
  loaded ??= besideBaileys('libsignal') as LibSignal
  return loaded
}

export function preKeyMessages(): PreKeyMessageCodec {
  const protobufs: { PreKeyWhisperMessage: PreKeyMessageCodec } = besideBaileys('libsignal/src/protobufs.js')
  return protobufs.PreKeyWhisperMessage
}
