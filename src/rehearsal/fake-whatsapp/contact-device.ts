import type { BinaryNode, proto } from '../../baileys/baileys-types.ts'
import type { Device } from './account.ts'
import { bundleInRetry, bundleNodes } from './bundle.ts'
import type { Delivery } from './delivery.ts'
import { foreignSession } from './foreign-session.ts'
import { type Group, type GroupMember, withDevice } from './group.ts'
import { Inbox } from './inbox.ts'
import { breakMac, decodeMessage, encNode, encodeMessage, SignalPeer, sealedIn, textOf } from './peer.ts'
import type { Incoming, ServerState } from './server-state.ts'
import { bigEndian, child, content, node, seconds } from './stanza.ts'

/** Clients stop after this many attempts at one message. */
const MOST_RETRIES = 5

/** What is wrong with a message that a contact sends. */
export interface SendOptions {
  /** `mac`: the client's session is right, the message is not. Only the first copy is damaged. */
  damage?: 'mac'
  /** Sends no `<enc>` at all. */
  empty?: boolean
}

/** A text that a device of a contact could decrypt. */
export interface ReadText {
  /** Id of the message. */
  readonly id: string
  /** What it said. */
  readonly text: string
  /** Where it was written: the number of the account, or the address of a group. */
  readonly chat: string
}

interface Written {
  readonly id: string
  readonly text: string
  readonly t: string
  readonly group?: Group
}

/** What a device says of the contact that it belongs to. */
export interface DeviceOwner extends GroupMember {
  readonly name: string
  /** The address that its messages come from. */
  readonly from: string
  /** The other one, as its messages tell it. */
  readonly about: Readonly<Record<string, string | undefined>>
  /** From the how manieth time on it puts its keys in, when it asks for a message again. */
  readonly asksWithKeys: number
}

/**
 * One device of a contact: its phone, or a companion device that is linked to it. Each has an identity, sessions and
 * keys for groups of its own, is written to with copies of its own, and asks again by itself.
 */
export class ContactDevice {
  /** 0 is the phone. */
  readonly id: number
  /** The texts that it could decrypt, each once, oldest first. */
  readonly received: readonly string[]
  /** The same, with where they came from. */
  readonly read: readonly ReadText[]
  /** @internal */
  readonly peer = new SignalPeer()
  readonly #state: ServerState
  readonly #contact: DeviceOwner
  readonly #inbox = new Inbox()
  readonly #read: ReadText[] = []
  readonly #seen = new Set<string>()
  readonly #written = new Map<string, Written>()
  readonly #asked = new Map<string, number>()
  /** Which devices have the key with which it writes in a group. */
  readonly #distributed = new Set<string>()
  /** What it writes leaves one after the other: two that begin a session at once would each begin one. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(state: ServerState, contact: DeviceOwner, id: number) {
    this.#state = state
    this.#contact = contact
    this.id = id
    this.received = this.#inbox.texts
    this.read = this.#read
  }

  /** Its address by phone number. */
  get jid(): string {
    return withDevice(this.#contact.jid, this.id)
  }

  /** Resolves with the next text that it decrypts; texts of the past do not count. */
  nextReceived(): Promise<string> {
    return this.#inbox.next()
  }

  /** @internal */
  write(devices: readonly Device[], { id }: Delivery, text: string, { group, options }: Where): Promise<void> {
    const written = { id, text, t: seconds(), ...(group && { group }) }
    this.#written.set(id, written)
    return this.#inTurn(async () => {
      if (group) return this.#writeInGroup(devices, written, group, options)
      for (const device of devices) {
        const encs = options.empty ? [] : [await this.#sealed(device, id, { conversation: text }, {}, options)]
        this.#push(device, written, encs)
      }
    })
  }

  /** @internal */
  forget(device: Device): void {
    this.peer.forget(device.address)
  }

