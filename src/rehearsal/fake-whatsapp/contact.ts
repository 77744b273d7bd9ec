import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Account, Device } from './account.ts'
import { bundleInRetry, bundleNodes } from './bundle.ts'
import type { Delivery } from './delivery.ts'
import { foreignSession } from './foreign-session.ts'
import { Inbox } from './inbox.ts'
import { breakMac, decodeMessage, encNode, encodeText, type Sealed, SignalPeer, sealedIn, textOf } from './peer.ts'
import { bigEndian, child, node, SERVER_JID, seconds } from './stanza.ts'
import type { Correspondent, World } from './world.ts'

/** Clients stop after this many attempts at one message. */
const MOST_RETRIES = 5

export interface ContactOptions {
  /** Whether it sends a message again when the client asks for it. Default true. */
  resends?: boolean
  /** The phone number. Default: the next free one of 49151…. */
  number?: string
  /** The user part of its LID, or false for one that has none. Default: drawn from the seed. */
  lid?: string | false
  /** Under which of its addresses its messages come. Default `pn`: the phone number, with the LID beside it. */
  addressing?: 'pn' | 'lid'
}

export interface SendOptions {
  /** `mac`: the client's session is right, the message is not. Only the first copy is damaged. */
  damage?: 'mac'
  /** Sends no `<enc>` at all. */
  empty?: boolean
}

interface Message {
  readonly id: string
  readonly text: string
  readonly t: string
}

/** Names an account: its number, or anything that has one. */
export type AccountName = string | { readonly number: string }

/** Somebody who writes to accounts and reads what they write, with a Signal store of their own in memory. */
export class Contact implements Correspondent {
  readonly name: string
  readonly number: string
  readonly jid: string
  readonly lid: string | undefined
  /** The texts that it could decrypt, oldest first. */
  readonly received: readonly string[]
  readonly peer = new SignalPeer()
  /** Whether it answers retry receipts; may be changed at any time. */
  resends: boolean
  readonly #world: World
  /** The address that its messages come from, and the other one beside it. */
  readonly #from: string
  readonly #other: { readonly sender_pn: string } | { readonly sender_lid: string | undefined }
  readonly #inbox = new Inbox()
  readonly #sent = new Map<string, Message>()
  readonly #asked = new Map<string, number>()

  constructor(world: World, name: string, number: string, options: ContactOptions) {
    this.#world = world
    this.name = name
    this.number = number
    this.jid = `${number}@${SERVER_JID}`
    this.lid = options.lid === false ? undefined : `${options.lid ?? world.lidUser()}@lid`
    this.resends = options.resends ?? true
    const lid = options.addressing === 'lid' ? this.lid : undefined
    this.#from = lid ?? this.jid
    this.#other = lid === undefined ? { sender_lid: this.lid } : { sender_pn: this.jid }
    this.received = this.#inbox.texts
    world.introduce(this)
  }

  /** Resolves with the next text that it decrypts; texts of the past do not count. */
  nextReceived(): Promise<string> {
    return this.#inbox.next()
  }

  /**
   * Writes to every linked device of the account. Resolves when the message has been sent, or has been put in the backlog of an
   * account that is not connected. Its first message to a device begins a session with the keys that the device uploaded.
   */
  async send(to: AccountName, text: string, options: SendOptions = {}): Promise<Delivery> {
    const account = this.#account(to)
    const id = this.#world.random.id()
    const delivery = this.#world.deliveries.open(id, this.jid, account.jid)
    const message = { id, text, t: seconds() }
    this.#sent.set(id, message)
    for (const device of account.devices.values()) await this.#sendTo(device, message, {}, options)
    return delivery
  }

  /** Loses its sessions with the account, as after a new installation: its next message begins a new one. */
  forget(account: AccountName): void {
    for (const { address } of this.#account(account).devices.values()) this.peer.forget(address)
  }

  /** From now on it writes in a session that the account never had: Bad MAC, until a retry receipt brings keys. */
  async loseTrack(account: AccountName): Promise<void> {
    for (const { address } of this.#account(account).devices.values()) {
      this.peer.replaceSession(address, await foreignSession())
    }
  }

  /** @internal */
  async receive(from: Device, id: string, enc: BinaryNode): Promise<void> {
    const sealed = sealedIn(enc)
    if (!sealed) return
    try {
      const text = textOf(decodeMessage(await this.peer.decrypt(from.address, sealed)))
      from.push(node('receipt', { from: this.#from, id, t: seconds() }))
      this.#asked.delete(id)
      if (text !== undefined) this.#inbox.add(text)
    } catch {
      this.#askAgain(from, id)
    }
  }

  /** @internal */
  async retry(from: Device, receipt: BinaryNode): Promise<void> {
    const count = child(receipt, 'retry')?.attrs.count ?? '1'
    const message = this.#sent.get(String(receipt.attrs.id))
    if (!this.resends || !message) return
    const bundle = bundleInRetry(receipt)
    if (bundle) await this.peer.establish(from.address, bundle)
    await this.#sendTo(from, message, { count }, {})
  }

  async #sendTo(
    device: Device,
    { id, text, t }: Message,
    attrs: Record<string, string>,
    options: SendOptions,
  ): Promise<void> {
    const inside = options.empty ? [] : [encNode(await this.#seal(device, id, text, options), attrs)]
    device.push(node('message', { from: this.#from, id, t, type: 'text', notify: this.name, ...this.#other }, inside))
  }

  async #seal(device: Device, id: string, text: string, { damage }: SendOptions): Promise<Sealed> {
    if (!this.peer.has(device.address)) await this.peer.establish(device.address, device.takeBundle())
    const sealed = await this.peer.encrypt(device.address, encodeText(text, this.#world.random))
    this.#world.deliveries.get(id)?.types.push(sealed.type)
    return damage === 'mac' ? breakMac(sealed) : sealed
  }

  #askAgain(from: Device, id: string): void {
    const count = (this.#asked.get(id) ?? 0) + 1
    if (count > MOST_RETRIES) return
    this.#asked.set(id, count)
    const t = seconds()
    const bundle = this.peer.bundle()
    from.push(
      node('receipt', { from: this.#from, id, t, type: 'retry' }, [
        node('retry', { count: String(count), id, t, v: '1' }),
        node('registration', {}, bigEndian(bundle.registrationId, 4)),
        ...(count > 1 ? [node('keys', {}, bundleNodes(bundle))] : []),
      ]),
    )
  }

  #account(name: AccountName): Account {
    const number = typeof name === 'string' ? name : name.number
    const account = this.#world.accounts.get(number)
    if (!account || account.devices.size === 0) {
      throw new Error(`${this.name} cannot write to ${number}: no device is linked. Let the phone scan a code first.`)
    }
    return account
  }
}
