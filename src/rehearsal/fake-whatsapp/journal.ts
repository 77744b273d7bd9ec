/** What can be seen on the server. */
export type ServerEventKind =
  | 'connected'
  | 'handshake'
  | 'registering'
  | 'code-asked'
  | 'paired'
  | 'login'
  | 'refused'
  | 'opened'
  | 'online'
  | 'replaced'
  | 'unlinked'
  | 'fault'
  | 'pre-keys'
  | 'message-from-client'
  | 'message-to-client'
  | 'receipt'
  | 'retry'
  | 'read-by-contact'
  | 'unread-by-contact'
  | 'retry-to-client'
  | 'receipt-taken'
  | 'notification-taken'
  | 'devices-asked'
  | 'keys-asked'
  | 'group-asked'
  | 'error'
  | 'closed'

/** Something that the server saw. */
export interface ServerEvent {
  /** Milliseconds since the epoch. */
  at: number
  /** What happened. */
  kind: ServerEventKind
  /** Connections are numbered from 1 in the order in which they came. */
  connection?: number
  /** The account's phone number. */
  account?: string
  /** The number of the account's device; 0 is the phone. */
  device?: number
  /** A message id, a fault's kind, a reason: depends on the kind of event. */
  detail?: string
  /** The address of the contact's device that it is about, by phone number. */
  contact?: string
}

interface Waiter {
  matches(event: ServerEvent): boolean
  resolve(event: ServerEvent): void
}

/** Everything that happened, oldest first, and a way to wait for what comes. */
export class Journal {
  readonly events: ServerEvent[] = []
  #waiters: Waiter[] = []
  readonly #listeners = new Set<(event: ServerEvent) => void>()

  add(kind: ServerEventKind, about: Omit<ServerEvent, 'at' | 'kind'> = {}): void {
    const event: ServerEvent = { at: Date.now(), kind, ...about }
    this.events.push(event)
    const due = this.#waiters.filter((waiter) => waiter.matches(event))
    this.#waiters = this.#waiters.filter((waiter) => !due.includes(waiter))
    for (const waiter of due) waiter.resolve(event)
    for (const listener of this.#listeners) listener(event)
  }

  /** Tells everything that happens from now on, until the function that it returns is called. */
  on(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves with the next event of that kind (and, if given, with those fields); events of the past do not count. */
  next(kind: ServerEventKind, fields: Partial<ServerEvent> = {}): Promise<ServerEvent> {
    const wanted = Object.entries({ ...fields, kind })
    return new Promise((resolve) => {
      this.#waiters.push({
        resolve,
        matches: (event) => wanted.every(([name, value]) => Reflect.get(event, name) === value),
      })
    })
  }

  /** Resolves with whatever happens next, or after that many milliseconds. */
  any(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs).unref()
      this.#waiters.push({
        matches: () => true,
        resolve: () => {
          clearTimeout(timer)
          resolve()
        },
      })
    })
  }
}
