/** What became of one message that a contact sent. */
export interface Delivery {
  /** Id of the message. */
  readonly id: string
  /** The address of who wrote it. */
  readonly from: string
  /** The number of the account that it is for. */
  readonly to: string
  /** How each copy was encrypted, in the order in which they were made: `pkmsg` begins a session, `msg` uses it. */
  types: ('pkmsg' | 'msg')[]
  /** How often it went out to a live connection, resends and redeliveries included. */
  sent: number
  /** Acknowledgements without an error. */
  acks: number
  /** The error codes of refusals: version 7 sends 500 after each retry receipt. */
  nacks: string[]
  /**
   * The types of its receipts: `inactive` or `delivered` when it was read by the client, `read` when a person saw it.
   */
  receipts: string[]
  /** Retry receipts, in order: the count that the client gave, and whether a key bundle was with it. */
  retries: { count: number; withKeys: boolean }[]
  /** Resolves once the client has said that it could decrypt the message. */
  delivered(): Promise<Delivery>
}

class TrackedDelivery implements Delivery {
  readonly id: string
  readonly from: string
  readonly to: string
  types: ('pkmsg' | 'msg')[] = []
  sent = 0
  acks = 0
  nacks: string[] = []
  receipts: string[] = []
  retries: { count: number; withKeys: boolean }[] = []
  #waiting: ((delivery: Delivery) => void)[] = []

  constructor(id: string, from: string, to: string) {
    this.id = id
    this.from = from
    this.to = to
  }

  delivered(): Promise<Delivery> {
    if (this.receipts.length > 0) return Promise.resolve(this)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  receipt(type: string): void {
    this.receipts.push(type)
    for (const resolve of this.#waiting.splice(0)) resolve(this)
  }
}

/** One delivery for each message id. */
export class DeliveryLedger {
  readonly #byId = new Map<string, TrackedDelivery>()

  open(id: string, from: string, to: string): Delivery {
    const delivery = new TrackedDelivery(id, from, to)
    this.#byId.set(id, delivery)
    return delivery
  }

  get(id: string): Delivery | undefined {
    return this.#byId.get(id)
  }

  sent(id: string | undefined): void {
    const delivery = this.#find(id)
    if (delivery) delivery.sent += 1
  }

  acknowledged(id: string | undefined, error: string | undefined): void {
    const delivery = this.#find(id)
    if (!delivery) return
    if (error === undefined) delivery.acks += 1
    else delivery.nacks.push(error)
  }

  receipt(id: string | undefined, type: string | undefined): void {
    this.#find(id)?.receipt(type ?? 'delivered')
  }

  retry(id: string | undefined, count: number, withKeys: boolean): void {
    this.#find(id)?.retries.push({ count, withKeys })
  }

  #find(id: string | undefined): TrackedDelivery | undefined {
    return id === undefined ? undefined : this.#byId.get(id)
  }
}
