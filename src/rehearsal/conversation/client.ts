/** A text that the account was told, by whichever listener a gateway has. */
export interface Heard {
  readonly id: string
  readonly text: string
  /** The address of the chat, to which an answer goes. */
  readonly chat: string
}

/**
 * A phone that scans what a client shows: one of the fake server, or its stand-in where that runs in another process.
 */
export interface Scanner {
  scan(code: string): Promise<unknown>
}

/** The account's side of a conversation, however it is kept connected. */
export interface ConversationClient {
  /** Connects, links the account by its phone if it is not linked yet, and resolves when its backlog is through. */
  start(phone: Scanner): Promise<void>
  /**
   * Sends with the live socket, or with the next one if there is none; resolves with the message's id when Baileys says
   * that it is sent, and rejects as Baileys does.
   */
  send(jid: string, text: string): Promise<string>
  /** Tells what is read from now on; returns the unsubscribe function. */
  onHeard(listener: (heard: Heard) => void): () => void
  /** Drops the connection and dials at once; resolves when the next one is open. */
  reconnect(): Promise<void>
  stop(): Promise<void>
}

/** The part of Baileys' messages that is read here, the same in both lines. */
interface UpsertedMessage {
  readonly key: { readonly id?: string | null; readonly remoteJid?: string | null; readonly fromMe?: boolean | null }
  readonly message?: {
    readonly conversation?: string | null
    readonly extendedTextMessage?: { readonly text?: string | null } | null
  } | null
}

/** The texts of others in what `messages.upsert` tells. */
export function heardIn({ messages }: { readonly messages: readonly UpsertedMessage[] }): Heard[] {
  return messages.flatMap(({ key: { id, remoteJid: chat, fromMe }, message }) => {
    const text = message?.conversation ?? message?.extendedTextMessage?.text
    return text && id && chat && !fromMe ? [{ id, text, chat }] : []
  })
}
