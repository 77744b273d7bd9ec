import type { DecryptFailure, DecryptReason } from '../../machines/decrypt.ts'
import { tapConsole } from './console-tap.ts'
import { decryptReason, type EncType } from './decrypt-reason.ts'
import { list, read } from './error-chain.ts'
import type { LoggerLine } from './logger-tap.ts'
import { SessionErrors } from './session-errors.ts'
import { type AddressLine, addressLine, isMappable, mappedAddress, parseJid, signalAddress } from './signal-address.ts'
import { type BaileysSocket, listen } from './socket.ts'
import { type Stanza, StanzaLog } from './stanza-log.ts'

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
  /** Once for each id and address; again only if its reason changed. */
  readonly onFailure: (failure: DecryptFailure) => void
  readonly onSuccess: (success: DecryptSuccess) => void
}

export interface DecryptWatch {
  /** Give it the lines of this socket's logger: failures are then known at once, not when Baileys' buffer is flushed. */
  readonly line: (line: LoggerLine) => void
  readonly stop: () => void
}

/** Reasons that are told as soon as the logger says them; the others wait for the stub, for some are no failure in the end. */
const atOnce: ReadonlySet<DecryptReason> = new Set(['bad-session', 'no-session', 'poison', 'pre-key'])
const maxFailures = 4_096
/** `WebMessageInfo.StubType.CIPHERTEXT` in both lines. */
const ciphertextStub = 2

/** Watches what one socket decrypts and what it cannot. `stop` leaves no listener; nothing is told after it. */
export function watchDecryption(sock: BaileysSocket, handlers: DecryptHandlers): DecryptWatch {
  const line = addressLine(sock)
  const stanzas = new StanzaLog()
  const errors = new SessionErrors()
  const mapped = new Map<string, string>()
  const failures = new Map<string, { reason: DecryptReason; readonly address: string }>()
  /** Failures whose address is being looked up. */
  const unresolved = new Set<Stanza>()
  let stopped = false

  const addressOf = (jid: string): string | Promise<string> => {
    if (line === 'v6' || !isMappable(jid)) return signalAddress(jid, line)
    return mapped.get(jid) ?? mappedAddress(sock, jid)
  }
  const fail = (stanza: Stanza, text: string, senderKey: boolean, immediate: boolean) => {
    const seenAt = performance.now()
    const enc = senderKey ? 'skmsg' : onlyEnc(stanza)
    const reason = decryptReason(text, enc)
    if (stanza.sender === '' || (immediate && !atOnce.has(reason))) return
    const tell = (address: string) => {
      unresolved.delete(stanza)
      if (stopped || stanza.decrypted) return
      const plain = plainAddresses(stanza, line)
      // A mapping may still come to be, so only one that is there is kept.
      if (address !== plain[0]) remember(mapped, stanza.sender, address)
      const known = failures.get(stanza.id)
      // The stub repeats what the logger said, without the reason that the console had given.
      if (known?.address === address && !immediate) return
      const refined = errors.refine(reason, [address, ...plain], stanza.receivedAt, seenAt)
      if (known?.address === address && known.reason === refined) return
      remember(failures, stanza.id, { reason: refined, address })
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
      void address.then(tell)
    }
  }
  const succeed = (stanza: Stanza) => {
    stanza.decrypted = true
    stanzas.forget(stanza)
    for (const failed of unresolved) if (failed.id === stanza.id) failed.decrypted = true
    const known = failures.get(stanza.id)?.address
    failures.delete(stanza.id)
    const [plain = stanza.sender, ...others] = plainAddresses(stanza, line)
    const address = known ?? mapped.get(stanza.sender) ?? plain
    handlers.onSuccess({
      id: stanza.id,
      address,
      aliases: [plain, ...others].filter((alias) => alias !== address),
      session: stanza.encs.some((enc) => enc !== 'skmsg'),
    })
  }
  const upserted = (message: unknown) => {
    const key = read(message, 'key')
    const id = read(key, 'id')
    if (typeof id !== 'string') return
    // What the account's own phone wrote to somebody carries that somebody's jid.
    const jids = read(key, 'fromMe') === true ? [] : [read(key, 'participant'), read(key, 'remoteJid')]
    const stanza = stanzas.find(id, jids)
    if (read(message, 'messageStubType') === ciphertextStub) {
      const text = list(read(message, 'messageStubParameters'))[0]
      fail(stanza ?? unseen(id, jids), typeof text === 'string' ? text : '', false, false)
    } else if (stanza !== undefined && stanza.encs.length > 0) succeed(stanza)
  }

  const added = (node: unknown) => stanzas.add(node)
  sock.ws.on('CB:message', added)
  const offEvents = listen(sock.ev, 'messages.upsert', (data) => {
    const messages = read(data, 'messages')
    if (Array.isArray(messages)) messages.forEach(upserted)
  })
  const offConsole = tapConsole((event) => errors.add(event))
  return {
    line(said) {
      if (stopped || said.type !== 'decrypt-failed') return
      const stanza = stanzas.find(said.id, said.author === undefined ? [] : [said.author])
      // Without its stanza the device is not known for sure; the stub will at least name the user.
      if (stanza !== undefined) fail(stanza, said.text, said.senderKey, true)
    },
    stop() {
      stopped = true
      sock.ws.off('CB:message', added)
      offEvents()
      offConsole()
    },
  }
}

/** The address without v7's mapping, and the one of the same device under the other kind of jid. */
function plainAddresses(stanza: Stanza, line: AddressLine): string[] {
  const own = signalAddress(stanza.sender, line)
  const alt = stanza.alt === undefined ? undefined : parseJid(stanza.alt)
  const device = parseJid(stanza.sender)?.device
  return alt === undefined ? [own] : [own, signalAddress(`${alt.user}:${device ?? 0}@${alt.server}`, line)]
}

/** A stanza with one kind of ciphertext leaves no doubt what failed. */
function onlyEnc(stanza: Stanza): EncType | undefined {
  return stanza.encs.length === 1 ? stanza.encs[0] : undefined
}

/** A message whose stanza is not known any more: its device is lost, so the user's first one stands for it. */
function unseen(id: string, jids: readonly unknown[]): Stanza {
  const sender = jids.find((jid): jid is string => typeof jid === 'string' && jid !== '') ?? ''
  return { id, sender, peer: false, encs: [], receivedAt: 0, decrypted: false }
}

function remember<V>(map: Map<string, V>, key: string, value: V): V {
  map.set(key, value)
  if (map.size > maxFailures) {
    for (const oldest of map.keys()) {
      map.delete(oldest)
      break
    }
  }
  return value
}
