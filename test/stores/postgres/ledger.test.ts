import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { PostgresDatabase } from '../../../src/stores/postgres/database.ts'
import { Keyring } from '../../../src/stores/postgres/keyring.ts'
import { LastWrites } from '../../../src/stores/postgres/last-writes.ts'
import type { ClaimedLease } from '../../../src/stores/postgres/lease.ts'
import { Ledger, openLedger } from '../../../src/stores/postgres/ledger.ts'
import { RowBook } from '../../../src/stores/postgres/row-book.ts'
import { Witness } from '../../../src/stores/postgres/witness.ts'

const put = (name: string) => ({ table: 'account', name, content: Buffer.from('x') }) as const
const notary = new Keyring([{ id: 'k', key: randomBytes(32) }]).notary('anna', 'k')
const bookOf = (stamp: number) => new RowBook([{ kind: 'account', name: 'a', stamp }], notary)

test('a row that is read is of now if it is of the write that the book says, or of one since: none in between', () => {
  const ledger = new Ledger({ written: 5 }, bookOf(3), () => undefined)
  const look = ledger.look('account', ['a', 'new'])
  expect([2, 3, 4, 5, 6].map((stamp) => look('a', stamp))).toEqual([false, true, false, false, true])
  expect([5, 6].map((stamp) => look('new', stamp))).toEqual([false, true])
  ledger.attempt([put('a')], 6)
  ledger.counts(6)
  // Of the moment in which it was begun.
  expect([3, 5, 6].map((stamp) => look('a', stamp))).toEqual([true, false, true])
  expect([3, 5, 6, 7].map((stamp) => ledger.look('account', ['a'])('a', stamp))).toEqual([false, false, true, true])
  // Without a key whatever stands there is believed.
  expect(new Ledger({ written: 5 }, undefined, () => undefined).look('account', ['a'])('a', 1)).toBe(true)
})

test('of several attempts at one write the one that arrived counts, once, and the others never', () => {
  const counted: number[] = []
  const ledger = new Ledger({ written: 5 }, bookOf(3), (number) => counted.push(number))
  expect(ledger.written).toEqual({ count: 5 })
  const heads = [6, 7].map((number) => ledger.attempt([put('a'), put(`of ${number}`)], number))
  expect(heads.map((head) => head?.keyId)).toEqual(['k', 'k'])
  expect(ledger.counts(8)).toBeUndefined()
  expect([ledger.floor, counted]).toEqual([5, []])
  expect(ledger.counts(6)?.map(({ name }) => name)).toEqual(['a', 'of 6'])
  expect([ledger.floor, counted, ledger.last.since(5), ledger.counts(7)]).toEqual([6, [6], ['a', 'of 6'], undefined])
  const { digest } = ledger.written
  expect(ledger.written).toEqual({ count: 6, digest: expect.stringMatching(/^k:[0-9a-f]{12}$/) })
  ledger.attempt([put('a')], 7)
  ledger.counts(7)
  expect([ledger.written.count, ledger.written.digest === digest]).toEqual([7, false])
  // Before its first write it is what it was when it was claimed.
  const head = { keyId: 'k', content: Buffer.from('x') }
  expect(new Ledger({ written: 5, head }, bookOf(3), () => undefined).written).toEqual({
    count: 5,
    digest: expect.stringMatching(/^k:[0-9a-f]{12}$/),
  })
  const plain = new Ledger({ written: 5, head: { keyId: null, content: Buffer.from('x') } }, undefined, () => undefined)
  expect([plain.attempt([put('a')], 6), plain.written]).toEqual([undefined, { count: 5 }])
})

test('a doubt about the rows is signed with each write until it is settled', () => {
  const book = bookOf(3)
  book.doubt(true)
  const ledger = new Ledger({ written: 5 }, book, () => undefined)
  const fits = (number: number) => {
    const head = ledger.attempt([put('a')], number)
    ledger.counts(number)
    return bookOf(number).fits(head?.content ?? Buffer.alloc(0), number)
  }
  expect(fits(6)).toBe(false)
  ledger.settled()
  expect([fits(7), book.doubted]).toEqual([true, false])
})

