import type { BinaryNode } from '../../baileys/baileys-types.ts'
import { node, parseJid, seconds } from './stanza.ts'

/** Options of a group. */
export interface GroupOptions {
  /**
   * Whether members are named by phone number (`pn`, the default) or by LID, in its metadata and in its messages. Who
   * has no LID is named by number.
   */
  addressing?: 'pn' | 'lid'
}

/** A chat of several: contacts, and accounts by their phones. */
export class Group {
  /** The name by which the test calls it. */
  readonly name: string
  /** Its address, `…@g.us`. */
  readonly jid: string
  /** By which of their addresses its members are known in it. */
  readonly addressing: 'pn' | 'lid'
  readonly #members: GroupMember[]
  readonly #tell: (group: Group, notice: BinaryNode) => void
  readonly #createdAt = seconds()

  /** @internal Use `server.group`; `tell` tells the accounts in it. */
  constructor(
    name: string,
    jid: string,
    members: readonly GroupMember[],
    { addressing = 'pn' }: GroupOptions,
    tell: (group: Group, notice: BinaryNode) => void = () => undefined,
  ) {
    this.name = name
    this.jid = jid
    this.#members = [...members]
    this.addressing = addressing
    this.#tell = tell
  }

  /** Who is in it. */
  get members(): readonly GroupMember[] {
    return this.#members
  }

  /** The first member takes somebody in; the accounts in it are told by the server. */
  add(member: GroupMember): void {
    this.#members.push(member)
    this.#moved('add', member)
  }

  /** The first member shows somebody out; the accounts that stay are told by the server. */
  remove(member: GroupMember): void {
    const at = this.#members.indexOf(member)
    if (at < 0) return
    this.#members.splice(at, 1)
    this.#moved('remove', member)
  }

  /** Whether somebody with this address, by phone number or LID, is in it. */
  has(jid: string): boolean {
    const { user, server } = parseJid(jid)
    return this.members.some((member) => [member.jid, member.lid].includes(`${user}@${server}`))
  }

  /** Under which address a member's device writes and is written to here. @internal */
  addressOf(member: GroupMember, device: number): string {
    return withDevice(this.#named(member), device)
  }

  /** What a message of that member says beside its address: the other one. @internal */
  about(member: GroupMember): Record<string, string | undefined> {
    const named = this.#named(member)
    const other = named === member.lid ? { participant_pn: member.jid } : { participant_lid: member.lid }
    return { addressing_mode: this.addressing, ...other }
  }

  /** What the server tells of it. @internal */
  get node(): BinaryNode {
    const [first] = this.members
    const t = this.#createdAt
    const { user: id } = parseJid(this.jid)
    const creator = first && this.#named(first)
    const about = {
      id,
      subject: this.name,
      s_t: t,
      s_o: creator,
      creation: t,
      creator,
      addressing_mode: this.addressing,
    }
    return node(
      'group',
      { ...about, size: String(this.members.length) },
      this.members.map((member) => this.#participant(member, member === first)),
    )
  }

  #moved(what: 'add' | 'remove', member: GroupMember): void {
    const [by] = this.#members
    const participant = by && this.#named(by)
    const attrs = { from: this.jid, type: 'w:gp2', participant, addressing_mode: this.addressing, t: seconds() }
    this.#tell(this, node('notification', attrs, [node(what, {}, [this.#participant(member, false)])]))
  }

  #participant(member: GroupMember, admin: boolean): BinaryNode {
    const jid = this.#named(member)
    const other = jid === member.lid ? { phone_number: member.jid } : { lid: member.lid }
    return node('participant', { jid, ...other, type: admin ? 'superadmin' : undefined })
  }

  #named(member: GroupMember): string {
    return (this.addressing === 'lid' ? member.lid : undefined) ?? member.jid
  }
}

/** Whoever can be in a group: a contact, or the phone of an account. */
export interface GroupMember {
  /** The address by phone number. */
  readonly jid: string
  /** The other address; undefined for a member that has none. */
  readonly lid: string | undefined
}

/** The address of one device of whoever has that address. */
export function withDevice(jid: string, device: number): string {
  const { user, server } = parseJid(jid)
  return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`
}
