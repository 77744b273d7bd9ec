import type { EncType } from './decrypt-reason.ts'
import { list, read } from './error-chain.ts'
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
const altAttributes = ['participant_lid', 'sender_lid', 'peer_recipient_lid', 'participant_pn', 'sender_pn']

/** Remembers inbound stanzas by id from arrival to `messages.upsert`; the oldest go first when it is full. */
export class StanzaLog {
  readonly #stanzas = new Map<string, Stanza>()

  add(node: unknown): void {
    const attrs = read(node, 'attrs')
    const id = read(attrs, 'id')
    const from = read(attrs, 'from')
    if (typeof id !== 'string' || typeof from !== 'string') return
    const participant = read(attrs, 'participant')
    const alt = altAttributes.map((name) => read(attrs, name)).find((value) => typeof value === 'string')
    this.#stanzas.delete(id)
    this.#stanzas.set(id, {
      id,
      sender: typeof participant === 'string' ? participant : from,
      ...(typeof alt === 'string' ? { alt } : {}),
      ...(from.endsWith('@g.us') ? { group: from } : {}),
      peer: read(attrs, 'category') === 'peer',
      encs: encsOf(node),
      receivedAt: performance.now(),
      decrypted: false,
    })
    if (this.#stanzas.size > maxStanzas) this.#forgetOldest()
  }

  /**
   * The stanza of that id, if it may be from one of these users: another sender's message may carry the same id. Without any
   * jid to compare, the id decides.
   */
  find(id: string, jids: readonly unknown[]): Stanza | undefined {
    const stanza = this.#stanzas.get(id)
    if (stanza === undefined) return undefined
    const users: readonly unknown[] = jids.map(userOf).filter((user) => user !== undefined)
    return users.length === 0 ||
      [stanza.sender, stanza.alt, stanza.group].map(userOf).some((user) => users.includes(user))
      ? stanza
      : undefined
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

function userOf(jid: unknown) {
  return typeof jid === 'string' ? parseJid(jid)?.user : undefined
}

function encsOf(node: unknown): EncType[] {
  return list(read(node, 'content'))
    .filter((child) => read(child, 'tag') === 'enc')
    .map((child) => read(read(child, 'attrs'), 'type'))
    .filter((type): type is EncType => type === 'msg' || type === 'pkmsg' || type === 'skmsg')
}
