import { LifelineError } from '../errors/errors.ts'

export interface GateLimits {
  /** How many connections of this host may be on their way at once. */
  readonly connecting: number
  /** The mean pause between two of them; each is drawn from half of it to one and a half. */
  readonly spacingMs: number
}

interface Waiting {
  readonly account: string
  readonly go: () => void
  readonly refuse: (error: Error) => void
}

/**
 * Lets the connections of a host go one after the other, so few at once, also when a network comes back and all
 * accounts want to connect.
 */
export class ConnectGate {
  readonly #limits: GateLimits
  readonly #random: () => number
  readonly #inside = new Set<string>()
  #waiting: readonly Waiting[] = []
  #pause: NodeJS.Timeout | undefined
  #most = 0

  constructor(limits: GateLimits, random: () => number = Math.random) {
    this.#limits = limits
    this.#random = random
  }

  /** How many are on their way, and how many there ever were at once. */
  get load(): { readonly inside: number; readonly waiting: number; readonly most: number } {
    return { inside: this.#inside.size, waiting: this.#waiting.length, most: this.#most }
  }

  /** Resolves when this account may connect. An earlier wait of the same account was given up by it, and rejects. */
  enter(account: string): Promise<void> {
    this.leave(account)
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { account, go: resolve, refuse: reject }]
      this.#next()
    })
  }

  /** It has connected, or will not. */
  leave(account: string): void {
    const given = this.#waiting.filter((one) => one.account === account)
    this.#waiting = this.#waiting.filter((one) => one.account !== account)
    for (const { refuse } of given)
      refuse(new LifelineError('FLEET_GATE', 'The wait for a turn to connect was given up.', 'Nothing to do.'))
    if (this.#inside.delete(account)) this.#next()
  }

  end(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
    for (const { account } of this.#waiting) this.leave(account)
  }

  #next(): void {
    const { connecting, spacingMs } = this.#limits
    if (this.#pause !== undefined || this.#inside.size >= connecting) return
    const [first, ...rest] = this.#waiting
    if (!first) return
    this.#waiting = rest
    this.#inside.add(first.account)
    this.#most = Math.max(this.#most, this.#inside.size)
    first.go()
    this.#pause = setTimeout(
      () => {
        this.#pause = undefined
        this.#next()
      },
      spacingMs * (0.5 + this.#random()),
    ).unref()
  }
}
