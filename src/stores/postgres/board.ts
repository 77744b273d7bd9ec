import { randomUUID } from 'node:crypto'
import type { PostgresDatabase } from './database.ts'
import { databaseError } from './failure.ts'
import type { RowPlace } from './keyring.ts'
import { channelOf, type Topic, textOf, Wakes } from './wakes.ts'

export interface HostCard {
  readonly host: string
  /** By the database's clock. */
  readonly seenAgoMs: number
  /** What the host told of itself. */
  readonly info: unknown
}

/** What an account is to do, by whoever runs the fleet: as long as it is `running`, some host claims it. */
export type Desired = 'running' | 'stopped'

export interface AccountCard {
  readonly account: string
  readonly desired: Desired
  /** E.g. why it stands still: a ban holds on every host. */
  readonly details: unknown
}

export interface StatusCard {
  readonly account: string
  readonly host: string
  readonly epoch: number
  readonly agoMs: number
  readonly status: unknown
}

export interface Command {
  readonly id: string
  readonly account: string
  readonly content: unknown
}

type Row = Readonly<Record<string, unknown>>

const ago = (column: string) => `(extract(epoch FROM (clock_timestamp() - ${column})) * 1000)::float8`

/**
 * What the hosts of a fleet tell each other, through the database: who is there, what is to run, how each account
 * fares, and commands. Contents are sealed like credentials.
 */
export class Board {
  readonly #database: PostgresDatabase

  constructor(database: PostgresDatabase) {
    this.#database = database
  }

