import type { BinaryNode } from './baileys-types.ts'
import type { EncType } from './decrypt-reason.ts'
import { parseJid } from './signal-address.ts'

type Attrs = Readonly<Record<string, string | undefined>>

/**
 * What only the raw `<message>` stanza knows: Baileys strips the device from the keys it hands out. Looked up when it
 * is asked for, since hardly any is.
 */
export class Stanza {
  readonly id: string
  /** Jid of the device that sent it. */
  readonly sender: string
  readonly encs: readonly EncType[]
  /** The turn of libsignal's lines at arrival. */
  readonly turn: number
  /** Set when it was read after all. */
  decrypted = false
  readonly #attrs: Attrs

  constructor(id: string, sender: string, attrs: Attrs, encs: readonly EncType[], turn: number) {
    this.id = id
    this.sender = sender
    this.encs = encs
    this.turn = turn
    this.#attrs = attrs
  }

  /** The same user under the other kind of jid, LID or phone number, without a device. */
  get alt(): string | undefined {
    const { participant_lid, sender_lid, peer_recipient_lid, participant_pn, sender_pn } = this.#attrs
    return participant_lid ?? sender_lid ?? peer_recipient_lid ?? participant_pn ?? sender_pn
  }

  get group(): string | undefined {
    const { from } = this.#attrs
    return from?.endsWith('@g.us') ? from : undefined
  }

  /** What a retry receipt is made of; the ciphertext is not kept. Undefined if the stanza was not seen. */
  get envelope(): BinaryNode | undefined {
    const { from } = this.#attrs
    return from === undefined ? undefined : { tag: 'message', attrs: { ...this.#attrs } as BinaryNode['attrs'] }
  }

  /** From the account's own phone: `category="peer"`. */
  get peer(): boolean {
    return this.#attrs.category === 'peer'
  }
}

/** Enough for an offline backlog that is queued before it is decrypted; about 200 bytes each. */
const maxStanzas = 8_192

/** A stanza as Baileys' transport tells it; what a server puts into it is anybody's guess. */
interface Node {
  readonly attrs?: Attrs
  readonly content?: unknown
}

/** Remembers inbound stanzas by id from arrival to `messages.upsert`; the oldest go first when it is full. */
export class StanzaLog {
  readonly #stanzas = new Map<string, Stanza>()
  /** The newest of each sender. */
  readonly #newest = new Map<string, Stanza>()

  add(node: Node, turn: number): void {
    const attrs = node.attrs
    const id = attrs?.id
    const from = attrs?.from
    if (attrs === undefined || id === undefined || from === undefined) return
    this.#stanzas.delete(id)
    const stanza = new Stanza(id, attrs.participant ?? from, attrs, encsOf(node.content), turn)
    this.#stanzas.set(id, stanza)
    this.#newest.set(stanza.sender, stanza)
    if (this.#stanzas.size > maxStanzas) this.#forgetOldest()
  }

  /**
   * The stanza of that id, if it may be from one of these users: another sender's message may carry the same id.
   * Without any jid to compare, the id decides.
   */
  find(id: string, jid?: string, other?: string): Stanza | undefined {
    const stanza = this.#stanzas.get(id)
    if (stanza === undefined || (!jid && !other)) return stanza
    return isOf(stanza, jid) || isOf(stanza, other) ? stanza : undefined
  }

  /** The newest message of that device that is still to be read. */
  newestOf(sender: string): Stanza | undefined {
    return this.#newest.get(sender)
  }

  forget(stanza: Stanza): void {
    if (this.#stanzas.get(stanza.id) === stanza) this.#stanzas.delete(stanza.id)
    if (this.#newest.get(stanza.sender) === stanza) this.#newest.delete(stanza.sender)
  }

  #forgetOldest(): void {
    for (const stanza of this.#stanzas.values()) {
      this.forget(stanza)
      return
    }
  }
}

function isOf(stanza: Stanza, jid: string | undefined): boolean {
  if (!jid) return false
  if (jid === stanza.sender) return true
  return isSameUser(jid, stanza.sender) || isSameUser(jid, stanza.alt) || isSameUser(jid, stanza.group)
}

function isSameUser(one: string, other: string | undefined): boolean {
  if (other === undefined) return false
  return parseJid(one)?.user === parseJid(other)?.user
}

function encsOf(content: unknown): EncType[] {
  const encs: EncType[] = []
  if (!Array.isArray(content)) return encs
  for (const child of content as readonly ({ tag?: unknown } & Node)[]) {
    const type = child.tag === 'enc' ? child.attrs?.type : undefined
    if (type === 'msg' || type === 'pkmsg' || type === 'skmsg') encs.push(type)
  }
  return encs
}
