import { hash } from 'node:crypto'
import type { Change } from '../rows/rows.ts'
import type { WentBack, Written } from '../store.ts'
import type { PostgresDatabase } from './database.ts'
import type { Sealed } from './keyring.ts'
import { LastWrites } from './last-writes.ts'
import type { ClaimedLease } from './lease.ts'
import { keyOf, RowBook, type StampedRow } from './row-book.ts'
import { stampedRows } from './row-heads.ts'

interface Attempt {
  readonly number: number
  readonly changes: readonly Change[]
  readonly head: Sealed | undefined
  readonly apply: () => void
}

/** Enough to tell states of one account apart. */
const digestLength = 12

const nothing = (): void => undefined

/** What the owner of an account knows of its writes: how many there were, and with a key of which one each row is. */
export class Ledger {
  readonly last: LastWrites
  readonly #book: RowBook | undefined
  readonly #onCounted: (number: number) => void
  #floor: number
  #head: Sealed | undefined
  /** Attempts at the next write; one whose answer did not come may count all the same. */
  readonly #attempts: Attempt[] = []

  constructor(
    { written, head }: Pick<ClaimedLease, 'written' | 'head'>,
    book: RowBook | undefined,
    onCounted: (number: number) => void,
  ) {
    this.last = new LastWrites(written)
    this.#floor = written
    this.#head = head
    this.#book = book
    this.#onCounted = onCounted
  }

  /** The number of the last write that counts. */
  get floor(): number {
    return this.#floor
  }

  get written(): Written {
    const { keyId, content } = this.#head ?? {}
    if (typeof keyId !== 'string' || !content) return { count: this.#floor }
    return { count: this.#floor, digest: `${keyId}:${hash('sha256', content).slice(0, digestLength)}` }
  }

  /** An attempt at a write; the head that goes with it, if there is a key. */
  attempt(changes: readonly Change[], number: number): Sealed | undefined {
    const turned = this.#book?.after(changes, number)
    this.#attempts.push({ number, changes, head: turned?.head, apply: turned?.apply ?? nothing })
    return turned?.head
  }

  /** The write of that number counts from now on; what it changed, if it is an attempt of ours. */
  counts(number: number): readonly Change[] | undefined {
    const attempt = this.#attempts.find((one) => one.number === number)
    if (!attempt) return undefined
    attempt.apply()
    this.last.add(attempt.changes, number)
    this.#floor = number
    this.#head = attempt.head
    this.#attempts.length = 0
    this.#onCounted(number)
    return attempt.changes
  }

  /** Whether a row that is read from now on is one that was written last, or later than now. Without a key each is. */
  look(kind: string, names: Iterable<string>): (name: string, stamp: number) => boolean {
    const book = this.#book
    if (!book) return () => true
    const floor = this.#floor
    const stamps = new Map([...names].map((name) => [name, book.stampOf(keyOf(kind, name))]))
    return (name, stamp) => stamp === stamps.get(name) || stamp > floor
  }

  settled(): void {
    this.#book?.doubt(false)
  }
}

export interface OpenedLedger {
  readonly ledger: Ledger
  /** The number after which its writes go on: none that anybody has seen is given twice. */
  readonly from: number
  readonly wentBack: WentBack | undefined
}

/** Holds an account that was claimed against what this process remembers and, with a key, against its head. */
export const openLedger = async (database: PostgresDatabase, lease: ClaimedLease): Promise<OpenedLedger> => {
  const { account, written } = lease
  const { keyring, witness } = database
  const seen = witness.seen(account)
  const lost = witness.take(account)
  const book = keyring.current === null ? undefined : await bookOf(database, lease)
  const wentBack = seen > written ? lostWrites(account, seen - written, lost?.since(written)) : doubted(account, book)
  if (wentBack) book?.doubt(true)
  witness.saw(account, written)
  const from = witness.seen(account)
  return { ledger: new Ledger(lease, book, (number) => witness.saw(account, number)), from, wentBack }
}

const bookOf = async (database: PostgresDatabase, lease: ClaimedLease): Promise<RowBook> => {
  const { account, head } = lease
  const { keyring } = database
  const rows = await stampedRows((text, values) => database.ask('looking at the rows', text, values), database, account)
  const book = new RowBook(rows, keyring.notary(account, String(keyring.current)))
  // Rows of before writes were counted have no head.
  if (!head) book.doubt(rows.some(({ stamp }) => stamp > 0))
  else if (head.keyId === keyring.current) book.doubt(!book.fits(head.content, lease.written))
  else if (head.keyId === null) book.doubt(true)
  else book.doubt(!fitsOtherKey(database, rows, lease, head.keyId))
  return book
}

/** Without that key nothing of the account opens either, which its reader is told. */
const fitsOtherKey = (
  { keyring }: PostgresDatabase,
  rows: readonly StampedRow[],
  { account, written, head }: ClaimedLease,
  keyId: string,
): boolean =>
  !head || !keyring.has(keyId) || new RowBook(rows, keyring.notary(account, keyId)).fits(head.content, written)

const lostWrites = (account: string, count: number, names: readonly string[] | undefined): WentBack => ({
  words: `the database is of an earlier time: the last ${count === 1 ? 'write' : `${count} writes`} of ${account} are gone from it`,
  ...(names ? { sessions: names.filter((name) => name.startsWith('session-')) } : {}),
})

const doubted = (account: string, book: RowBook | undefined): WentBack | undefined =>
  book?.doubted
    ? {
        words: `rows of ${account} are not as its owners left them: some were put back to an older version, removed or added`,
      }
    : undefined
