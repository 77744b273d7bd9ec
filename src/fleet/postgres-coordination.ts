import { Board } from '../stores/postgres/board.ts'
import type { PostgresOptions } from '../stores/postgres/connection.ts'
import { PostgresDatabase } from '../stores/postgres/database.ts'
import { databaseError } from '../stores/postgres/failure.ts'
import { postgresAuthStore } from '../stores/postgres/postgres-store.ts'
import type {
  Coordination,
  Desired,
  Holder,
  HostCard,
  KnownAccount,
  ReceivedCommand,
  Seat,
  SeenHost,
  Survey,
  ToldStatus,
  Wake,
} from './coordination.ts'
import { hostCardOf } from './host-card.ts'
import { withSteps } from './seat.ts'

/** Hosts that share a database: leases with epochs, the board, LISTEN where there is one. */
export class PostgresCoordination implements Coordination {
  readonly host: string
  readonly location: string
  readonly terms: { readonly ttlMs: number; readonly marginMs: number }
  readonly #database: PostgresDatabase
  readonly #board: Board
  readonly #ends: boolean

  /** `ends`: the database was made here. */
  constructor(database: PostgresDatabase, ends: boolean) {
    this.#database = database
    this.#board = new Board(database)
    this.#ends = ends
    this.host = database.host
    this.location = database.location
    this.terms = database.timing
  }

  static of(given: PostgresDatabase | PostgresOptions, host: string | undefined): PostgresCoordination {
    if (given instanceof PostgresDatabase) return new PostgresCoordination(given, false)
    return new PostgresCoordination(new PostgresDatabase(host === undefined ? given : { ...given, host }), true)
  }

  seat(account: string): Seat {
    const store = postgresAuthStore({ account, database: this.#database })
    let heir: string | undefined
    const release = () => {
      const host = heir
      heir = undefined
      return host === undefined ? store.release() : store.handOver(host)
    }
    return {
      auth: withSteps(store, { release }),
      get epoch() {
        return store.epoch
      },
      handTo: (host) => {
        heir = host
      },
      onLost: (listener) => store.onLost(listener),
    }
  }

  listen(onWake: (wake: Wake) => void, pollMs: number): Promise<() => void> {
    return this.#board.listen(onWake, pollMs)
  }

  announce(card: HostCard): Promise<void> {
    return this.#board.announce(card)
  }

  async hosts(): Promise<readonly SeenHost[]> {
    const cards = await this.#board.hosts()
    return cards.map(({ host, seenAgoMs, info }) => ({ host, seenAgoMs, ...hostCardOf(info) }))
  }

  leave(): Promise<void> {
    return this.#board.forget(this.host)
  }

  async survey(most: number): Promise<Survey> {
    const s = this.#database.schema
    const running = `a.desired = 'running'`
    const live = `l.owner IS NOT NULL AND l.expires_at > clock_timestamp()`
    // Of its own leases this host knows, the others end unless they are renewed; what is kept for another host is free
    // after that.
    const freed = `CASE WHEN ${live} THEN CASE WHEN l.host <> $1 THEN l.expires_at END WHEN l.heir <> $1 AND l.heir_until > clock_timestamp() THEN l.heir_until END`
    const [{ notifies }, counts, free, stopped] = await Promise.all([
      this.#database.flavour(),
      this.#ask(
        `SELECT CASE WHEN ${live} THEN l.host END AS owner, count(*)::int AS count,
           (extract(epoch FROM (min(${freed}) - clock_timestamp())) * 1000)::float8 AS quiet
         FROM ${s}.account a LEFT JOIN ${s}.lease l ON l.account = a.account WHERE ${running} GROUP BY 1`,
        [this.host],
      ),
      this.#ask(
        `SELECT a.account, a.desired, a.key_id, a.content, coalesce(l.heir = $1 AND l.heir_until > clock_timestamp(), false) AS handed
         FROM ${s}.account a LEFT JOIN ${s}.lease l ON l.account = a.account
         WHERE ${running} AND (l.account IS NULL OR ((l.owner IS NULL OR l.expires_at <= clock_timestamp())
           AND (l.heir IS NULL OR l.heir = $1 OR l.heir_until <= clock_timestamp())))
         ORDER BY handed DESC, md5(a.account || $1) LIMIT $2`,
        [this.host, most],
      ),
      this.#ask(`SELECT account, desired, key_id, content FROM ${s}.account WHERE desired <> 'running'`),
    ])
    const sound = (row: Readonly<Record<string, unknown>>) => this.#board.isSound(row)
    const quiet = counts.flatMap((row) => (row.quiet === null ? [] : [Number(row.quiet)]))
    return {
      wanted: counts.reduce((sum, { count }) => sum + Number(count), 0),
      owned: new Map(counts.flatMap(({ owner, count }) => (owner === null ? [] : [[String(owner), Number(count)]]))),
      // What somebody without the key has written starts and stops nothing.
      free: free
        .filter(sound)
        .map(({ account, handed }) => ({ account: String(account), handedOver: handed === true })),
      stopped: new Set(stopped.filter(sound).map(({ account }) => String(account))),
      ...(notifies ? { quietMs: Math.min(this.terms.ttlMs, ...quiet) } : {}),
    }
  }

  async add(accounts: readonly string[]): Promise<void> {
    if (accounts.length === 0) return
    const known = new Set((await this.accounts()).map(({ account }) => account))
    for (const account of accounts) if (!known.has(account)) await this.desire(account, 'running', null)
  }

  accounts(): Promise<readonly KnownAccount[]> {
    return this.#board.accounts()
  }

  desire(account: string, desired: Desired, details: unknown): Promise<void> {
    return this.#board.desire(account, desired, details)
  }

  async holders(account?: string): Promise<readonly Holder[]> {
    const one = account === undefined ? '' : ' AND account = $1'
    const rows = await this.#ask(
      `SELECT account, host FROM ${this.#database.schema}.lease WHERE owner IS NOT NULL AND expires_at > clock_timestamp()${one}`,
      account === undefined ? [] : [account],
    )
    return rows.map((row) => ({ account: String(row.account), host: String(row.host) }))
  }

  tell(account: string, epoch: number, content: unknown): Promise<void> {
    return this.#board.tell(account, epoch, content)
  }

  async statuses(): Promise<readonly ToldStatus[]> {
    const cards = await this.#board.statuses()
    return cards.map(({ account, host, status }) => ({ account, host, content: status }))
  }

  send(host: string, account: string, content: unknown): Promise<string> {
    return this.#board.send(host, account, content)
  }

  take(): Promise<readonly ReceivedCommand[]> {
    return this.#board.take()
  }

  answer(command: ReceivedCommand, content: unknown): Promise<void> {
    return this.#board.answer(command, content)
  }

  answerTo(id: string): Promise<{ readonly content: unknown } | undefined> {
    return this.#board.answerTo(id)
  }

  onTampered(listener: (words: string) => void): () => void {
    return this.#database.tampering.on(({ message }) => listener(message))
  }

  sweep(olderThanMs: number): Promise<void> {
    return this.#board.sweep(olderThanMs)
  }

  async end(): Promise<void> {
    if (this.#ends) await this.#database.end()
  }

  /** One attempt: it is asked again soon, and that the store is lost has to be known before the leases end. */
  async #ask(text: string, values: unknown[] = []) {
    try {
      return (await this.#database.try(text, values)).rows
    } catch (error) {
      throw databaseError(this.location, 'surveying the fleet', error)
    }
  }
}
