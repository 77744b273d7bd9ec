import { LRUCache } from 'lru-cache'
import type { Policy } from '../../../../machines/index.ts'
import type { proto } from '../../../baileys/baileys-types.ts'
import { BoundedCache } from '../../../baileys/bounded-cache.ts'
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
  /** None until a message is kept. */
  #kept: LRUCache<string, KeptMessage> | undefined
  readonly #times = new BoundedCache({ entries: mostTimes })
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
  }

  /** Whatever is needed to keep a message is loaded. */
  ready(): Promise<void> {
    return this.#policy.keep === 'off' ? Promise.resolve() : this.#codec.ready()
  }

  /** A message was sent, or is about to be. Told again it keeps its place. */
  add(id: string, chat: string, message: unknown): void {
    const at = this.#now()
    if (this.#times.peek(id) === undefined) this.#times.set(id, at)
    if (this.#policy.keep === 'off' || this.#kept?.has(id)) return
    const to = withoutDevice(chat)
    const bytes = this.#codec.encode(message)
    if (to === undefined || bytes === undefined) return
    const kept = { id, to, at, bytes }
    if (this.#keep(kept)) this.#onKept(kept)
  }

  /** What an earlier process kept, oldest first. */
  restore(messages: readonly KeptMessage[]): void {
    for (const message of messages) {
      if (this.#isOver(message)) continue
      this.#keep(message)
      this.#times.set(message.id, message.at)
    }
  }

  /** When a message was sent, epoch milliseconds; undefined if it was none of the last ones. */
  sentAt(id: string): number | undefined {
    return this.#times.peek<number>(id)
  }

  /** The message of that id, if it is kept. */
  find(id: string): SentMessage | undefined {
    const kept = this.#kept?.peek(id)
    if (!kept) return undefined
    if (this.#isOver(kept)) {
      this.#kept?.delete(id)
      return undefined
    }
    const message = this.#codec.decode(kept.bytes)
    return message && { id, to: kept.to, at: kept.at, message }
  }

  /** All that is kept, oldest first; what is too old is forgotten. */
  list(): readonly KeptMessage[] {
    const all = [...(this.#kept?.rvalues() ?? [])].filter((kept) => kept !== undefined)
    const over = all.filter((kept) => this.#isOver(kept))
    for (const { id } of over) this.#kept?.delete(id)
    return all.filter((kept) => !over.includes(kept))
  }

  /** When the oldest is to be forgotten, epoch milliseconds; undefined if there is none. */
  get nextOver(): number | undefined {
    const [oldest] = this.#kept?.rvalues() ?? []
    return oldest && oldest.at + this.#policy.maxAgeMs
  }

  clear(): void {
    this.#kept?.clear()
    this.#times.flushAll()
  }

  /** Whether there was room for it; the oldest make some. */
  #keep(message: KeptMessage): boolean {
    const { maxMessages, maxBytes } = this.#policy
    // By size alone: room for all messages that there may ever be would be taken at once.
    this.#kept ??= new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => bytes.length + overheadBytes,
    })
    this.#kept.set(message.id, message)
    while (this.#kept.size > maxMessages) this.#kept.pop()
    return this.#kept.has(message.id)
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
