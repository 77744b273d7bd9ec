import type { DecryptFailure, DecryptReason } from '../../machines/decrypt.ts'
import type { BinaryNode } from './baileys-types.ts'
import { tapConsole } from './console-tap.ts'
import { decryptReason, type EncType, sessionReasons } from './decrypt-reason.ts'
import type { LoggerLine } from './logger-tap.ts'
import { SessionErrors } from './session-errors.ts'
import { type AddressLine, addressLine, isMappable, mappedAddress, signalAddress } from './signal-address.ts'
import { type BaileysSocket, listen } from './socket.ts'
import { Stanza, StanzaLog } from './stanza-log.ts'

/** A message that was decrypted. */
export interface DecryptSuccess {
  readonly id: string
  /** Signal address of the device that sent it, in the form of `DecryptFailure.address`. */
  readonly address: string
  /** Other addresses the same device may have failed under: LID and phone number. */
  readonly aliases: readonly string[]
  /** What was read: a group's sender key alone (`skmsg`) says nothing of the device's session. */
  readonly session: boolean
}

export interface DecryptHandlers {
  /**
   * Asked at each message that decrypts whether anybody wants to hear of it; what nobody does costs next to nothing.
   * Default: always.
   */
  readonly awaitsSuccess?: () => boolean
  /** Once for each id and address; again only if its reason changed. */
  readonly onFailure: (failure: DecryptFailure) => void
  readonly onSuccess: (success: DecryptSuccess) => void
}

export interface DecryptWatch {
  /**
   * Give it the lines of this socket's logger: failures are then known at once, not when Baileys' buffer is flushed.
   */
  readonly line: (line: LoggerLine) => void
  /**
   * The newest message from that address that could not be read, without its ciphertext, as `sendRetryRequest` wants
   * it.
   */
  readonly unread: (address: string) => BinaryNode | undefined
  /** Whose jid it is under the other kind of jid, as a message of that device says that is still to be read. */
  readonly alt: (jid: string) => string | undefined
  readonly stop: () => void
}

/** The part of Baileys' messages that is read here, the same in both lines. */
interface UpsertedMessage {
  readonly key?: { readonly id?: string; readonly remoteJid?: string; readonly participant?: string; fromMe?: boolean }
  readonly messageStubType?: number
  readonly messageStubParameters?: readonly string[]
}

const maxFailures = 4_096
/** `WebMessageInfo.StubType.CIPHERTEXT` in both lines. */
const ciphertextStub = 2

/**
 * Watches what one socket decrypts and what it cannot. `stop` leaves no listener; nothing is told after it. A message
 * that decrypts while nobody waits for it costs a look into a map. Handlers run inside Baileys' own, so what they throw
 * ends here, untold.
 */
