import { read } from '../errors/error-chain.ts'
import type { ArrivedMessages } from './arrived-messages.ts'
import type { DecryptedMessages } from './decrypted-messages.ts'
import { signalRepositoryOf, wrap, wrapDecrypts } from './signal-repository.ts'
import { type BaileysSocket, listen } from './socket.ts'

/**
 * libsignal's words for a message whose key is used up. Baileys refuses such a message for good (487), unless its text
 * is another.
 */
const usedUp = 'Key used already or never filled'
const askedAgain = `${usedUp}; nobody was told of this message, so it is asked for again`

/** `WebMessageInfo.StubType.CIPHERTEXT` in both lines. */
const ciphertextStub = 2

/**
 * Has each message that reached the account told, and told once, wherever its connection breaks. Baileys decrypts a
 * message, acknowledges it, then tells of it: if the acknowledgement finds the connection closed it tells nobody, and
 * when the message comes again its key is used up. Here the message that comes again is what it was decrypted to
 * before. If that was told already, only its acknowledgement is made up for. If what it said is not known any more (the
 * process has ended since) it is asked for again, where Baileys would refuse it.
 */
export function tellOnce(socket: BaileysSocket, arrived: ArrivedMessages, messages: DecryptedMessages): void {
  const repository = signalRepositoryOf(socket)
  if (!repository) return
  /** Messages that come again although they were told. */
  const repeated = new Set<string>()

  wrapDecrypts(repository, async (ciphertext, decrypt) => {
    const id = arrived.of(ciphertext)?.id
    const known = messages.find(ciphertext)
    if (known) {
      if (id !== undefined && messages.wasTold(id)) repeated.add(id)
      return known
    }
    try {
      const plaintext = await decrypt()
      if (plaintext instanceof Uint8Array) messages.keep(ciphertext, plaintext, id)
      return plaintext
    } catch (error) {
      const lost = id !== undefined && !messages.wasTold(id) && read(error, 'message') === usedUp
      throw lost ? new Error(askedAgain, { cause: error }) : error
    }
  })

  wrap(socket.ev, 'emit', (inner) => (event: string, data: never) => {
    if (event !== 'messages.upsert') return inner(event, data)
    const messages = messagesIn(data)
    const untold = messages.filter((message) => !repeated.delete(idOf(message) ?? ''))
    if (untold.length === messages.length) return inner(event, data)
    return untold.length === 0 || inner(event, Object.assign({}, data, { messages: untold }))
  })
  listen(socket.ev, 'messages.upsert', (data) => {
    for (const message of messagesIn(data)) {
      const id = idOf(message)
      if (id !== undefined && read(message, 'messageStubType') !== ciphertextStub) messages.told(id)
    }
  })
}

function messagesIn(data: unknown): readonly unknown[] {
  const messages = read(data, 'messages')
  return Array.isArray(messages) ? messages : []
}

function idOf(message: unknown): string | undefined {
  const id = read(read(message, 'key'), 'id')
  return typeof id === 'string' ? id : undefined
}
