import type { ProcessIdentity } from '../process-identity.ts'
import type { PostgresConnection } from './connection.ts'
import type { Sealed } from './keyring.ts'
import { channelOf } from './wakes.ts'

/** Who asks for a lease. */
export interface Contender {
  /** Told from every other contender, in this process too. */
  readonly token: string
  /** The host's name, as the fleet knows it. */
  readonly host: string
  /** Which process of which machine it is. */
  readonly identity: ProcessIdentity
}

/** A row of the lease table, as the database's clock sees it. */
export interface Lease {
  /** The name of the account. */
  readonly account: string
  /** Rises with each claim, for ever. 0: never claimed. */
  readonly epoch: number
  /** Undefined if nobody holds it: it was given back. */
  readonly owner: { readonly token: string; readonly host: string; readonly identity?: ProcessIdentity } | undefined
  /** Milliseconds until it is anyone's; below 0 once it is. */
  readonly expiresInMs: number
  /** It was handed to this host, for which it is kept so much longer. */
  readonly heir?: { readonly host: string; readonly keptForMs: number }
}

/** The lease, or who has it. */
export type Claimed =
  /** It is the claimant's, for so long. */
  | { readonly kind: 'claimed'; readonly lease: ClaimedLease; readonly expiresInMs: number }
  /** Somebody else has it. */
  | { readonly kind: 'held'; readonly by: Lease }

/** A lease as its holder names it in each step. */
export interface Held {
  /** The name of the account. */
  readonly account: string
  /** The claim that it was; each write carries it. */
  readonly epoch: number
  /** Whose lease it is. */
  readonly token: string
}

/** A lease as it was found when it was claimed. */
export interface ClaimedLease extends Held {
  /** How many writes the account has seen, of all its owners: it only ever grows. */
  readonly written: number
  /** What says of all rows which of them count; absent before the first write with a key. */
  readonly head?: Sealed
}

const remaining = (column: string) => `(extract(epoch FROM (${column} - clock_timestamp())) * 1000)::float8`
const inMs = (parameter: string) => `clock_timestamp() + ${parameter}::float8 * interval '1 millisecond'`

/**
 * The leases of a database: one row per account, its end by the database's clock, its epoch higher with each owner.
 * Each step is one statement, so that two hosts that meet are told apart by the row's lock.
 */
export class Leases {
  readonly #database: PostgresConnection

  constructor(database: PostgresConnection) {
    this.#database = database
  }

