import type { BinaryNode } from '../../baileys/baileys-types.ts'
import type { KeyBundle } from './bundle.ts'
import type { Fault } from './fault.ts'
import { SignalPeer } from './peer.ts'
import { SERVER_JID } from './stanza.ts'

/** What a device needs of its live connection. */
export interface DeviceConnection {
  readonly number: number
  readonly deaf: boolean
  send(stanza: BinaryNode): void
  /** Sends what waited for the device, or was just written to it. */
  deliver(stanza: BinaryNode): void
  replace(): void
  /** Says goodbye with that fault, and ends. */
  suffer(fault: Fault): void
}

interface Pending {
  stanza: BinaryNode
  /** Copies for which the client sent a retry receipt; the refusal that follows one says nothing new. */
  retried: number
}

/** One linked device: what it registered with, the keys that it uploaded, and what waits for it. */
export class Device {
  readonly account: Account
  readonly id: number
  readonly noiseKey: Buffer
  readonly preKeys = new Map<number, Buffer>()
  registrationId: number
  identityKey: Buffer
  signedPreKey: KeyBundle['signedPreKey']
  connection: DeviceConnection | undefined
  /** Set once the client has asked to be active; until then everything waits. */
  online = false
  readonly #pending = new Map<string, Pending>()

  constructor(account: Account, id: number, registered: Registration) {
    this.account = account
    this.id = id
    this.noiseKey = registered.noiseKey
    this.registrationId = registered.registrationId
    this.identityKey = registered.identityKey
    this.signedPreKey = registered.signedPreKey
  }

  get jid(): string {
    return `${this.account.number}:${this.id}@${SERVER_JID}`
  }

  get lid(): string {
    return `${this.account.lidUser}:${this.id}@lid`
  }

  /** Where a Signal session with this device is kept. */
  get address(): string {
    return `${this.account.number}.${this.id}`
  }

  get backlog(): BinaryNode[] {
    return [...this.#pending.values()].map(({ stanza }) => stanza)
  }

  /** Sends the stanza, now or when the device is online; it stays until the client has acknowledged it. */
  push(stanza: BinaryNode): 'sent' | 'queued' {
    const name = key(stanza.tag, stanza.attrs.id, stanza.attrs)
    // A contact may send again before the client has said the last word about the copy that it could not read.
    this.#pending.set(name, { stanza, retried: this.#pending.get(name)?.retried ?? 0 })
    if (!this.connection || !this.online || this.connection.deaf) return 'queued'
    this.connection.deliver(stanza)
    return 'sent'
  }

  acknowledged(of: string, id: string | undefined, { refused = false, ...whose }: Acknowledged = {}): void {
    const pending = this.#pending.get(key(of, id, whose))
    if (pending && refused && pending.retried > 0) pending.retried -= 1
    else this.#pending.delete(key(of, id, whose))
  }

  /** A retry receipt takes the message off the list; what is sent again under its id is put there anew. */
  retrying(id: string | undefined): void {
    const pending = this.#pending.get(key('message', id, {}))
    if (pending) pending.retried += 1
  }

  /** The bundle for one who wants to begin a session; takes a one-time pre-key away. */
  takeBundle(): KeyBundle {
    const { registrationId, identityKey, signedPreKey } = this
    const bundle: KeyBundle = { registrationId, identityKey, signedPreKey }
    for (const [keyId, publicKey] of this.preKeys) {
      this.preKeys.delete(keyId)
      return { ...bundle, preKey: { keyId, publicKey } }
    }
    return bundle
  }
}

interface Whose {
  readonly from?: string | undefined
  readonly participant?: string | undefined
}

interface Acknowledged extends Whose {
  readonly refused?: boolean
}

/** Several devices send a receipt for one message; a message has an id of its own. */
function key(of: string, id: string | undefined, { from, participant }: Whose): string {
  return of === 'message' ? `message ${id}` : `${of} ${id} ${from} ${participant}`
}

/** What a client shows of itself when it wants to be paired. */
export interface Registration {
  noiseKey: Buffer
  registrationId: number
  identityKey: Buffer
  signedPreKey: KeyBundle['signedPreKey']
}

/** A WhatsApp account: the owner's phone is device 0, linked devices count from 1 and numbers are never used twice. */
export class Account {
  readonly number: string
  readonly lidUser: string
  readonly phone = new SignalPeer()
  readonly devices = new Map<number, Device>()
  #nextDevice = 1

  constructor(number: string, lidUser: string) {
    this.number = number
    this.lidUser = lidUser
  }

  get jid(): string {
    return `${this.number}@${SERVER_JID}`
  }

  get lid(): string {
    return `${this.lidUser}@lid`
  }

  reserveDevice(): number {
    return this.#nextDevice++
  }

  add(id: number, registration: Registration): Device {
    const device = new Device(this, id, registration)
    this.devices.set(id, device)
    return device
  }
}
