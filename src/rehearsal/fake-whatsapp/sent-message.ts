/** One copy of a message that an account sent: for one device of whoever it was sent to. */
export interface SentCopy {
  /** The device's address, by phone number. */
  readonly to: string
  /** How often a copy arrived there: more than once if it was sent again. */
  came: number
  /** Whether it could be decrypted. */
  read: boolean
  /** How often the device asked for it again, and whether its keys were with that. */
  asked: { count: number; withKeys: boolean }[]
}

/** What became of one message that an account sent. */
export interface SentMessage {
  /** Id of the message. */
  readonly id: string
  /** The number of the account. */
  readonly from: string
  /** The address that it was sent to: of somebody, or of a group. */
  readonly to: string
  /** One for each device that a copy arrived at, the own phone's too. */
  readonly copies: readonly SentCopy[]
}

/** Everything that accounts sent, by id. */
export class SentLedger {
  readonly #byId = new Map<string, SentMessage & { readonly copies: SentCopy[] }>()

  open(id: string, from: string, to: string): void {
    if (!this.#byId.has(id)) this.#byId.set(id, { id, from, to, copies: [] })
  }

  get(id: string): SentMessage | undefined {
    return this.#byId.get(id)
  }

  by(account: string): SentMessage[] {
    return [...this.#byId.values()].filter(({ from }) => from === account)
  }

  came(id: string, to: string, read: boolean): void {
    const copy = this.#copy(id, to)
    if (!copy) return
    copy.came += 1
    copy.read ||= read
  }

  asked(id: string, to: string, count: number, withKeys: boolean): void {
    this.#copy(id, to)?.asked.push({ count, withKeys })
  }

  #copy(id: string, to: string): SentCopy | undefined {
    const message = this.#byId.get(id)
    if (!message) return undefined
    const known = message.copies.find((copy) => copy.to === to)
    if (known) return known
    const copy: SentCopy = { to, came: 0, read: false, asked: [] }
    message.copies.push(copy)
    return copy
  }
}
