import { FencedError } from '../../errors/errors.ts'
import type { Change, Rows, Table } from '../rows/rows.ts'
import type { WentBack, Written } from '../store.ts'
import { markPutBack } from '../unsealed.ts'
import type { Content } from '../write-ahead.ts'
import type { Ask } from './connection.ts'
import type { PostgresDatabase } from './database.ts'
import type { LeaseLock } from './lease-lock.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { itemPlace } from './row-place.ts'
import { RowWrites } from './row-writes.ts'
import { deleteStatement, fenceStatement, putStatement, writeStatement } from './statements.ts'

export interface PostgresRowsParts {
  readonly database: PostgresDatabase
  readonly account: string
  readonly location: string
  readonly lock: LeaseLock
  /** The database is this store's alone, so the connections that it made end with it. */
  readonly ends: boolean
}

interface Answer {
  readonly resolve: (content: Content) => void
  readonly reject: (error: unknown) => void
}

/**
 * Rows of one account in PostgreSQL. Every transaction carries the lease's epoch, and the database refuses it once
 * another epoch has begun.
 */
export class PostgresRows implements Rows {
  readonly #parts: PostgresRowsParts
  #writes: RowWrites | undefined
  #ledger: Ledger | undefined
  #wentBack: WentBack | undefined
  #readers = 0
  /** Rows that are asked for in this turn of the event loop: one question for each table. */
  #asked = new Map<Table, Map<string, Answer[]>>()

  constructor(parts: PostgresRowsParts) {
    this.#parts = parts
    parts.lock.onLost((reason) => {
      const { account, database } = parts
      // Nobody else has it: what is missing when it is claimed again, the database has lost.
      if (this.#ledger && reason !== 'taken') database.witness.keep(account, this.#ledger.last)
      this.#shut()
    })
  }

  /** What the last claim found to be of an earlier time. */
  get wentBack(): WentBack | undefined {
    return this.#wentBack
  }

  get written(): Written | undefined {
    const ledger = this.#ledger
    if (!ledger) return undefined
    const { account, database } = this.#parts
    const seen = database.witness.seen(account)
    return { ...ledger.written, ...(seen > ledger.floor ? { seen } : {}) }
  }

  wentBackSettled(done: boolean): void {
    this.#wentBack = undefined
    if (done) this.#ledger?.settled()
  }

  read(table: Table, name: string): Promise<Content> {
    if (!this.#writes && this.#readers === 0) return Promise.reject(new FencedError(this.#parts.location))
    return new Promise((resolve, reject) => {
      if (this.#asked.size === 0) queueMicrotask(() => this.#askTogether())
      const names = this.#asked.get(table) ?? new Map<string, Answer[]>()
      this.#asked.set(table, names)
      names.set(name, [...(names.get(name) ?? []), { resolve, reject }])
    })
  }

  async names(table: Table, prefix = ''): Promise<readonly string[]> {
    const { account, database } = this.#parts
    const below = prefix === '' ? '' : 'AND left(name, $3) = $4'
    const values = prefix === '' ? [account, table] : [account, table, prefix.length, prefix]
    const text = `SELECT name FROM ${database.schema}.item WHERE account = $1 AND kind = $2 ${below}`
    const { rows } = await database.ask('listing rows', text, values)
    return rows.map(({ name }) => String(name)).sort()
  }

  async newestFirst(table: Table): Promise<readonly string[]> {
    const { account, database } = this.#parts
    const text = `SELECT name FROM ${database.schema}.item WHERE account = $1 AND kind = $2 ORDER BY stamp DESC, name`
    const { rows } = await database.ask('listing rows', text, [account, table])
    return rows.map(({ name }) => String(name))
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#writes?.write(changes) ?? Promise.reject(new FencedError(this.#parts.location))
  }

  async claim(): Promise<void> {
    const { database, location, lock } = this.#parts
    await database.flavour()
    this.#shut()
    if (!lock.lease) throw new FencedError(location)
    const { ledger, from, wentBack } = await openLedger(database, lock.lease)
    this.#ledger = ledger
    this.#wentBack = wentBack
    this.#writes = new RowWrites({
      location,
      from,
      patienceMs: database.patienceMs,
      mostBytes: database.queueBytes,
      send: (changes, number) => this.#send(changes, number),
    })
  }

  async reading<T>(step: () => Promise<T>): Promise<T> {
    await this.#parts.database.ready()
    this.#readers += 1
    try {
      return await step()
    } finally {
      this.#readers -= 1
      await this.#endUnused()
    }
  }

  async close(): Promise<void> {
    this.#shut()
    await this.#endUnused()
  }

  #shut(): void {
    this.#writes?.shut()
    this.#writes = undefined
    this.#ledger = undefined
  }

  async #endUnused(): Promise<void> {
    if (this.#parts.ends && !this.#writes && this.#readers === 0) await this.#parts.database.end()
  }

