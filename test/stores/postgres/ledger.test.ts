import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Keyring } from '../../../src/stores/postgres/keyring.ts'
import { LastWrites } from '../../../src/stores/postgres/last-writes.ts'
import { Ledger } from '../../../src/stores/postgres/ledger.ts'
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
