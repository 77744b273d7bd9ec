import { randomUUID } from 'node:crypto'
import { AuthStoreError } from '../../errors/errors.ts'
import type { PostgresDatabase } from './database.ts'
import { DatabaseTime } from './database-time.ts'
import { databaseError } from './failure.ts'
import { freshMs, isOfItsTime, letterIn, letterOf } from './letter.ts'
import type { RowPlace } from './row-place.ts'
import { commandPlace, desiredPlace, hostPlace, statusPlace } from './told-places.ts'
import { channelOf, type Topic, textOf, Wakes } from './wakes.ts'

/** A host of a fleet as the database shows it. */
export interface HostCard {
  /** The name of the host. */
  readonly host: string
  /** By the database's clock. */
  readonly seenAgoMs: number
  /** What the host told of itself. */
  readonly info: unknown
}

/** What an account is to do, by whoever runs the fleet: as long as it is `running`, some host claims it. */
export type Desired = 'running' | 'stopped'

/** What an account of a fleet is to do. */
export interface AccountCard {
  /** The name of the account. */
  readonly account: string
  /** Whether it is to run. */
  readonly desired: Desired
  /** E.g. why it stands still: a ban holds on every host. */
  readonly details: unknown
}

/** How an account fares, as the host that has it told last. */
export interface StatusCard {
  /** The name of the account. */
  readonly account: string
  /** The host that told it. */
  readonly host: string
  /** The lease under which it was told. */
  readonly epoch: number
  /** How long ago, in milliseconds, by the database's clock. */
  readonly agoMs: number
  /** What the host told. */
  readonly status: unknown
}

/** What a host asks the one that has an account to do. */
export interface Command {
  /** Names it, for its answer. */
  readonly id: string
  /** The account that it is for. */
  readonly account: string
  /** What is to be done. */
  readonly content: unknown
}

type Row = Readonly<Record<string, unknown>>

