import type { proto } from '../../../baileys/baileys-types.ts'
import { installedBaileys } from '../../../baileys/installed.ts'
import { read } from '../../../errors/error-chain.ts'

/** The part of Baileys' `proto.Message` that is used here, the same in both lines. */
export interface MessageType {
  encode(message: proto.IMessage): { finish(): Uint8Array }
  decode(bytes: Uint8Array): proto.IMessage
}

const loadMessageType = async (): Promise<MessageType> => (await installedBaileys()).proto.Message

/**
 * Between messages and their bytes, by the protocol's own definition: the bytes say how much a message takes, and
 * nobody changes it behind our back. Baileys brings the definition, and so does every message that it makes: a fork
 * under another name is served as well.
 */
export class MessageCodec {
  #type: MessageType | undefined
  readonly #load: () => Promise<MessageType>

  constructor(load: () => Promise<MessageType> = loadMessageType) {
    this.#load = load
  }

  /** Loads the definition, unless it is known already. Never rejects. */
  async ready(): Promise<void> {
    if (this.#type) return
    try {
      this.#type = await this.#load()
    } catch {
      // The first message that Baileys makes will bring it.
    }
  }

  /** Undefined for what is no message, or while no definition is known. */
  encode(message: unknown): Uint8Array | undefined {
    this.#type ??= typeOf(message)
    if (typeof message !== 'object' || message === null) return undefined
    try {
      return this.#type?.encode(message).finish()
    } catch {
      // Baileys could not have sent it either.
      return undefined
    }
  }

  decode(bytes: Uint8Array): proto.IMessage | undefined {
    try {
      return this.#type?.decode(bytes)
    } catch {
      return undefined
    }
  }
}

function typeOf(message: unknown): MessageType | undefined {
  const type: unknown = read(message, 'constructor')
  return typeof read(type, 'encode') === 'function' && typeof read(type, 'decode') === 'function'
    ? (type as MessageType)
    : undefined
}
