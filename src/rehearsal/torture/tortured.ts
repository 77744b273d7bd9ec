import type { BaileysSocket } from '../../baileys/socket.ts'
import type { HistoryEntry, Status } from '../../index.ts'
import type { ConversationClient, Heard } from '../conversation/client.ts'
import { Happenings } from '../conversation/happenings.ts'
import type { Contact, Phone } from '../fake-whatsapp/index.ts'
import { healsWithinMs } from './pace.ts'

/** An account under torture, whoever keeps it connected, and all that was seen of it. */
export abstract class Tortured implements Pick<ConversationClient, 'send' | 'onHeard'> {
  readonly folder: string
  readonly number: string
  /** What was read, as a gateway is told it. */
  readonly texts = new Set<string>()
  /** What helpful contacts have sent. */
  readonly sent: string[] = []
  readonly friends: Contact[] = []
  readonly sockets: BaileysSocket[] = []
  /** How often a socket was asked for while an earlier one was still open. */
  overlaps = 0
  /** How often the owner's function was called. */
  calls = 0
  /** Calls that have neither returned nor thrown. */
  pending = 0
  /** Where sockets went that did not go to the fake server. */
  readonly astray = new Set<string>()
  /** What the owner's function threw, and what it returned that is no socket. */
  readonly refusals = new Set<string>()
  /** What had waited for the present connection has come through. */
  drained = false
  protected readonly happenings = new Happenings()
  readonly #listeners = new Set<(heard: Heard) => void>()

  constructor(folder: string, number: string) {
    this.folder = folder
    this.number = number
  }

  /** Of a supervised line; a loop has none of its own. */
  abstract readonly statuses: readonly Status[]
  abstract readonly notices: readonly string[]
  abstract readonly history: readonly HistoryEntry[]
  /** The states that were passed, each named once per stay. */
  abstract readonly path: readonly string[]
  abstract readonly state: string
  /** What the state means. */
  abstract readonly message: string
  /** The live socket. */
  abstract readonly socket: BaileysSocket | undefined
  /** Connected, and able to read. */
  abstract readonly up: boolean
  /** Nobody goes on before a person says so. */
  abstract readonly resting: boolean
  /** A code was shown although the account had been linked. */
  abstract readonly askedToPair: boolean

  /** Starts, and has the phone scan what is shown. */
  abstract link(phone: Phone): Promise<unknown>
  abstract start(): Promise<void>
  abstract stop(): Promise<void>
  abstract reconnect(): Promise<void>
  /** From now on a person goes on wherever one is asked, until the function that it returns is called. */
  abstract calm(): () => void
  /** A person's word to set all sessions aside; nothing where nobody can do that. */
  abstract prune(): Promise<void>

  get allRead(): boolean {
    return this.sent.every((text) => this.texts.has(text))
  }

  /** Whether it came true within that time; looked at whenever something happens to the account. */
  until(holds: () => boolean, withinMs: number): Promise<boolean> {
    return this.happenings.until(holds, withinMs)
  }

  /** A helpful contact writes; what it sends is to be read in the end. */
  async hears(friend: Contact): Promise<void> {
    const text = `${friend.name}: ${this.sent.length + 1}`
    this.sent.push(text)
    await friend.send(this.number, text)
  }

  async send(jid: string, text: string): Promise<string> {
    await this.until(() => this.up, healsWithinMs)
    const { socket } = this
    if (!canSend(socket)) throw new Error('There is no socket to send with.')
    const sent = await socket.sendMessage(jid, { text })
    return String(Object(Object(sent).key).id ?? '')
  }

  onHeard(listener: (heard: Heard) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  protected heard(heard: readonly Heard[]): void {
    for (const one of heard) {
      this.texts.add(one.text)
      for (const listener of this.#listeners) listener(one)
    }
    this.happenings.happened()
  }
}

interface Sender {
  sendMessage(jid: string, content: { readonly text: string }): Promise<unknown>
}

const canSend = (socket: unknown): socket is Sender => typeof Reflect.get(Object(socket), 'sendMessage') === 'function'

/** The host that a socket goes to, if it tells. */
export function hostOf(url: unknown): string | undefined {
  try {
    return new URL(String(url)).host
  } catch {
    return undefined
  }
}
