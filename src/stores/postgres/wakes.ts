import type { PostgresConnection } from './connection.ts'
import type { PostgresClient } from './pool.ts'

/**
 * What is told to other hosts at once: a command came, one was answered, an account is free, one was handed to a host.
 * `poll`: look at everything, no matter what was heard.
 */
export type Topic =
  /** A command came for this account. */
  | { readonly kind: 'inbox'; readonly of: string }
  /** A command was answered. */
  | { readonly kind: 'answer'; readonly of: string }
  /** A lease was freed, or what is desired has changed. */
  | { readonly kind: 'lease'; readonly of: string }
  /** An account was handed to this host. */
  | { readonly kind: 'heir'; readonly of: string }
  /** Look at everything: notifications may have been missed. */
  | { readonly kind: 'poll' }

const kinds = ['inbox', 'answer', 'lease', 'heir'] as const
const firstPauseMs = 500
const lastPauseMs = 15_000

export const channelOf = (database: PostgresConnection): string => `lifeline_${database.schema}`

/** The text of a topic as it travels. Longer ones than NOTIFY takes are found by polling. */
export const textOf = (kind: (typeof kinds)[number], of: string): string => `${kind}:${of}`.slice(0, 2_000)

/**
 * Hears what other hosts tell, over a connection of its own that is made anew when it breaks, and polls besides: what a
 * database without LISTEN never tells, and what was told while the connection was away, is found by looking.
 */
export class Wakes {
  readonly #database: PostgresConnection
  readonly #onTopic: (topic: Topic) => void
  readonly #polls: { stop(): void }
  #client: PostgresClient | undefined
  #retry: NodeJS.Timeout | undefined
  #ended = false

  constructor(database: PostgresConnection, pollMs: number, onTopic: (topic: Topic) => void) {
    this.#database = database
    this.#onTopic = onTopic
    this.#polls = database.clock.every(pollMs, () => onTopic({ kind: 'poll' }))
  }

  /** Resolves once it listens, or knows that it cannot for now. */
  async start(pauseMs = firstPauseMs): Promise<void> {
    try {
      const { notifies } = await this.#database.flavour()
      if (notifies && !this.#ended) await this.#listen()
    } catch {
      this.#again(pauseMs)
    }
  }

  end(): void {
    this.#ended = true
    this.#polls.stop()
    clearTimeout(this.#retry)
    this.#letGo()
  }

  async #listen(): Promise<void> {
    const client = await this.#database.connect()
    this.#client = client
    const broken = () => {
      if (this.#client !== client) return
      this.#letGo()
      this.#again(firstPauseMs)
    }
    client.on('error', broken)
    client.on('end', broken)
    client.on('notification', (told: { readonly payload?: string }) => this.#hear(told.payload ?? ''))
    try {
      await client.query(`LISTEN ${channelOf(this.#database)}`)
    } catch (error) {
      this.#letGo()
      throw error
    }
    if (this.#ended) this.#letGo()
  }

  #hear(payload: string): void {
    const at = payload.indexOf(':')
    const kind = kinds.find((one) => one === payload.slice(0, at))
    if (kind) this.#onTopic({ kind, of: payload.slice(at + 1) })
  }

  #letGo(): void {
    const client = this.#client
    this.#client = undefined
    client?.removeAllListeners('notification')
    // Not back into the pool: it would go on listening there.
    client?.release(true)
  }

  #again(pauseMs: number): void {
    if (this.#ended) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      // What was told meanwhile was not heard.
      void this.start(Math.min(lastPauseMs, pauseMs * 2)).then(() => {
        this.#onTopic({ kind: 'poll' })
        this.#onTopic({ kind: 'lease', of: '' })
      })
    }, pauseMs).unref()
  }
}
