import type { EncType } from './decrypt-reason.ts'
import { parseJid } from './signal-address.ts'

/** What only the raw `<message>` stanza knows: Baileys strips the device from the keys it hands out. */
export interface Stanza {
  readonly id: string
  /** Jid of the device that sent it. */
  readonly sender: string
  /** The same user under the other kind of jid, LID or phone number, without a device. */
  readonly alt?: string
  readonly group?: string
  /** From the account's own phone: `category="peer"`. */
  readonly peer: boolean
  readonly encs: readonly EncType[]
  /** `performance.now()` at arrival. */
  readonly receivedAt: number
  /** Set when it was read after all. */
  decrypted: boolean
}

/** Enough for an offline backlog that is queued before it is decrypted; about 200 bytes each. */
const maxStanzas = 8_192

/** A stanza as Baileys' transport tells it; what a server puts into it is anybody's guess. */
interface Node {
  readonly attrs?: Readonly<Record<string, string | undefined>>
  readonly content?: unknown
}

/** Remembers inbound stanzas by id from arrival to `messages.upsert`; the oldest go first when it is full. */
export class StanzaLog {
  readonly #stanzas = new Map<string, Stanza>()

  add(node: Node): void {
    const attrs = node.attrs
    const id = attrs?.id
    const from = attrs?.from
    if (attrs === undefined || id === undefined || from === undefined) return
    const alt =
      attrs.participant_lid ?? attrs.sender_lid ?? attrs.peer_recipient_lid ?? attrs.participant_pn ?? attrs.sender_pn
    this.#stanzas.delete(id)
    this.#stanzas.set(id, {
      id,
      sender: attrs.participant ?? from,
      ...(alt === undefined ? undefined : { alt }),
      ...(from.endsWith('@g.us') ? { group: from } : undefined),
      peer: attrs.category === 'peer',
      encs: encsOf(node.content),
      receivedAt: performance.now(),
      decrypted: false,
    })
    if (this.#stanzas.size > maxStanzas) this.#forgetOldest()
  }

  /**
   * The stanza of that id, if it may be from one of these users: another sender's message may carry the same id. Without any
   * jid to compare, the id decides.
   */
  find(id: string, ...jids: readonly (string | undefined)[]): Stanza | undefined {
    const stanza = this.#stanzas.get(id)
    if (stanza === undefined) return undefined
    let compared = false
    for (const jid of jids) {
      if (jid === undefined || jid === '') continue
      compared = true
      if (isSameUser(jid, stanza.sender) || isSameUser(jid, stanza.alt) || isSameUser(jid, stanza.group)) return stanza
    }
    return compared ? undefined : stanza
  }

  forget(stanza: Stanza): void {
    if (this.#stanzas.get(stanza.id) === stanza) this.#stanzas.delete(stanza.id)
  }

  #forgetOldest(): void {
    for (const id of this.#stanzas.keys()) {
      this.#stanzas.delete(id)
      return
    }
  }
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