  /** @internal */
  forgetGroup({ jid }: Group): void {
    this.peer.senderKeys.forget(jid)
    for (const name of this.#distributed) if (name.startsWith(`${jid} `)) this.#distributed.delete(name)
  }

  /** @internal */
  async loseTrack(device: Device): Promise<void> {
    this.peer.replaceSession(device.address, await foreignSession())
  }

  /** Whether it could read the message. @internal */
  async receive(from: Device, { id, encs, group }: Incoming): Promise<boolean> {
    const sealed = encs.filter(({ attrs: { type = '' } }) => between.has(type) || (group && type === 'skmsg'))
    if (sealed.length === 0) return false
    let message: proto.IMessage
    try {
      message = await this.#open(from, sealed, group)
    } catch {
      // A copy more of what was read before says nothing new.
      if (!this.#seen.has(id)) this.#askAgain(from, id, group)
      return false
    }
    from.push(node('receipt', { ...this.#address(group), id, t: seconds() }))
    this.#asked.delete(id)
    const text = textOf(message)
    if (text !== undefined && !this.#seen.has(id)) {
      this.#read.push({ id, text, chat: group?.jid ?? from.account.number })
      this.#inbox.add(text)
    }
    this.#seen.add(id)
    return true
  }

  /** The client could not read a message of this device. @internal */
  async retry(from: Device, receipt: BinaryNode): Promise<void> {
    const count = child(receipt, 'retry')?.attrs.count ?? '1'
    const written = this.#written.get(String(receipt.attrs.id))
    if (!written) return
    const { id, text, group } = written
    await this.#inTurn(async () => {
      const bundle = bundleInRetry(receipt)
      if (bundle) await this.peer.establish(from.address, bundle)
      const key = group && { senderKeyDistributionMessage: await this.#distribution(group) }
      this.#push(from, written, [await this.#sealed(from, id, { conversation: text, ...key }, { count }, {})])
    })
  }

  /** A group's message is sealed once, for all; who has not had the key yet gets it beside the message. */
  async #writeInGroup(devices: readonly Device[], written: Written, group: Group, options: SendOptions): Promise<void> {
    const { id, text } = written
    const plain = encodeMessage({ conversation: text }, this.#state.random)
    const own = group.addressOf(this.#contact, this.id)
    const { body, distribution } = await this.peer.senderKeys.encrypt(group.jid, own, plain)
    for (const device of devices) {
      const encs = options.empty ? [] : [node('enc', { v: '2', type: 'skmsg' }, damaged(body, options))]
      const name = `${group.jid} ${device.address}`
      if (!options.empty && !this.#distributed.has(name)) {
        this.#distributed.add(name)
        const key = { senderKeyDistributionMessage: keyOf(group, distribution) }
        encs.unshift(await this.#sealed(device, id, key, {}, {}))
      }
      this.#push(device, written, encs)
    }
  }

  #push(device: Device, { id, t, group }: Written, encs: BinaryNode[]): void {
    const about = group ? group.about(this.#contact) : this.#contact.about
    const attrs = { ...this.#address(group), ...about, id, t, type: 'text', notify: this.#contact.name }
    device.push(node('message', attrs, encs))
  }

  async #sealed(
    device: Device,
    id: string,
    message: proto.IMessage,
    attrs: Record<string, string>,
    { damage }: SendOptions,
  ): Promise<BinaryNode> {
    if (!this.peer.has(device.address)) await this.peer.establish(device.address, device.takeBundle())
    const sealed = await this.peer.encrypt(device.address, encodeMessage(message, this.#state.random))
    this.#state.deliveries.get(id)?.types.push(sealed.type)
    return encNode(damage === 'mac' ? breakMac(sealed) : sealed, attrs)
  }

  /** The key for a group as it is now, for one who missed it; what is sealed for that goes nowhere. */
  async #distribution(group: Group): Promise<proto.Message.ISenderKeyDistributionMessage> {
    const own = group.addressOf(this.#contact, this.id)
    return keyOf(group, (await this.peer.senderKeys.encrypt(group.jid, own, Buffer.alloc(1))).distribution)
  }

  async #open(from: Device, encs: readonly BinaryNode[], group: Group | undefined): Promise<proto.IMessage> {
    const message: proto.IMessage = {}
    for (const enc of encs) {
      const sealed = sealedIn(enc)
      const plain = sealed ? await this.peer.decrypt(from.address, sealed) : await this.#openGroup(from, enc, group)
      const part = decodeMessage(plain)
      Object.assign(message, part)
      const key = part.senderKeyDistributionMessage
      if (group && key?.groupId === group.jid && key.axolotlSenderKeyDistributionMessage)
        await this.peer.senderKeys.learn(group.jid, from.jid, key.axolotlSenderKeyDistributionMessage)
    }
    return message
  }

  #openGroup(from: Device, enc: BinaryNode, group: Group | undefined): Promise<Buffer> {
    if (!group || enc.attrs.type !== 'skmsg') throw new Error(`Nobody can open ${enc.attrs.type}.`)
    return this.peer.senderKeys.decrypt(group.jid, from.jid, content(enc))
  }

  #askAgain(from: Device, id: string, group: Group | undefined): void {
    const count = (this.#asked.get(id) ?? 0) + 1
    if (count > MOST_RETRIES) return
    this.#asked.set(id, count)
    const withKeys = count >= this.#contact.asksWithKeys
    const t = seconds()
    const bundle = this.peer.bundle()
    this.#state.sent.asked(id, this.jid, count, withKeys)
    const about = { account: from.account.number, device: from.id, detail: id, contact: this.jid }
    this.#state.journal.add('retry-to-client', about)
    from.push(
      node('receipt', { ...this.#address(group), id, t, type: 'retry' }, [
        node('retry', { count: String(count), id, t, v: '1' }),
        node('registration', {}, bigEndian(bundle.registrationId, 4)),
        ...(withKeys ? [node('keys', {}, bundleNodes(bundle))] : []),
      ]),
    )
  }

  /** Where a stanza of its own comes from. */
  #address(group: Group | undefined): Record<string, string> {
    if (!group) return { from: withDevice(this.#contact.from, this.id) }
    return { from: group.jid, participant: group.addressOf(this.#contact, this.id) }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

/** Kinds of ciphertext that are between two devices. */
const between: ReadonlySet<string> = new Set(['pkmsg', 'msg'])

interface Where {
  readonly group?: Group
  readonly options: SendOptions
}

const keyOf = ({ jid }: Group, distribution: Uint8Array): proto.Message.ISenderKeyDistributionMessage => ({
  groupId: jid,
  axolotlSenderKeyDistributionMessage: distribution,
})

/** The signature at its end does not fit any more. */
function damaged(body: Buffer, { damage }: SendOptions): Buffer {
  if (damage !== 'mac') return body
  const broken = Buffer.from(body)
  broken.writeUInt8(broken.readUInt8(broken.length - 1) ^ 0xff, broken.length - 1)
  return broken
}
