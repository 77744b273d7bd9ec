import type { BinaryNode, proto } from '../../baileys/baileys-types.ts'
import { type KeyBundle, signalBundle } from './bundle.ts'
import { sign } from './curve.ts'
import {
  libsignal,
  preKeyMessages,
  type SerializedSession,
  type SignalKeyPair,
  type SignalStorage,
  type SignedPreKey,
} from './libsignal.ts'
import { protocol } from './protocol.ts'
import type { SeededRandom } from './random.ts'
import { SenderKeys } from './sender-keys.ts'
import { content, node } from './stanza.ts'

export interface Sealed {
  type: 'pkmsg' | 'msg'
  body: Buffer
}

/**
 * One party of the Signal protocol with everything in memory: an identity, pre-keys, and a session for each address.
 *
 * libsignal prints sessions, private keys and all, on the console, whenever it closes one or fails to decrypt. What a
 * test's console shows must come from the client under test alone, so this class closes and tries sessions by itself.
 */
export class SignalPeer {
  readonly registrationId = libsignal().keyhelper.generateRegistrationId()
  readonly identity = libsignal().keyhelper.generateIdentityKeyPair()
  #signedPreKeyMade: SignedPreKey | undefined
  #senderKeysMade: SenderKeys | undefined
  readonly #preKeys = new Map<number, SignalKeyPair>()
  readonly #sessions = new Map<string, SerializedSession>()
  #nextPreKey = 1
  #turn: Promise<unknown> = Promise.resolve()