export function watchDecryption(sock: BaileysSocket, handlers: DecryptHandlers): DecryptWatch {
  const line = addressLine(sock)
  const stanzas = new StanzaLog()
  const errors = new SessionErrors()
  const mapped = new Map<string, string>()
  /** By message id, oldest first. */
  const failures = new Map<string, { reason: DecryptReason; readonly address: string; readonly stanza: Stanza }>()
  /** Failures whose address is being looked up. */
  const unresolved = new Set<Stanza>()
  let stopped = false

  const addressOf = (jid: string): string | Promise<string> => {
    if (line === 'v6' || !isMappable(jid)) return signalAddress(jid, line)
    return mapped.get(jid) ?? mappedAddress(sock, jid)
  }
  const fail = (stanza: Stanza, text: string, senderKey: boolean, immediate: boolean) => {
    const seen = errors.turn
    const enc = senderKey ? 'skmsg' : onlyEnc(stanza)
    const reason = decryptReason(text, enc)
    // The others wait for the stub, for some are no failure in the end.
    if (stanza.sender === '' || (immediate && !sessionReasons.has(reason))) return
    const tell = (address: string) => {
      unresolved.delete(stanza)
      if (stopped || stanza.decrypted) return
      const plain = plainAddresses(stanza, line)
      // A mapping may still come to be, so only one that is there is kept.
      if (address !== plain[0]) remember(mapped, stanza.sender, address)
      const known = failures.get(stanza.id)
      // The stub repeats what the logger said, without the reason that the console had given.
      if (known?.address === address && !immediate) return
      const refined = errors.refine(reason, [address, ...plain], stanza.turn, seen)
      if (known?.address === address && known.reason === refined) return
      remember(failures, stanza.id, { reason: refined, address, stanza })
      handlers.onFailure({
        id: stanza.id,
        address,
        reason: refined,
        peer: line === 'v7' && stanza.peer,
        ...(stanza.group === undefined ? {} : { group: stanza.group }),
      })
    }
    const address = addressOf(stanza.sender)
    if (typeof address === 'string') tell(address)
    else {
      unresolved.add(stanza)
      void address.then(guarded((found) => tell(found as string)))
    }
  }
  const succeed = (stanza: Stanza) => {
    stanzas.forget(stanza)
    if (unresolved.size > 0) for (const failed of unresolved) if (failed.id === stanza.id) failed.decrypted = true
    const known = failures.get(stanza.id)?.address
    if (known !== undefined) failures.delete(stanza.id)
    if (handlers.awaitsSuccess?.() === false) return
    const addresses = plainAddresses(stanza, line)
    const address = known ?? mapped.get(stanza.sender) ?? addresses[0]
    handlers.onSuccess({
      id: stanza.id,
      address,
      aliases: addresses.filter((alias) => alias !== address),
      session: stanza.encs.some((enc) => enc !== 'skmsg'),
    })
  }
  const upserted = ({ key, messageStubType, messageStubParameters }: UpsertedMessage) => {
    const id = key?.id
    if (typeof id !== 'string') return
    // What the account's own phone wrote to somebody carries that somebody's jid.
    const participant = key?.fromMe ? undefined : key?.participant || undefined
    const remoteJid = key?.fromMe ? undefined : key?.remoteJid
    const stanza = stanzas.find(id, participant, remoteJid)
    if (messageStubType === ciphertextStub) {
      fail(stanza ?? unseen(id, participant ?? remoteJid ?? ''), messageStubParameters?.[0] ?? '', false, false)
    } else if (stanza !== undefined && stanza.encs.length > 0) succeed(stanza)
  }

  // Both run inside Baileys' own handlers: what they stumble over must not reach it.
  const added = guarded((node) => stanzas.add(node as Parameters<StanzaLog['add']>[0], errors.turn))
  const message = guarded((message) => upserted(message as UpsertedMessage))
  sock.ws.on('CB:message', added)
  const offEvents = listen(sock.ev, 'messages.upsert', (data) => {
    for (const one of (data as { messages: readonly unknown[] }).messages) message(one)
  })
  const offConsole = tapConsole((event) => errors.add(event))
  return {
    line(said) {
      if (said.type !== 'decrypt-failed') return
      const stanza = stanzas.find(said.id, said.author)
      // Without its stanza the device is not known for sure; the stub will at least name the user.
      if (stanza !== undefined) fail(stanza, said.text, said.senderKey, true)
    },
    alt: (jid) => stanzas.newestOf(jid)?.alt,
    unread: (address) => [...failures.values()].findLast((failed) => failed.address === address)?.stanza.envelope,
    stop() {
      stopped = true
      sock.ws.off('CB:message', added)
      offEvents()
      offConsole()
    },
  }
}

/** The address without v7's mapping, and the one of the same device under the other kind of jid. */
function plainAddresses({ sender, alt }: Stanza, line: AddressLine): readonly [string, ...string[]] {
  const own = signalAddress(sender, line)
  return alt === undefined ? [own] : [own, signalAddress(alt, line, own.slice(own.lastIndexOf('.') + 1))]
}

/** A stanza with one kind of ciphertext leaves no doubt what failed. */
function onlyEnc(stanza: Stanza): EncType | undefined {
  return stanza.encs.length === 1 ? stanza.encs[0] : undefined
}

/** A message whose stanza is not known any more: its device is lost, so the user's first one stands for it. */
function unseen(id: string, sender: string): Stanza {
  return new Stanza(id, sender, {}, [], 0)
}

function guarded(take: (what: unknown) => void): (what: unknown) => void {
  return (what) => {
    try {
      take(what)
    } catch {
      // A stanza or a message of an unknown shape is no evidence of anything.
    }
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value)
  if (map.size > maxFailures) {
    for (const oldest of map.keys()) {
      map.delete(oldest)
      break
    }
  }
}