  /**
   * Becomes the owner, with a higher epoch than anyone before. Refused while another's lease holds, or while it is kept
   * for another host. `overEpoch` takes the lease of that epoch before its end: only for an owner whose process is
   * known to be gone.
   */
  async claim(account: string, by: Contender, overEpoch = -1): Promise<Claimed> {
    const { timing } = this.#database
    const { rows } = await this.#ask(
      'claiming the account',
      `INSERT INTO ${this.#table} AS l (account, owner, host, identity, epoch, written, expires_at)
       VALUES ($1, $2, $3, $4, 1, 0, ${inMs('$5')})
       ON CONFLICT (account) DO UPDATE SET owner = excluded.owner, host = excluded.host, identity = excluded.identity, epoch = l.epoch + 1,
         expires_at = excluded.expires_at, heir = NULL, heir_until = NULL
       WHERE (l.owner IS NULL OR l.owner = excluded.owner OR l.epoch = $6::bigint OR l.expires_at <= clock_timestamp())
         AND (l.heir IS NULL OR l.heir = excluded.host OR l.heir_until <= clock_timestamp())
       RETURNING l.epoch::text AS epoch, l.written::text AS written, l.head_key_id, l.head`,
      [account, by.token, by.host, JSON.stringify(by.identity), timing.ttlMs, overEpoch],
    )
    const [row] = rows
    if (row)
      return {
        kind: 'claimed',
        lease: { account, epoch: Number(row.epoch), token: by.token, ...claimedOf(row) },
        expiresInMs: timing.ttlMs,
      }
    return { kind: 'held', by: await this.read(account) }
  }

  /**
   * Renews all leases that still hold, in one statement; the accounts that were renewed. One is left out, too, while a
   * write of it is under way: what became of those that are missing, `read` tells. A lease that ended is not renewed,
   * even if nobody took it. One attempt.
   */
  async renew(held: readonly Held[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#database.try(
      `WITH mine AS (
         SELECT l.account FROM ${this.#table} l JOIN unnest($1::text[], $2::bigint[], $3::text[]) AS w (account, epoch, token)
         ON w.account = l.account WHERE l.epoch = w.epoch AND l.owner = w.token AND l.expires_at > clock_timestamp() FOR UPDATE OF l SKIP LOCKED)
       UPDATE ${this.#table} AS l SET expires_at = ${inMs('$4')} FROM mine WHERE l.account = mine.account RETURNING l.account`,
      [
        held.map(({ account }) => account),
        held.map(({ epoch }) => epoch),
        held.map(({ token }) => token),
        this.#database.timing.ttlMs,
      ],
    )
    return new Set(rows.map(({ account }) => String(account)))
  }

  /**
   * Gives a lease back. With `toHost` it is kept for that host for `keptForMs`, so that no other takes it first. One
   * attempt: unheard, it ends by itself.
   */
  async release({ account, epoch, token }: Held, toHost: string | null = null, keptForMs = 10_000): Promise<void> {
    const { notifies } = await this.#database.flavour()
    const what = `CASE WHEN $4::text IS NULL THEN 'lease:' || account ELSE 'heir:' || $4::text END`
    const told = notifies ? `pg_notify('${channelOf(this.#database)}', left(${what}, 2000))` : 'account'
    await this.#database.try(
      `WITH given AS (
         UPDATE ${this.#table} SET owner = NULL, host = NULL, identity = NULL, expires_at = clock_timestamp(), heir = $4,
           heir_until = ${inMs('$5')} WHERE account = $1 AND epoch = $2 AND owner = $3 RETURNING account)
       SELECT ${told} FROM given`,
      [account, epoch, token, toHost, keptForMs],
    )
  }

  /** Epoch 0 if the account was never claimed. */
  async read(account: string): Promise<Lease> {
    const { rows } = await this.#ask('reading the lease', `${this.#select} WHERE account = $1`, [account])
    return rows[0] ? leaseOf(rows[0]) : { account, epoch: 0, owner: undefined, expiresInMs: 0 }
  }

  /** What became of a lease, for its holder. */
  async look({ account, epoch, token }: Held): Promise<'ours' | 'taken' | 'ended' | 'went-back'> {
    const lease = await this.read(account)
    if (lease.epoch < epoch) return 'went-back'
    if (lease.epoch !== epoch || lease.owner?.token !== token) return 'taken'
    return lease.expiresInMs > 0 ? 'ours' : 'ended'
  }

  /** The leases of all accounts. */
  async list(): Promise<readonly Lease[]> {
    const { rows } = await this.#ask('reading the leases', `${this.#select} ORDER BY account`)
    return rows.map(leaseOf)
  }

  get #table(): string {
    return `${this.#database.schema}.lease`
  }

  get #select(): string {
    return `SELECT account, owner, host, identity, epoch::text AS epoch, ${remaining('expires_at')} AS remaining,
      heir, ${remaining('heir_until')} AS heir_remaining FROM ${this.#table}`
  }

  #ask(doing: string, text: string, values?: unknown[]) {
    return this.#database.ask(doing, text, values)
  }
}

const claimedOf = (row: Readonly<Record<string, unknown>>): Pick<ClaimedLease, 'written' | 'head'> => ({
  written: Number(row.written),
  ...(row.head instanceof Uint8Array
    ? { head: { keyId: row.head_key_id === null ? null : String(row.head_key_id), content: row.head } }
    : {}),
})

const leaseOf = (row: Readonly<Record<string, unknown>>): Lease => {
  const keptForMs = Number(row.heir_remaining ?? 0)
  return {
    account: String(row.account),
    epoch: Number(row.epoch),
    owner: row.owner === null ? undefined : ownerOf(row),
    expiresInMs: Number(row.remaining),
    ...(row.heir !== null && keptForMs > 0 ? { heir: { host: String(row.heir), keptForMs } } : {}),
  }
}

const ownerOf = ({ owner, host, identity }: Readonly<Record<string, unknown>>) => {
  const process = identityOf(identity)
  return { token: String(owner), host: String(host), ...(process ? { identity: process } : {}) }
}

const identityOf = (text: unknown): ProcessIdentity | undefined => {
  try {
    const value: unknown = JSON.parse(String(text))
    return isIdentity(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isIdentity = (value: unknown): value is ProcessIdentity =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  Number.isInteger(value.pid) &&
  'host' in value &&
  typeof value.host === 'string'
