import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { Account, Device } from './account.ts'
import type { KeyBundle } from './bundle.ts'
import { ContactDevice, type ReadText, type SendOptions } from './contact-device.ts'
import type { Delivery } from './delivery.ts'
import { deviceNotice } from './device-notice.ts'
import { Group } from './group.ts'
import type { SignalPeer } from './peer.ts'
import type { Correspondent, Incoming, ServerState } from './server-state.ts'
import { parseJid, SERVER_JID } from './stanza.ts'

export type { SendOptions } from './contact-device.ts'

/** What kind of contact somebody is. */
export interface ContactOptions {
  /** Whether it sends a message again when the client asks for it. Default true. */
  resends?: boolean
  /** The phone number. Default: the next free one of 49151…. */
  number?: string
  /** The user part of its LID, or false for one that has none. Default: drawn from the seed. */
  lid?: string | false
  /** Under which of its addresses its messages come. Default `pn`: the phone number, with the LID beside it. */
  addressing?: 'pn' | 'lid'
  /** How many devices it has: a phone, and companions that are linked to it. Default 1. */
  devices?: number
  /**
   * From the how manieth time on it puts its keys in, when it asks for a message again that it could not read. Default
   * 2, as clients do; 1 is one that always does, and `Infinity` one that never does.
   */
  asksWithKeys?: number
}

/** Names an account: its number, or anything that has one. */
export type AccountName =
  /** The number itself. */
  | string
  /** Anything that has one. */
  | { readonly number: string }

/**
 * Somebody who writes to accounts and reads what they write, with Signal stores of their own in memory, one for each
 * device.
 */
export class Contact implements Correspondent {
  /** The name by which the test calls it. */
  readonly name: string
  /** Its phone number, digits only. */
  readonly number: string
  /** Its address by phone number, `…@s.whatsapp.net`. */
  readonly jid: string
  /** Its other address, `…@lid`; undefined if it has none. */
  readonly lid: string | undefined
  /** Whether it answers retry receipts; may be changed at any time. */
  resends: boolean
  /** See the option of that name; may be changed at any time. */
  asksWithKeys: number
  /**
   * Whether the server has keys of it to give away, as it has unless it lost them; may be changed at any time. Without
   * keys nobody can begin a session with it.
   */
  hasKeys = true
  /** Under which of its addresses its messages come; may be changed at any time. */
  addressing: 'pn' | 'lid'
  readonly #state: ServerState
  readonly #phone: ContactDevice
  readonly #devices: ContactDevice[]
  #nextDevice = 1
  /** The accounts that have to do with it. */
  readonly #known = new Set<Account>()

  constructor(state: ServerState, name: string, number: string, options: ContactOptions) {
    this.#state = state
    this.name = name
    this.number = number
    this.jid = `${number}@${SERVER_JID}`
    this.lid = options.lid === false ? undefined : `${options.lid ?? state.lidUser()}@lid`
    this.resends = options.resends ?? true
    this.asksWithKeys = options.asksWithKeys ?? 2
    this.addressing = options.addressing ?? 'pn'
    this.#phone = new ContactDevice(state, this, 0)
    this.#devices = [this.#phone]
    for (let more = 1; more < (options.devices ?? 1); more += 1) this.#add()
    state.introduce(this)
  }

  /** The address that its messages come from, and to which it is answered. */
  get from(): string {
    return (this.addressing === 'lid' ? this.lid : undefined) ?? this.jid
  }

  /** The other one, as its messages tell it. @internal */
  get about(): { readonly sender_pn: string } | { readonly sender_lid: string | undefined } {
    return this.from === this.jid ? { sender_lid: this.lid } : { sender_pn: this.jid }
  }

  /** Its devices, the phone first. `contact` itself writes and reads with the phone. */
  get devices(): readonly ContactDevice[] {
    return this.#devices
  }

  /** The texts that its phone could decrypt, oldest first. */
  get received(): readonly string[] {
    return this.#phone.received
  }

  /** The same, with where they came from. */
  get read(): readonly ReadText[] {
    return this.#phone.read
  }

  /** @internal */
  get peer(): SignalPeer {
    return this.#phone.peer
  }

  /** @internal */
  get deviceIds(): readonly number[] {
    return this.#devices.map(({ id }) => id)
  }