  /** Shows that this host lives. */
  async announce(info: unknown): Promise<void> {
    const { host, schema } = this.#database
    const sealed = this.#seal({ account: host, kind: 'host', name: host }, info)
    await this.#askOnce(
      'announcing this host',
      `INSERT INTO ${schema}.host (host, seen_at, key_id, content) VALUES ($1, clock_timestamp(), $2, $3)
       ON CONFLICT (host) DO UPDATE SET seen_at = excluded.seen_at, key_id = excluded.key_id, content = excluded.content`,
      [host, ...sealed],
    )
  }

  async hosts(): Promise<readonly HostCard[]> {
    const rows = await this.#askOnce(
      'reading the hosts',
      `SELECT host, ${ago('seen_at')} AS ago, key_id, content FROM ${this.#database.schema}.host ORDER BY host`,
    )
    return rows.map((row) => {
      const host = String(row.host)
      return { host, seenAgoMs: Number(row.ago), info: this.#open({ account: host, kind: 'host', name: host }, row) }
    })
  }

  /** A host that left for good. */
  async forget(host: string): Promise<void> {
    await this.#ask('forgetting a host', `DELETE FROM ${this.#database.schema}.host WHERE host = $1`, [host])
  }

  async desire(account: string, desired: Desired, details: unknown = null): Promise<void> {
    const sealed = this.#seal({ account, kind: 'desired', name: account }, details)
    await this.#ask(
      'writing what an account is to do',
      `INSERT INTO ${this.#database.schema}.account (account, desired, key_id, content) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account) DO UPDATE SET desired = excluded.desired, key_id = excluded.key_id, content = excluded.content`,
      [account, desired, ...sealed],
    )
    await this.#notify('lease', account)
  }

  async accounts(): Promise<readonly AccountCard[]> {
    const rows = await this.#ask(
      'reading the accounts',
      `SELECT account, desired, key_id, content FROM ${this.#database.schema}.account ORDER BY account`,
    )
    return rows.map((row) => {
      const account = String(row.account)
      const details = this.#open({ account, kind: 'desired', name: account }, row)
      return { account, desired: row.desired === 'stopped' ? 'stopped' : 'running', details }
    })
  }

  /** How an account fares, told by its owner; an owner of an earlier epoch is not heard any more. */
  async tell(account: string, epoch: number, status: unknown): Promise<void> {
    const { host, schema } = this.#database
    const sealed = this.#seal({ account, kind: 'status', name: account }, status)
    await this.#ask(
      'telling the status',
      `INSERT INTO ${schema}.status AS s (account, host, epoch, at, key_id, content) VALUES ($1, $2, $3, clock_timestamp(), $4, $5)
       ON CONFLICT (account) DO UPDATE SET host = excluded.host, epoch = excluded.epoch, at = excluded.at, key_id = excluded.key_id, content = excluded.content
       WHERE s.epoch <= excluded.epoch`,
      [account, host, epoch, ...sealed],
    )
  }

  async statuses(accounts?: readonly string[]): Promise<readonly StatusCard[]> {
    const which = accounts ? 'WHERE account = ANY($1)' : ''
    const rows = await this.#ask(
      'reading the statuses',
      `SELECT account, host, epoch::text AS epoch, ${ago('at')} AS ago, key_id, content FROM ${this.#database.schema}.status ${which} ORDER BY account`,
      accounts ? [[...accounts]] : [],
    )
    return rows.map((row) => {
      const account = String(row.account)
      const status = this.#open({ account, kind: 'status', name: account }, row)
      return { account, host: String(row.host), epoch: Number(row.epoch), agoMs: Number(row.ago), status }
    })
  }

  /** Puts a command into a host's inbox; its id. */
  async send(host: string, account: string, content: unknown): Promise<string> {
    const id = randomUUID()
    const sealed = this.#seal({ account, kind: 'command', name: id }, content)
    await this.#ask(
      'sending a command',
      `INSERT INTO ${this.#database.schema}.command (id, host, account, sent_at, key_id, content)
       VALUES ($1, $2, $3, clock_timestamp(), $4, $5) ON CONFLICT (id) DO NOTHING`,
      [id, host, account, ...sealed],
    )
    await this.#notify('inbox', host)
    return id
  }

  /**
   * Takes this host's commands, oldest first, each once: one that is lost with its host is not done twice by another.
   */
  async take(): Promise<readonly Command[]> {
    const { host, schema } = this.#database
    const rows = await this.#ask(
      'taking commands',
      `UPDATE ${schema}.command SET taken_at = clock_timestamp() WHERE host = $1 AND taken_at IS NULL
       RETURNING id, account, (extract(epoch FROM sent_at) * 1000)::float8 AS at, key_id, content`,
      [host],
    )
    return [...rows]
      .sort((a, b) => Number(a.at) - Number(b.at))
      .map((row) => {
        const [id, account] = [String(row.id), String(row.account)]
        return { id, account, content: this.#open({ account, kind: 'command', name: id }, row) }
      })
  }

  async answer({ id, account }: Pick<Command, 'id' | 'account'>, content: unknown): Promise<void> {
    const sealed = this.#seal({ account, kind: 'answer', name: id }, content)
    await this.#ask(
      'answering a command',
      `UPDATE ${this.#database.schema}.command SET answered_at = clock_timestamp(), answer_key_id = $2, answer = $3 WHERE id = $1`,
      [id, ...sealed],
    )
    await this.#notify('answer', id)
  }

  /** Undefined as long as there is no answer. */
  async answerTo(id: string): Promise<{ readonly content: unknown } | undefined> {
    const [row] = await this.#ask(
      'looking for an answer',
      `SELECT account, answer_key_id AS key_id, answer AS content FROM ${this.#database.schema}.command WHERE id = $1 AND answered_at IS NOT NULL`,
      [id],
    )
    return row && { content: this.#open({ account: String(row.account), kind: 'answer', name: id }, row) }
  }

  /** Removes commands that are older than that, answered or not, and hosts that were not seen for as long. */
  async sweep(olderThanMs: number): Promise<void> {
    const s = this.#database.schema
    const before = `clock_timestamp() - $1::float8 * interval '1 millisecond'`
    await this.#ask('sweeping commands', `DELETE FROM ${s}.command WHERE sent_at < ${before}`, [olderThanMs])
    await this.#ask('sweeping hosts', `DELETE FROM ${s}.host WHERE seen_at < ${before}`, [olderThanMs])
  }

  /**
   * Hears of commands, answers and free accounts at once where the database has LISTEN, and at every poll. Returns the
   * end of it.
   */
  async listen(onTopic: (topic: Topic) => void, pollMs = 2_000): Promise<() => void> {
    const wakes = new Wakes(this.#database, pollMs, onTopic)
    await wakes.start()
    return () => wakes.end()
  }

  /** Best effort: what is not heard is found by polling. */
  async #notify(kind: 'inbox' | 'answer' | 'lease', of: string): Promise<void> {
    if (!(await this.#database.flavour()).notifies) return
    const values = [channelOf(this.#database), textOf(kind, of)]
    await this.#database.try('SELECT pg_notify($1, $2)', values).catch(() => undefined)
  }

  async #ask(doing: string, text: string, values: unknown[] = []): Promise<readonly Row[]> {
    await this.#database.ready()
    return (await this.#database.ask(doing, text, values)).rows
  }

  /** One attempt: a fleet asks again soon, and has to know before its leases end that the database is lost. */
  async #askOnce(doing: string, text: string, values: unknown[] = []): Promise<readonly Row[]> {
    await this.#database.ready()
    try {
      return (await this.#database.try(text, values)).rows
    } catch (error) {
      throw databaseError(this.#database.location, doing, error)
    }
  }

  /** Key id and content. */
  #seal(place: RowPlace, value: unknown): [string | null, Uint8Array] {
    const { keyId, content } = this.#database.keyring.seal(place, Buffer.from(JSON.stringify(value ?? null)))
    return [keyId, content]
  }

  /** Undefined if it cannot be read. */
  #open(place: RowPlace, row: Row): unknown {
    if (!(row.content instanceof Uint8Array)) return undefined
    const keyId = row.key_id === null ? null : String(row.key_id)
    try {
      return JSON.parse(
        Buffer.from(this.#database.keyring.open(place, { keyId, content: row.content })).toString('utf8'),
      )
    } catch {
      return undefined
    }
  }
}
