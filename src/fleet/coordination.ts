import type { AuthStore } from '../stores/store.ts'

/** What an account is to do. One that is `stopped` is claimed by no host. */
export type Desired = 'running' | 'stopped'

/** What a host tells of itself. */
export interface HostCard {
  /** How many accounts it takes at most; absent: any number. */
  readonly most?: number
  /** It is about to leave and takes no accounts any more. */
  readonly leaving?: boolean
  /** None of its accounts gets through to WhatsApp. */
  readonly offline?: boolean
  /** How many accounts it has. */
  readonly has?: number
  /** How many of its accounts are connected. */
  readonly online?: number
}

/** A host of the fleet, and when it was last heard of. */
export interface SeenHost extends HostCard {
  /** Its name. */
  readonly host: string
  /** How long ago it last showed that it lives, in milliseconds, by the clock of the store. */
  readonly seenAgoMs: number
}

export interface KnownAccount {
  readonly account: string
  readonly desired: Desired
  readonly details: unknown
}

export interface Holder {
  readonly account: string
  readonly host: string
}

export interface ToldStatus {
  readonly account: string
  readonly host: string
  readonly content: unknown
}

export interface ReceivedCommand {
  readonly id: string
  readonly account: string
  readonly content: unknown
}

/** What a host has to know in order to decide what to do next. */
export interface Survey {
  /** How many accounts are to run. */
  readonly wanted: number
  /** How many of those each host has; hosts that have none may be missing. */
  readonly owned: ReadonlyMap<string, number>
  /**
   * Accounts that this host may claim now, those that were handed to it first. Each host is told of them in another
   * order.
   */
  readonly free: readonly { readonly account: string; readonly handedOver: boolean }[]
  /** Accounts that are not to run. */
  readonly stopped: ReadonlySet<string>
  /**
   * In how many milliseconds, at the earliest, an account becomes free of which nobody tells. Absent where nobody tells
   * of anything: look again soon.
   */
  readonly quietMs?: number
}

/**
 * Why an account is no longer this host's: another has it, its time is over, it could not be renewed in time, or the
 * store went back to a state of before.
 */
export type LossReason = 'taken' | 'ended' | 'unreachable' | 'went-back'

/** One account's credentials, and the hold on it. */
export interface Seat {
  readonly auth: AuthStore
  /** Of the hold; rises with each owner. Undefined without one. */
  readonly epoch: number | undefined
  /** The next release keeps the account for that host. */
  handTo(host: string): void
  /** Told once when the hold is lost: the socket has to be closed now. Returns the unsubscribe function. */
  onLost(listener: (reason: LossReason) => void): () => void
}

/**
 * What was heard from another host; `lease`: an account may be free, `heir`: one was handed to the host of that name,
 * `poll`: look at everything.
 */
export interface Wake {
  readonly kind: 'inbox' | 'answer' | 'lease' | 'heir' | 'poll'
  readonly of?: string
}

/**
 * The place through which hosts agree on who has which account, and tell each other how they fare. Rejections mean that
 * it cannot be reached at the moment, which is not loss of ownership.
 */
export interface Coordination {
  /** The name of this host. */
  readonly host: string
  readonly location: string
  /**
   * How long an owner that went silent keeps its accounts, and how long before that it closes its sockets; absent where
   * ownership ends with the process.
   */
  readonly terms?: { readonly ttlMs: number; readonly marginMs: number }
  seat(account: string): Seat
  /** Hears of what other hosts tell, and polls. Returns the end of it. */
  listen(onWake: (wake: Wake) => void, pollMs: number): Promise<() => void>
  announce(card: HostCard): Promise<void>
  hosts(): Promise<readonly SeenHost[]>
  leave(): Promise<void>
  /** `most`: how many free accounts to name. */
  survey(most: number): Promise<Survey>
  /** Adds those that are not known yet. */
  add(accounts: readonly string[]): Promise<void>
  accounts(): Promise<readonly KnownAccount[]>
  desire(account: string, desired: Desired, details: unknown): Promise<void>
  /** Who has which account; without a name, of all. */
  holders(account?: string): Promise<readonly Holder[]>
  tell(account: string, epoch: number, content: unknown): Promise<void>
  statuses(): Promise<readonly ToldStatus[]>
  /** Puts a command into a host's inbox; its id. */
  send(host: string, account: string, content: unknown): Promise<string>
  /** This host's commands, each once. */
  take(): Promise<readonly ReceivedCommand[]>
  answer(command: ReceivedCommand, content: unknown): Promise<void>
  answerTo(id: string): Promise<{ readonly content: unknown } | undefined>
  /** Told in words of what somebody without the key has written; absent where nothing is sealed. */
  onTampered?(listener: (words: string) => void): () => void
  /** Removes commands, and hosts that were not seen, older than that. */
  sweep(olderThanMs: number): Promise<void>
  /** Ends what was made here. */
  end(): Promise<void>
}
