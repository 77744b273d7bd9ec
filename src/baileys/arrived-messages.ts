import { list, read } from '../errors/error-chain.ts'
import type { SocketTransport } from './socket.ts'

/** A message as the transport tells it, before anything is decrypted; what a server puts into it is anybody's guess. */
export interface ArrivedMessage {
  readonly id: string
  /** False for one of the backlog, which may have come before. */
  readonly live: boolean
  readonly stanza: unknown
}

/** What a stanza has to decrypt. */
export const ciphertextsOf = (stanza: unknown): readonly Uint8Array[] =>
  list(read(stanza, 'content'))
    .filter((child) => read(child, 'tag') === 'enc')
    .map((child) => read(child, 'content'))
    .filter((content) => content instanceof Uint8Array)

/** Knows to which message a ciphertext belongs that Baileys has decrypted: its repository is not told. */
export class ArrivedMessages {
  readonly #byCiphertext = new WeakMap<Uint8Array, ArrivedMessage>()

  constructor(transport: SocketTransport) {
    transport.on('CB:message', (stanza) => {
      const attrs = read(stanza, 'attrs')
      const id = read(attrs, 'id')
      if (typeof id !== 'string') return
      const message = { id, live: read(attrs, 'offline') === undefined, stanza }
      for (const ciphertext of ciphertextsOf(stanza)) this.#byCiphertext.set(ciphertext, message)
    })
  }

  of(ciphertext: Uint8Array): ArrivedMessage | undefined {
    return this.#byCiphertext.get(ciphertext)
  }
}