const at = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`
const ago = (column: string) => `(extract(epoch FROM (clock_timestamp() - ${column})) * 1000)::float8`

/**
 * What the hosts of a fleet tell each other, through the database: who is there, what is to run, how each account
 * fares, and commands. Contents are sealed like credentials; with a key each is bound to the fleet, its account, who
 * told it and when, and what somebody without the key wrote, moved or put back is not used.
 */
export class Board {
  readonly #database: PostgresDatabase
  readonly #time: DatabaseTime
  /** The epoch and the time of what was told last of each account, as far as this host has read. */
  readonly #heard = new Map<string, { readonly epoch: number; readonly at: number }>()
  /** Commands that were taken lately, so that one that is put back is not done again. */
  readonly #taken = new Map<string, number>()

  constructor(database: PostgresDatabase) {
    this.#database = database
    this.#time = new DatabaseTime(async () => {
      const [row] = await this.#askOnce('reading the clock', `SELECT ${at('clock_timestamp()')} AS now`)
      return Number(row?.now)
    })
  }

  /** Shows that this host lives. */
  async announce(info: unknown): Promise<void> {
    const { host, schema } = this.#database
    const sealed = await this.#sealLetter(hostPlace(await this.#fleet(), host), info)
    await this.#askOnce(
      'announcing this host',
      `INSERT INTO ${schema}.host (host, seen_at, key_id, content) VALUES ($1, clock_timestamp(), $2, $3)
       ON CONFLICT (host) DO UPDATE SET seen_at = excluded.seen_at, key_id = excluded.key_id, content = excluded.content`,
      [host, ...sealed],
    )
  }

  /** The hosts that have announced themselves. */
  async hosts(): Promise<readonly HostCard[]> {
    const rows = await this.#askOnce(
      'reading the hosts',
      `SELECT host, ${ago('seen_at')} AS ago, ${at('seen_at')} AS at, key_id, content
       FROM ${this.#database.schema}.host ORDER BY host`,
    )
    const fleet = await this.#fleet()
    return rows.flatMap((row) => {
      const host = String(row.host)
      const letter = this.#openLetter(hostPlace(fleet, host), row, host)
      return letter ? [{ host, seenAgoMs: Number(row.ago), info: letter.content }] : []
    })
  }

  /** A host that left for good. */
  async forget(host: string): Promise<void> {
    await this.#ask('forgetting a host', `DELETE FROM ${this.#database.schema}.host WHERE host = $1`, [host])
  }

  /** Says whether an account is to run, and why not. */
  async desire(account: string, desired: Desired, details: unknown = null): Promise<void> {
    const sealed = this.#seal(desiredPlace(account, desired), details)
    await this.#ask(
      'writing what an account is to do',
      `INSERT INTO ${this.#database.schema}.account (account, desired, key_id, content) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account) DO UPDATE SET desired = excluded.desired, key_id = excluded.key_id, content = excluded.content`,
      [account, desired, ...sealed],
    )
    await this.#notify('lease', account)
  }

  /** All accounts that are known. */
  async accounts(): Promise<readonly AccountCard[]> {
    const rows = await this.#ask(
      'reading the accounts',
      `SELECT account, desired, key_id, content FROM ${this.#database.schema}.account ORDER BY account`,
    )
    return rows.flatMap((row) => {
      const account = String(row.account)
      const opened = this.#open(desiredPlace(account, String(row.desired)), row)
      if (!opened) return []
      const desired = row.desired === 'stopped' ? 'stopped' : 'running'
      return [{ account, desired, details: opened.value }]
    })
  }

  /** Whether a row of the accounts says what somebody with the key said; needs `account, desired, key_id, content`. */
  isSound(row: Row): boolean {
    return this.#open(desiredPlace(String(row.account), String(row.desired)), row) !== undefined
  }

  /** How an account fares, told by its owner; an owner of an earlier epoch is not heard any more. */
  async tell(account: string, epoch: number, status: unknown): Promise<void> {
    const { host, schema } = this.#database
    const sealed = await this.#sealLetter(statusPlace(await this.#fleet(), account, host, epoch), status)
    await this.#ask(
      'telling the status',
      `INSERT INTO ${schema}.status AS s (account, host, epoch, at, key_id, content) VALUES ($1, $2, $3, clock_timestamp(), $4, $5)
       ON CONFLICT (account) DO UPDATE SET host = excluded.host, epoch = excluded.epoch, at = excluded.at, key_id = excluded.key_id, content = excluded.content
       WHERE s.epoch <= excluded.epoch`,
      [account, host, epoch, ...sealed],
    )
  }

  /** What was told last of these accounts, or of all. */
  async statuses(accounts?: readonly string[]): Promise<readonly StatusCard[]> {
    const which = accounts ? 'WHERE account = ANY($1)' : ''
    const rows = await this.#ask(
      'reading the statuses',
      `SELECT account, host, epoch::text AS epoch, ${ago('at')} AS ago, ${at('at')} AS at, key_id, content
       FROM ${this.#database.schema}.status ${which} ORDER BY account`,
      accounts ? [[...accounts]] : [],
    )
    const fleet = await this.#fleet()
    return rows.flatMap((row) => {
      const [account, host, epoch] = [String(row.account), String(row.host), Number(row.epoch)]
      const place = statusPlace(fleet, account, host, epoch)
      const letter = this.#openLetter(place, row, host)
      if (!letter || this.#isOlder(place, { epoch, at: letter.at })) return []
      return [{ account, host, epoch, agoMs: Number(row.ago), status: letter.content }]
    })
  }

  /** Whether something newer was read of the same account before. */
  #isOlder(place: RowPlace, told: { readonly epoch: number; readonly at: number }): boolean {
    const last = this.#heard.get(place.account)
    const older = last !== undefined && (told.epoch < last.epoch || (told.epoch === last.epoch && told.at < last.at))
    if (!this.#sealed) return false
    if (older) this.#database.tampering.note(place, 'older')
    else this.#heard.set(place.account, told)
    return older
  }

  /** Puts a command into a host's inbox; its id. */
  async send(host: string, account: string, content: unknown): Promise<string> {
    const id = randomUUID()
    const sealed = await this.#sealLetter(commandPlace('command', await this.#fleet(), account, id, host), content)
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
       RETURNING id, account, ${at('sent_at')} AS at, key_id, content`,
      [host],
    )
    const fleet = await this.#fleet()
    return [...rows]
      .sort((a, b) => Number(a.at) - Number(b.at))
      .flatMap((row) => {
        const [id, account] = [String(row.id), String(row.account)]
        const place = commandPlace('command', fleet, account, id, host)
        const letter = this.#openLetter(place, row)
        return letter && this.#isFirst(place) ? [{ id, account, content: letter.content }] : []
      })
  }

  /** Whether the command was not taken before: one is as good as its time, so it has to be known for as long. */
  #isFirst(place: RowPlace): boolean {
    const now = performance.now()
    for (const [id, takenAt] of this.#taken) if (now - takenAt > 3 * freshMs) this.#taken.delete(id)
    const first = !this.#taken.has(place.name)
    if (first) this.#taken.set(place.name, now)
    else this.#database.tampering.note(place, 'stale')
    return first
  }

  /** Answers a command. */
  async answer({ id, account }: Pick<Command, 'id' | 'account'>, content: unknown): Promise<void> {
    const { host } = this.#database
    const sealed = await this.#sealLetter(commandPlace('answer', await this.#fleet(), account, id, host), content)
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
      `SELECT account, host, ${at('answered_at')} AS at, answer_key_id AS key_id, answer AS content FROM ${this.#database.schema}.command WHERE id = $1 AND answered_at IS NOT NULL`,
      [id],
    )
    if (!row) return undefined
    const [account, host] = [String(row.account), String(row.host)]
    const letter = this.#openLetter(commandPlace('answer', await this.#fleet(), account, id, host), row, host)
    return { content: letter?.content }
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

  /** The fleet as it is bound; without a key nothing is. */
  async #fleet(): Promise<string> {
    return this.#sealed ? this.#database.name() : ''
  }

  get #sealed(): boolean {
    return this.#database.keyring.current !== null
  }

  /** What this host tells now. */
  async #sealLetter(place: RowPlace, content: unknown): Promise<[string | null, Uint8Array]> {
    if (!this.#sealed) return this.#seal(place, content)
    return this.#seal(place, letterOf(this.#database.host, await this.#time.now(), content))
  }

  /** Key id and content. */
  #seal(place: RowPlace, value: unknown): [string | null, Uint8Array] {
    const { keyId, content } = this.#database.keyring.seal(place, Buffer.from(JSON.stringify(value ?? null)))
    return [keyId, content]
  }

  /**
   * What a host told, `from` that one if it is given. With a key undefined for what it did not tell so, or not then;
   * without, any content counts.
   */
  #openLetter(
    place: RowPlace,
    row: Row,
    from?: string,
  ): { readonly at: number; readonly content: unknown } | undefined {
    const opened = this.#open(place, row)
    if (!this.#sealed) return { at: Number(row.at), content: opened?.value }
    const letter = letterIn(opened?.value)
    if (!letter) return undefined
    if ((from === undefined || letter.from === from) && isOfItsTime(letter, Number(row.at))) return letter
    this.#database.tampering.note(place, 'stale')
    return undefined
  }

  /** Undefined if it was tampered with; without a value if this host has not got the key. */
  #open(place: RowPlace, row: Row): { readonly value: unknown } | undefined {
    if (!(row.content instanceof Uint8Array)) return undefined
    const { keyring, tampering } = this.#database
    const sealed = { keyId: row.key_id === null ? null : String(row.key_id), content: row.content }
    try {
      const content = keyring.open(place, sealed, (what) => tampering.note(place, what))
      return { value: JSON.parse(Buffer.from(content).toString('utf8')) }
    } catch (error) {
      return error instanceof AuthStoreError ? { value: undefined } : undefined
    }
  }
}
