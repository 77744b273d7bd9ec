import type { BinaryNode, proto } from '../../baileys/baileys-types.ts'
import type { Account, Device } from './account.ts'
import type { KeyBundle } from './bundle.ts'
import { faults } from './fault.ts'
import type { Group } from './group.ts'
import { Inbox } from './inbox.ts'
import type { Linking } from './linking.ts'
import { decodeMessage, type SignalPeer, sealedIn, textOf } from './peer.ts'
import type { Correspondent, Incoming, ServerState } from './server-state.ts'
import { content } from './stanza.ts'

const ASKED_WITHIN_MS = 5_000

/** Where a linked device can be written to. */
export interface LinkedDevice {
  /** Its address by phone number. */
  jid: string
  /** Its other address. */
  lid: string
  /** Its number; the phone itself is 0 and not among them. */
  device: number
}

/** The part of a supervised line, as `createLifeline` makes it, that a phone needs to link it. */
export interface LinkableLine<S> {
  /** As `Lifeline.status`. */
  readonly status: { readonly state: string }
  /** As `Lifeline.socket`. */
  readonly socket: S | undefined
  /** As `Lifeline.on`. */
  on(event: 'qr', listener: (qr: { readonly code: string }) => void): () => void
  on(event: 'status', listener: () => void): () => void
  /** As `Lifeline.start`. */
  start(): Promise<void>
}

/** The owner's phone: it links devices, unlinks them, and gets a copy of what they send. */
export class Phone implements Correspondent {
  /** Its phone number, digits only. */
  readonly number: string
  /** The account's address by phone number. */
  readonly jid: string
  /** The account's other address. */
  readonly lid: string
  /** The texts that linked devices have sent, as their copies told. */
  readonly copies: readonly string[]
  /** @internal */
  readonly peer: SignalPeer
  readonly #state: ServerState
  readonly #account: Account
  readonly #inbox = new Inbox()
  readonly #seen = new Set<string>()

  constructor(state: ServerState, number: string) {
    this.#state = state
    this.#account = state.account(number)
    this.number = number
    this.jid = this.#account.jid
    this.lid = this.#account.lid
    this.peer = this.#account.phone
    this.copies = this.#inbox.texts
    state.introduce(this)
  }

  /**
   * Scans a code, of either version of Baileys, and resolves when the client has been linked and told to restart.
   * Rejects with a plain Error if nobody shows that code any more.
   */
  async scan(code: string): Promise<LinkedDevice> {
    const [ref = '', , , advSecret = ''] = code.slice(code.indexOf('#') + 1).split(',')
    const linking = this.#find(
      (one) => one.offers(ref),
      'No connected client shows this code: it has expired, or was used.',
    )
    return linked(await linking.complete(this.#account, Buffer.from(advSecret, 'base64')))
  }

  /**
   * Starts the line, scans the codes that it shows, and resolves with its socket once it is healthy. A line whose
   * folder is linked already shows none and is only waited for. Rejects if the line does not start.
   */
  async link<S>(line: LinkableLine<S>): Promise<S> {
    const offs: (() => void)[] = []
    try {
      const healthy = new Promise<S>((resolve) => {
        const look = () => {
          if (line.status.state === 'healthy' && line.socket) resolve(line.socket)
        }
        // A code that has just been rotated cannot be scanned any more; the next one can.
        offs.push(
          line.on('status', look),
          line.on('qr', ({ code }) => void this.scan(code).catch(() => undefined)),
        )
      })
      await line.start()
      return await healthy
    } finally {
      for (const off of offs) off()
    }
  }

  /**
   * Types in the eight characters that `requestPairingCode` gave; otherwise as `scan`. Baileys hands the code out
   * before the server has heard of it, so the phone gives the client's request 5 s to arrive.
   */
  async enterPairingCode(code: string): Promise<LinkedDevice> {
    await this.#state.arrival(() => [...this.#state.linkings].some((one) => one.waitsFor(this.jid)), ASKED_WITHIN_MS)
    const linking = this.#find(
      (one) => one.waitsFor(this.jid),
      `No connected client asked for a code for ${this.number}.`,
    )
    const plain = code.replace(/[^0-9a-z]/gi, '').toUpperCase()
    return linked(await linking.complete(this.#account, await linking.agreeOnSecret(this.#account, plain)))
  }

  /** Unlinks one device, or all of them: live ones hear it at once, the others at their next login. */
  unlink(device?: number): void {
    for (const one of [...this.#account.devices.values()]) {
      if (device !== undefined && one.id !== device) continue
      this.#account.devices.delete(one.id)
      this.#state.journal.add('unlinked', { account: this.number, device: one.id })
      one.connection?.suffer(faults.deviceRemoved)
    }
  }

  /** The devices that are linked to it at the moment. */
  devices(): LinkedDevice[] {
    return [...this.#account.devices.values()].map(linked)
  }

  /** @internal */
  get deviceIds(): readonly number[] {
    return [0, ...this.#account.devices.keys()]
  }

  /** @internal */
  bundle(device: number): KeyBundle | undefined {
    return device === 0 ? this.peer.bundle() : this.#account.devices.get(device)?.takeBundle()
  }

  /**
   * Whether it could read the copy. One that could not is lost: a phone says so on the screen, not on the wire.
   * @internal
   */
  async receive(from: Device, { id, encs, group }: Incoming): Promise<boolean> {
    try {
      const message: proto.IMessage = {}
      for (const enc of encs) Object.assign(message, decodeMessage(await this.#open(from, enc, group)))
      const text = textOf(message)
      if (text !== undefined && !this.#seen.has(id)) this.#inbox.add(text)
      this.#seen.add(id)
      return true
    } catch {
      return false
    }
  }

  /** @internal */
  async retry(): Promise<void> {
    // Phones answer these too, but this one sends its devices nothing that they could fail to read.
  }

  async #open(from: Device, enc: BinaryNode, group: Group | undefined): Promise<Buffer> {
    const sealed = sealedIn(enc)
    if (!sealed) return this.peer.senderKeys.decrypt(group?.jid ?? '', from.jid, content(enc))
    const plain = await this.peer.decrypt(from.address, sealed)
    const key = decodeMessage(plain).senderKeyDistributionMessage
    if (group && key?.axolotlSenderKeyDistributionMessage)
      await this.peer.senderKeys.learn(group.jid, from.jid, key.axolotlSenderKeyDistributionMessage)
    return plain
  }

  #find(wanted: (linking: Linking) => boolean, otherwise: string): Linking {
    for (const linking of this.#state.linkings) if (wanted(linking)) return linking
    throw new Error(otherwise)
  }
}

function linked({ jid, lid, id }: Device): LinkedDevice {
  return { jid, lid, device: id }
}
