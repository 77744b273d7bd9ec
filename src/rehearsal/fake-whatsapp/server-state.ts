import type { BinaryNode } from '../../baileys/baileys-types.ts'
import { Account, type Device } from './account.ts'
import type { KeyBundle } from './bundle.ts'
import { DeliveryLedger } from './delivery.ts'
import { FaultQueue } from './fault.ts'
import type { Group } from './group.ts'
import { Journal } from './journal.ts'
import type { Linking } from './linking.ts'
import { processAuthority } from './noise.ts'
import type { SeededRandom } from './random.ts'
import { SentLedger } from './sent-message.ts'
import { parseJid } from './stanza.ts'

/** Somebody whom clients can write to: a contact, or the phone of an account. */
export interface Correspondent {
  readonly jid: string
  readonly lid: string | undefined
  /** What its list of devices names; 0 is the phone. */
  readonly deviceIds: readonly number[]
  /** The keys to begin a session with one of them; takes a one-time pre-key away. */
  bundle(device: number): KeyBundle | undefined
  /** A message from a device of an account. Whether it could be read. */
  receive(from: Device, message: Incoming): Promise<boolean>
  /** The client could not read a message of ours. */
  retry(from: Device, receipt: BinaryNode): Promise<void>
}

/** A message of an account, as it comes to one device of somebody. */
export interface Incoming {
  readonly id: string
  readonly device: number
  /** What is for this device, then what is for all of the group. */
  readonly encs: readonly BinaryNode[]
  readonly group?: Group
}

export interface Settings {
  /** From the client's last message of the handshake to the server's first stanza. */
  latencyMs: number
  /** How many references for QR codes a client gets. */
  qrRefs: number
  /** From the client's being active to its backlog. */
  offlineDelayMs: number
  /** Pre-keys that it says it has beside those that it really has. */
  claimedPreKeys: number
}

/** Everything that the server knows, shared by its connections. */
export class ServerState {
  readonly random: SeededRandom
  readonly settings: Settings
  readonly journal = new Journal()
  readonly deliveries = new DeliveryLedger()
  readonly sent = new SentLedger()
  readonly faults = new FaultQueue()
  readonly authority = processAuthority
  readonly accounts = new Map<string, Account>()
  /** By address. */
  readonly groups = new Map<string, Group>()
  /** Clients that wait to be paired. */
  readonly linkings = new Set<Linking>()
  readonly #correspondents = new Map<string, Correspondent>()

  constructor(random: SeededRandom, settings: Settings) {
    this.random = random
    this.settings = settings
  }

  account(number: string): Account {
    const known = this.accounts.get(number)
    if (known) return known
    const account = new Account(number, this.lidUser())
    this.accounts.set(number, account)
    return account
  }

  lidUser(): string {
    return String(100_000_000_000_000 + this.random.between(0, 2 ** 31))
  }

  introduce(correspondent: Correspondent): void {
    this.#correspondents.set(correspondent.jid, correspondent)
    if (correspondent.lid) this.#correspondents.set(correspondent.lid, correspondent)
  }

  correspondent(jid: string): Correspondent | undefined {
    const { user, server } = parseJid(jid)
    return this.#correspondents.get(`${user}@${server}`)
  }

  device(jid: string): Device | undefined {
    const { user, device } = parseJid(jid)
    return this.accountOf(jid)?.devices.get(device) ?? this.accounts.get(user)?.devices.get(device)
  }

  accountOf(jid: string): Account | undefined {
    const { user, server } = parseJid(jid)
    if (server !== 'lid') return this.accounts.get(user)
    return [...this.accounts.values()].find((account) => account.lidUser === user)
  }

  /** Resolves when something that happens on the server has made it true, or when the time is over. */
  async arrival(holds: () => boolean, withinMs: number): Promise<void> {
    const until = Date.now() + withinMs
    while (!holds() && Date.now() < until) await this.journal.any(until - Date.now())
  }

  /** The keys to begin a session with whoever has that address; takes a one-time pre-key away. */
  bundle(jid: string): KeyBundle | undefined {
    return this.correspondent(jid)?.bundle(parseJid(jid).device) ?? this.device(jid)?.takeBundle()
  }
}