  #askTogether(): void {
    const asked = this.#asked
    this.#asked = new Map()
    for (const [table, names] of asked) void this.#fetch(table, names)
  }

  async #fetch(kind: Table, names: ReadonlyMap<string, Answer[]>): Promise<void> {
    const { account, database } = this.#parts
    const isOfNow = this.#ledger?.look(kind, names.keys())
    try {
      const { rows } = await database.ask(
        'reading',
        `SELECT name, stamp::text AS stamp, key_id, content FROM ${database.schema}.item WHERE account = $1 AND kind = $2 AND name = ANY($3)`,
        [account, kind, [...names.keys()]],
      )
      const contentOf = (row: Row) => openedRow(row, database, account, kind, isOfNow)
      const found = new Map(rows.map((row) => [String(row.name), contentOf(row)]))
      for (const [name, answers] of names) for (const { resolve } of answers) resolve(found.get(name) ?? null)
    } catch (error) {
      for (const answers of names.values()) for (const { reject } of answers) reject(error)
    }
  }

  async #send(changes: readonly Change[], number: number): Promise<void> {
    const { account, database, lock, location } = this.#parts
    const { lease } = lock
    const ledger = this.#ledger
    if (!lease || !ledger) throw new FencedError(location)
    const head = ledger.attempt(changes, number)
    const by = [account, lease.epoch, lease.token, number, ledger.floor]
    const fence = [...by, head?.keyId ?? null, head?.content ?? null]
    const gone = changes.filter(({ content }) => content === null)
    const put = changes.flatMap(({ table, name, content }) => (content ? [{ table, name, content }] : []))
    const puts = putsOf(put, database, account, number)
    const goes = [gone.map(({ table }) => table), gone.map(({ name }) => name)]
    const s = database.schema
    const once = (await database.flavour()).changesTwice || gone.length === 0 || put.length === 0
    const counted = once
      ? await countedIn(
          (text, values) => database.try(text, values),
          writeStatement(s, gone.length > 0, put.length > 0),
          [...fence, ...(gone.length > 0 ? goes : []), ...(put.length > 0 ? puts : [])],
        )
      : await database.tryTransaction(async (ask) => {
          if (!(await countedIn(ask, fenceStatement(s), fence))) return false
          await ask(deleteStatement(s), [account, ...goes])
          await ask(putStatement(s), [account, number, ...puts])
          return true
        })
    if (counted) {
      ledger.counts(number)
      return
    }
    const found = await this.#standing(ledger)
    if (typeof found === 'object') {
      // What came since the attempt that had arrived is still to be written.
      const arrived = new Set(found)
      return changes.every((change) => arrived.has(change)) ? undefined : this.#send(changes, number)
    }
    lock.lost(found)
    throw new FencedError(location)
  }

  /**
   * Why a write did not count; or what an attempt of before changed, which had arrived although its answer did not, and
   * counts now.
   */
  async #standing(ledger: Ledger): Promise<'taken' | 'ended' | 'went-back' | readonly Change[]> {
    const { account, database, lock } = this.#parts
    const { rows } = await database.try(
      `SELECT epoch::text AS epoch, owner, written::text AS written FROM ${database.schema}.lease WHERE account = $1`,
      [account],
    )
    const [row] = rows
    const [epoch, written] = [Number(row?.epoch ?? 0), Number(row?.written ?? 0)]
    const ownEpoch = lock.lease?.epoch ?? 0
    if (epoch < ownEpoch || written < ledger.floor) return 'went-back'
    if (epoch !== ownEpoch || row?.owner !== lock.lease?.token) return 'taken'
    if (written === ledger.floor) return 'ended'
    return ledger.counts(written) ?? 'taken'
  }
}

const countedIn = async (ask: Ask, text: string, values: unknown[]): Promise<boolean> =>
  Number((await ask(text, values)).rows[0]?.counted) === 1

type Row = Readonly<Record<string, unknown>>

const openedRow = (
  row: Row,
  { keyring, tampering }: PostgresDatabase,
  account: string,
  kind: Table,
  isOfNow: ((name: string, stamp: number) => boolean) | undefined,
): Uint8Array => {
  const content = row.content instanceof Uint8Array ? row.content : new Uint8Array()
  const keyId = row.key_id === null ? null : String(row.key_id)
  const [name, stamp] = [String(row.name), Number(row.stamp)]
  const place = itemPlace(account, kind, name, stamp)
  let sound = true
  const opened = keyring.open(place, { keyId, content }, (what) => {
    sound = false
    tampering.note(place, what)
  })
  if (!sound || isOfNow === undefined || isOfNow(name, stamp)) return opened
  tampering.note(place, 'older')
  return markPutBack(opened)
}

/**
 * Names and places of the contents, and all contents as one value: an array of them would travel as text, twice as
 * long.
 */
const putsOf = (
  put: readonly { readonly table: Table; readonly name: string; readonly content: Uint8Array }[],
  { keyring }: PostgresDatabase,
  account: string,
  number: number,
): unknown[] => {
  const sealed = put.map(
    ({ table, name, content }) => keyring.seal(itemPlace(account, table, name, number), content).content,
  )
  let next = 1
  const starts = sealed.map(({ length }) => {
    const at = next
    next += length
    return at
  })
  return [
    put.map(({ table }) => table),
    put.map(({ name }) => name),
    starts,
    sealed.map(({ length }) => length),
    sealed.length === 1 ? sealed[0] : Buffer.concat(sealed),
    keyring.current,
  ]
}