  readonly #storage: SignalStorage = {
    loadSession: async (address) => {
      const stored = this.#sessions.get(address)
      return stored && libsignal().SessionRecord.deserialize(structuredClone(stored))
    },
    storeSession: async (address, record) => {
      this.#sessions.set(address, record.serialize())
    },
    isTrustedIdentity: () => true,
    loadPreKey: (id) => this.#preKeys.get(id),
    removePreKey: (id) => {
      this.#preKeys.delete(id)
    },
    loadSignedPreKey: () => this.#signedPreKey.keyPair,
    getOurRegistrationId: () => this.registrationId,
    getOurIdentity: () => this.identity,
  }

  /** Made when it is first asked for: most contacts give no bundle away. */
  get #signedPreKey(): SignedPreKey {
    if (this.#signedPreKeyMade) return this.#signedPreKeyMade
    const { keyId, keyPair } = libsignal().keyhelper.generatePreKey(1)
    this.#signedPreKeyMade = { keyId, keyPair, signature: sign(this.identity.privKey, keyPair.pubKey) }
    return this.#signedPreKeyMade
  }

  /** Its keys for groups; made when first asked for, since most are in none. */
  get senderKeys(): SenderKeys {
    this.#senderKeysMade ??= new SenderKeys()
    return this.#senderKeysMade
  }

  /** A key bundle to give away, with a one-time pre-key that no other bundle has. */
  bundle(): KeyBundle {
    const { keyId, keyPair } = libsignal().keyhelper.generatePreKey(this.#nextPreKey++)
    this.#preKeys.set(keyId, keyPair)
    return {
      registrationId: this.registrationId,
      identityKey: this.identity.pubKey.subarray(1),
      signedPreKey: {
        keyId: this.#signedPreKey.keyId,
        publicKey: this.#signedPreKey.keyPair.pubKey.subarray(1),
        signature: this.#signedPreKey.signature,
      },
      preKey: { keyId, publicKey: keyPair.pubKey.subarray(1) },
    }
  }

  has(address: string): boolean {
    return this.#sessions.has(address)
  }

  /** The stored session, as Baileys would write it to a file. */
  session(address: string): SerializedSession | undefined {
    const stored = this.#sessions.get(address)
    return stored && structuredClone(stored)
  }

  /** Puts another session in the place of the one for that address. */
  replaceSession(address: string, session: SerializedSession): void {
    this.#sessions.set(address, structuredClone(session))
  }

  forget(address: string): void {
    this.#sessions.delete(address)
  }

  /** Begins a new session; the one that was open stays, closed, for messages on their way. */
  establish(address: string, bundle: KeyBundle): Promise<void> {
    return this.#inTurn(async () => {
      const builder = new (libsignal().SessionBuilder)(this.#storage, libsignal().ProtocolAddress.from(address))
      await this.#closeOpenSession(address)
      await builder.initOutgoing(signalBundle(bundle))
    })
  }

  encrypt(address: string, plain: Uint8Array): Promise<Sealed> {
    return this.#inTurn(async () => {
      const cipher = new (libsignal().SessionCipher)(this.#storage, libsignal().ProtocolAddress.from(address))
      const { type, body } = await cipher.encrypt(Buffer.from(plain))
      return { type: type === 3 ? 'pkmsg' : 'msg', body }
    })
  }

  decrypt(address: string, { type, body }: Sealed): Promise<Buffer> {
    return this.#inTurn(() => (type === 'pkmsg' ? this.#openFirst(address, body) : this.#openNext(address, body)))
  }

  async #openFirst(address: string, body: Buffer): Promise<Buffer> {
    const before = this.#sessions.get(address)
    const { baseKey } = preKeyMessages().decode(body.subarray(1))
    const record = await this.#storage.loadSession(address)
    if (record && !record.sessions[Buffer.from(baseKey).toString('base64')]) await this.#closeOpenSession(address)
    try {
      const cipher = new (libsignal().SessionCipher)(this.#storage, libsignal().ProtocolAddress.from(address))
      return await cipher.decryptPreKeyWhisperMessage(body)
    } catch (error) {
      if (before) this.#sessions.set(address, before)
      throw error
    }
  }

  async #openNext(address: string, body: Buffer): Promise<Buffer> {
    const cipher = new (libsignal().SessionCipher)(this.#storage, libsignal().ProtocolAddress.from(address))
    const candidates = (await this.#storage.loadSession(address))?.getSessions().length ?? 0
    for (let which = 0; which < candidates; which++) {
      // A failed trial changes the session it was tried on, so each trial gets its own copy.
      const record = await this.#storage.loadSession(address)
      const session = record?.getSessions()[which]
      if (!record || !session) break
      try {
        const plain = await cipher.doDecryptWhisperMessage(body, session)
        session.indexInfo.used = Date.now()
        await this.#storage.storeSession(address, record)
        return plain
      } catch {
        // The next session may fit.
      }
    }
    throw new Error(`No session with ${address} opens this message.`)
  }

  async #closeOpenSession(address: string): Promise<void> {
    const record = await this.#storage.loadSession(address)
    const open = record?.getOpenSession()
    if (!record || !open) return
    open.indexInfo.closed = Date.now()
    await this.#storage.storeSession(address, record)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

export const encodeText = (text: string, random: SeededRandom): Buffer => encodeMessage({ conversation: text }, random)

export function encodeMessage(message: proto.IMessage, random: SeededRandom): Buffer {
  const padding = random.between(1, 15)
  return Buffer.concat([protocol().proto.Message.encode(message).finish(), Buffer.alloc(padding, padding)])
}

/** The message inside: for a copy of what another device of ours sent, the message that was sent. */
export function decodeMessage(padded: Buffer): proto.IMessage {
  const message = protocol().proto.Message.decode(padded.subarray(0, padded.length - (padded.at(-1) ?? 0)))
  return message.deviceSentMessage?.message ?? message
}

export function textOf(message: proto.IMessage): string | undefined {
  return message.conversation ?? message.extendedTextMessage?.text ?? undefined
}

export function encNode({ type, body }: Sealed, attrs: Record<string, string> = {}): BinaryNode {
  return node('enc', { v: '2', type, ...attrs }, body)
}

/**
 * What an `<enc>` holds; undefined for kinds that are not between two parties, such as a group's sender-key messages.
 */
export function sealedIn(enc: BinaryNode): Sealed | undefined {
  const { type } = enc.attrs
  return type === 'pkmsg' || type === 'msg' ? { type, body: content(enc) } : undefined
}

/** The same message with its MAC broken: whoever has the right session says Bad MAC. */
export function breakMac({ type, body }: Sealed): Sealed {
  if (type === 'msg') return { type, body: flipLastByte(body) }
  const outer = preKeyMessages().decode(body.subarray(1))
  outer.message = flipLastByte(Buffer.from(outer.message))
  return { type, body: Buffer.concat([body.subarray(0, 1), preKeyMessages().encode(outer).finish()]) }
}

function flipLastByte(body: Buffer): Buffer {
  const broken = Buffer.from(body)
  const last = broken.length - 1
  broken.writeUInt8(broken.readUInt8(last) ^ 0xff, last)
  return broken
}