  /** Resolves with the next text that its phone decrypts; texts of the past do not count. */
  nextReceived(): Promise<string> {
    return this.#phone.nextReceived()
  }

  /**
   * Writes to every linked device of the account, or of every account that is in the group. Resolves when the message
   * has been sent, or has been put in the backlog of an account that is not connected. Its first message to a device
   * begins a session with the keys that the device uploaded; in a group that message brings the key for those that
   * follow.
   */
  send(to: AccountName | Group, text: string, options: SendOptions = {}): Promise<Delivery> {
    return this.sendFrom(0, to, text, options)
  }

  /** The same from another of its devices; rejects with a plain Error if it has no such device. */
  async sendFrom(device: number, to: AccountName | Group, text: string, options: SendOptions = {}): Promise<Delivery> {
    const writer = this.#devices.find(({ id }) => id === device)
    if (!writer) throw new Error(`${this.name} has no device ${device}.`)
    const group = to instanceof Group ? to : undefined
    const accounts = group ? this.#accountsIn(group) : [this.#account(to as AccountName)]
    const delivery = this.#state.deliveries.open(
      this.#state.random.id(),
      this.jid,
      group?.jid ?? accounts[0]?.jid ?? '',
    )
    for (const account of accounts) this.#known.add(account)
    const devices = accounts.flatMap((account) => [...account.devices.values()])
    await writer.write(devices, delivery, text, { options, ...(group && { group }) })
    return delivery
  }

  /** Links one more device to its phone; accounts that have to do with it are told by the server. */
  link(): ContactDevice {
    const device = this.#add()
    this.#tell('add', device)
    return device
  }

  /** Unlinks that device; accounts that have to do with it are told by the server. */
  unlink(device: number): void {
    const at = this.#devices.findIndex(({ id }) => id === device && id !== 0)
    const [gone] = at < 0 ? [] : this.#devices.splice(at, 1)
    if (gone) this.#tell('remove', gone)
  }

  /**
   * Loses its sessions with the account, as after a new installation: its next message begins a new one. Of a group:
   * the keys that are used in it.
   */
  forget(what: AccountName | Group): void {
    for (const device of this.#devices) {
      if (what instanceof Group) device.forgetGroup(what)
      else for (const one of this.#account(what).devices.values()) device.forget(one)
    }
  }

  /** From now on it writes in a session that the account never had: Bad MAC, until a retry receipt brings keys. */
  async loseTrack(account: AccountName): Promise<void> {
    for (const one of this.#account(account).devices.values())
      for (const device of this.#devices) await device.loseTrack(one)
  }

  /** @internal */
  async receive(from: Device, message: Incoming): Promise<boolean> {
    this.#known.add(from.account)
    return (await this.#devices.find(({ id }) => id === message.device)?.receive(from, message)) ?? false
  }

  /** @internal */
  async retry(from: Device, receipt: BinaryNode): Promise<void> {
    const { device } = parseJid(receipt.attrs.participant ?? receipt.attrs.to ?? '')
    if (this.resends) await this.#devices.find(({ id }) => id === device)?.retry(from, receipt)
  }

  /** @internal */
  bundle(device: number): KeyBundle | undefined {
    return this.hasKeys ? this.#devices.find(({ id }) => id === device)?.peer.bundle() : undefined
  }

  #add(): ContactDevice {
    const device = new ContactDevice(this.#state, this, this.#nextDevice++)
    this.#devices.push(device)
    return device
  }

  #tell(what: 'add' | 'remove', device: ContactDevice): void {
    for (const account of this.#known)
      for (const one of account.devices.values()) one.push(deviceNotice(what, this, device.id, this.#state.random.id()))
  }

  #accountsIn(group: Group): Account[] {
    const accounts = [...this.#state.accounts.values()].filter(({ jid, devices }) => group.has(jid) && devices.size > 0)
    if (!group.has(this.jid)) throw new Error(`${this.name} is not in ${group.name}.`)
    return accounts
  }

  #account(name: AccountName): Account {
    const number = typeof name === 'string' ? name : name.number
    const account = this.#state.accounts.get(number)
    if (!account || account.devices.size === 0) {
      throw new Error(`${this.name} cannot write to ${number}: no device is linked. Let the phone scan a code first.`)
    }
    return account
  }
}
