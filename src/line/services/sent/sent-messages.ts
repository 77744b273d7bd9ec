import { LRUCache } from 'lru-cache'
import type { Policy } from '../../../../machines/index.ts'
import type { proto } from '../../../baileys/baileys-types.ts'
import { parseJid } from '../../../baileys/signal-address.ts'
import { MessageCodec } from './message-codec.ts'

/** A message of ours, as it is kept. */
export interface KeptMessage {
  readonly id: string
  /** Jid of the chat, without a device. */
  readonly to: string
  /** When it was sent, epoch milliseconds. */
  readonly at: number
  readonly bytes: Uint8Array
}

/** A message of ours that can be sent again. */
export interface SentMessage extends Pick<KeptMessage, 'id' | 'to' | 'at'> {
  readonly message: proto.IMessage
}

/** What keeping one takes beside its bytes: its id, its chat, its place in the list. A round guess. */
const overheadBytes = 256
/** When each of so many last messages was sent is known although it is not kept itself. */
const mostTimes = 4_096

/**
 * The last messages that the account has sent, bounded by number, size and age: the oldest go first. One for an
 * account, across its sockets.
 */
export class SentMessages {
  readonly #codec: MessageCodec
  readonly #policy: Policy['resend']
  readonly #kept: LRUCache<string, KeptMessage>
  readonly #times = new LRUCache<string, number>({ max: mostTimes })
  readonly #now: () => number
  /** Told of each that is kept. */
  readonly #onKept: (message: KeptMessage) => void

  constructor(
    policy: Policy['resend'],
    onKept: (message: KeptMessage) => void = () => undefined,
    { codec = new MessageCodec(), now = Date.now }: { readonly codec?: MessageCodec; readonly now?: () => number } = {},
  ) {
    this.#policy = policy
    this.#onKept = onKept
    this.#codec = codec
    this.#now = now
    this.#kept = new LRUCache({
      max: policy.maxMessages,
      maxSize: policy.maxBytes,
      sizeCalculation: ({ bytes }) => bytes.length + overheadBytes,
    })
  }

  /** Whatever is needed to keep a message is loaded. */
  ready(): Promise<void> {
    return this.#policy.keep === 'off' ? Promise.resolve() : this.#codec.ready()
  }

  /** A message was sent, or is about to be. Told again it keeps its place. */
  add(id: string, chat: string, message: unknown): void {
    const at = this.#now()
    if (!this.#times.has(id)) this.#times.set(id, at)
    if (this.#policy.keep === 'off' || this.#kept.has(id)) return
    const to = withoutDevice(chat)
    const bytes = to === undefined ? undefined : this.#codec.encode(message)
    if (to === undefined || bytes === undefined) return
    const kept = { id, to, at, bytes }
    this.#kept.set(id, kept)
    if (this.#kept.has(id)) this.#onKept(kept)
  }

  /** What an earlier process kept, oldest first. */
  restore(messages: readonly KeptMessage[]): void {
    for (const message of messages) {
      if (this.#isOver(message)) continue
      this.#kept.set(message.id, message)
      this.#times.set(message.id, message.at)
    }
  }

  /** When a message was sent, epoch milliseconds; undefined if it was none of the last ones. */
  sentAt(id: string): number | undefined {
    return this.#times.peek(id)
  }

  /** The message of that id, if it is kept. */
  find(id: string): SentMessage | undefined {
    const kept = this.#kept.peek(id)
    if (!kept) return undefined
    if (this.#isOver(kept)) {
      this.#kept.delete(id)
      return undefined
    }
    const message = this.#codec.decode(kept.bytes)
    return message && { id, to: kept.to, at: kept.at, message }
  }

  /** All that is kept, oldest first; what is too old is forgotten. */
  list(): readonly KeptMessage[] {
    const all = [...this.#kept.rvalues()].filter((kept) => kept !== undefined)
    const over = all.filter((kept) => this.#isOver(kept))
    for (const { id } of over) this.#kept.delete(id)
    return all.filter((kept) => !over.includes(kept))
  }

  /** When the oldest is to be forgotten, epoch milliseconds; undefined if there is none. */
  get nextOver(): number | undefined {
    const [oldest] = this.#kept.rvalues()
    return oldest && oldest.at + this.#policy.maxAgeMs
  }

  clear(): void {
    this.#kept.clear()
    this.#times.clear()
  }

  /** A clock that was set back makes none older, and none younger than it was. */
  #isOver({ at }: KeptMessage): boolean {
    return this.#now() - at >= this.#policy.maxAgeMs
  }
}

/** The jid of a chat as both lines have it in their keys. */
export function withoutDevice(jid: string): string | undefined {
  const parts = parseJid(jid)
  return parts && `${parts.user}@${parts.server}`
}