test('a witness knows the most writes that it saw of each account, and gives what was kept away once', () => {
  const witness = new Witness()
  expect([witness.seen('anna'), witness.take('anna')]).toEqual([0, undefined])
  for (const written of [3, 7, 5]) witness.saw('anna', written)
  witness.saw('zoe', 1)
  expect([witness.seen('anna'), witness.seen('zoe')]).toEqual([7, 1])
  const last = new LastWrites(7)
  witness.keep('anna', last)
  expect([witness.take('zoe'), witness.take('anna'), witness.take('anna')]).toEqual([undefined, last, undefined])
})

describe('an account that was claimed', () => {
  const keyNamed = (id: string) => ({ id, key: randomBytes(32) })
  const [current, other, foreign] = [keyNamed('current'), keyNamed('other'), keyNamed('foreign')]
  type Key = typeof current
  const rows = [
    { kind: 'account', name: 'creds.json', stamp: 4 },
    { kind: 'own', name: 'facts', stamp: 5 },
  ]
  /** What says of those rows that they are of that write. */
  const headOf = (key: Key, written = 5, of = rows) => {
    return new RowBook(of, new Keyring([key]).notary('anna', key.id)).after([], written).head
  }
  /** What the claim finds of an account of five writes. */
  const found = async (
    given: { keys?: Key[]; head?: ClaimedLease['head']; stamps?: number; seen?: number; lost?: LastWrites } = {},
  ) => {
    const { keys = [], head, stamps = 1, seen = 0, lost } = given
    const witness = new Witness()
    witness.saw('anna', seen)
    if (lost) witness.keep('anna', lost)
    const database = {
      ...{ keyring: new Keyring(keys), witness, schema: 's' },
      ask: async () => ({ rows: rows.map(({ stamp, ...row }) => ({ ...row, stamp: String(stamp * stamps) })) }),
    } as Partial<PostgresDatabase> as PostgresDatabase
    const lease = { account: 'anna', epoch: 1, token: 't', written: 5, ...(head ? { head } : {}) }
    const { wentBack, from, ledger } = await openLedger(database, lease)
    return { wentBack, from, seen: witness.seen('anna'), count: ledger.written.count }
  }
  const lost = (words: string) => `the database is of an earlier time: ${words} of anna are gone from it`
  const changed = { words: expect.stringContaining('rows of anna are not as its owners left them') }

  test('has lost the writes that this process has seen and the database has not, and is written to behind them', async () => {
    expect(await found()).toEqual({ wentBack: undefined, from: 5, seen: 5, count: 5 })
    expect(await found({ seen: 5 })).toEqual({ wentBack: undefined, from: 5, seen: 5, count: 5 })
    const one = { wentBack: { words: lost('the last write') }, from: 6, seen: 6, count: 5 }
    expect(await found({ seen: 6 })).toEqual(one)
    const last = new LastWrites(4)
    last.add([put('session-1.json'), put('session-2.json')], 5)
    last.add([put('session-2.json'), put('creds.json')], 7)
    const { wentBack } = await found({ seen: 7, lost: last })
    expect(wentBack).toEqual({ words: lost('the last 2 writes'), sessions: ['session-2.json'] })
    expect((await found({ seen: 7, lost: new LastWrites(6) })).wentBack).toEqual({ words: lost('the last 2 writes') })
  })

  test.each<[string, Parameters<typeof found>[0], boolean]>([
    ['fits its rows', { head: headOf(current) }, false],
    ['is of another write', { head: headOf(current, 6) }, true],
    ['is of other rows', { head: headOf(current, 5, rows.slice(1)) }, true],
    ['is not there, though writes were counted', {}, true],
    ['is not there, and no write was counted yet', { stamps: 0 }, false],
    ['names no key', { head: { ...headOf(current), keyId: null } }, true],
    ['is of another key at hand, and fits', { head: headOf(other) }, false],
    ['is of another key at hand, and does not fit', { head: headOf(other, 4) }, true],
    ['is of a key that is not at hand', { head: headOf(foreign) }, false],
  ])('under a key is doubted or not where its head %s', async (_, given, doubted) => {
    const { wentBack } = await found({ keys: [current, other], ...given })
    expect(wentBack).toEqual(doubted ? changed : undefined)
  })
})
