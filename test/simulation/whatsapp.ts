import type { Random } from './random.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A message on its way to the account. */
export interface Message {
  readonly id: string
  readonly contact: Contact
  /** Set for a message that begins a session: the pre-key that it uses, if the server had one. */
  begins: { readonly preKey: number | undefined } | undefined
  session: number
  turn: number
  /** How often it was asked for again. */
  asked: number
}

/** Somebody who writes to the account. */
export interface Contact {
  readonly jid: string
  readonly address: string
  /** Whether it sends again when it is asked to. */
  helpful: boolean
  session: { readonly id: number; turn: number } | undefined
}

/** What the server knows of one linked device. */
interface Device {
  linked: boolean
  readonly preKeys: number[]
}

/** How a connection ends, as Baileys reports it. */
export interface Ending {
  readonly message: string
  readonly code?: number
  readonly data?: unknown
  readonly errno?: string
}

/** What is between the gateway and the server. */
export type Network = 'well' | 'gone' | 'silent' | 'portal' | 'garbage' | 'clock'

/** A connection, as the server sees it. */
interface Client {
  deaf: boolean
  readonly identity: number
  deliver(message: Message): void
  fail(ending: Ending): void
}

/** The other side: which identities are let in, who writes, and what is in the way. */
export class WhatsApp {
  network: Network = 'well'
  /** Answers to the next logins, before anything else is judged. */
  readonly answers: Ending[] = []
  /** Answer to every login while it lasts. */
  standing: Ending | undefined
  readonly contacts: Contact[]
  readonly devices = new Map<number, Device>()
  /** Messages that wait for a connection. */
  offline: Message[] = []
  delivered = 0
  read = 0
  failed = 0
  /** When a message last could not be read, by true time and by the wall clock. */
  lastFailed = { at: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY }
  readonly readLately = new Map<string, number>()
  online: Client | undefined
  #ids = 1
  readonly #time: VirtualTime
  readonly #random: Random

  constructor(time: VirtualTime, random: Random, contacts: number) {
    this.#time = time
    this.#random = random
    this.contacts = Array.from({ length: contacts }, (_, at) => ({
      jid: `49171000000${at}@s.whatsapp.net`,
      address: `49171000000${at}.0`,
      helpful: true,
      session: undefined,
    }))
  }

  newId(): number {
    return this.#ids++
  }

  link(identity: number): void {
    this.devices.set(identity, { linked: true, preKeys: [] })
    // The new device has no session with anybody yet.
    for (const contact of this.contacts) contact.session = undefined
  }

  unlink(identity: number): void {
    const device = this.devices.get(identity)
    if (device) device.linked = false
  }

  /** A connection logs in. Undefined lets it in, and puts out the one before. */
  login(socket: Client): Ending | undefined {
    const answer = this.answers.shift() ?? this.standing
    if (answer) return answer
    if (this.devices.get(socket.identity)?.linked !== true) return loggedOut
    const former = this.online
    this.online = socket
    if (former && former !== socket) former.fail(replaced)
    for (const message of this.offline.splice(0)) socket.deliver(message)
    return undefined
  }

  leave(socket: Client): void {
    if (this.online === socket) this.online = undefined
  }

  write(contact: Contact): void {
    const id = `M${this.newId()}`
    let { session } = contact
    const begins = session === undefined ? { preKey: this.#preKey() } : undefined
    session ??= { id: this.newId(), turn: 0 }
    contact.session = session
    // The ratchet turns whenever the other side has answered, say one time in three.
    if (this.#random.chance(0.3)) session.turn++
    this.send({ id, contact, begins, session: session.id, turn: session.turn, asked: 0 })
  }

  send(message: Message): void {
    if (this.online) this.online.deliver(message)
    else this.offline.push(message)
  }

  /** The gateway could not read a message and asks for it again, with a fresh key from the second time on. */
  retry(message: Message, preKey: number | undefined): void {
    const { contact } = message
    if (!contact.helpful) return
    if (preKey !== undefined) {
      contact.session = { id: this.newId(), turn: 0 }
      message.begins = { preKey }
    }
    if (!contact.session) return
    message.session = contact.session.id
    message.turn = contact.session.turn
    this.#time.later(this.#random.between(200, 2_000), () => this.send(message))
  }

  #preKey(): number | undefined {
    const linked = [...this.devices.values()].findLast((device) => device.linked)
    return linked?.preKeys.shift()
  }
}

const stream = (tag: string, code: number, attrs: Record<string, string> = {}): Ending => ({
  message: `Stream Errored (${tag})`,
  code,
  data: { tag, attrs },
})
const failure = (code: number, attrs: Record<string, string> = {}): Ending => ({
  message: 'Connection Failure',
  code,
  data: { reason: String(code), ...attrs },
})

export const replaced = stream('conflict', 440, { type: 'replaced' })
export const loggedOut = failure(401)
export const restartRequired = stream('restart required', 515)

/** Endings by name; those that speak of the account itself are faults of their own. */
export const endings = {
  lost: { message: 'Connection was lost', code: 408 },
  closed: { message: 'Connection Terminated by Server', code: 428 },
  timedOut: { message: 'Timed Out', code: 408 },
  unavailable: stream('unknown', 503),
  serverFailure: failure(500),
  ack: stream('ack', 500),
  malformed: stream('xml-not-well-formed', 500),
  reset: { message: 'WebSocket Error (read ECONNRESET)', code: 408, errno: 'ECONNRESET' },
  portal: { message: 'WebSocket Error (Unexpected server response: 401)', code: 401 },
  strange: { message: 'something nobody has seen before' },
  refused: stream('unknown', 516),
  removed: stream('conflict', 401, { type: 'device_removed' }),
  locked: failure(403),
  banned: failure(406),
  outdated: failure(405),
  configuration: failure(409),
} as const satisfies Record<string, Ending>

/** Endings that say nothing about the account. */
export const transport: readonly Ending[] = [
  endings.lost,
  endings.closed,
  endings.timedOut,
  endings.unavailable,
  endings.serverFailure,
  endings.ack,
  endings.malformed,
  endings.reset,
  endings.portal,
  endings.strange,
]

export const temporaryBan = (seconds: number): Ending => failure(402, { expire: String(seconds) })
