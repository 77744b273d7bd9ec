import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Keyring } from '../../../src/stores/postgres/keyring.ts'
import { LastWrites } from '../../../src/stores/postgres/last-writes.ts'
import { keyOf, RowBook } from '../../../src/stores/postgres/row-book.ts'

const put = (name: string, table: 'account' | 'own' = 'account') =>
  ({ table, name, content: Buffer.from('x') }) as const

test('of the last thousand rows it is known which were changed since a write, and of older ones that they are not known', () => {
  const writes = new LastWrites(5)
  writes.add([put('a'), put('b'), put('facts', 'own')], 6)
  writes.add([put('b')], 7)
  expect([writes.since(4), writes.since(5), writes.since(6), writes.since(7)]).toEqual([
    undefined,
    ['a', 'b'],
    ['b'],
    [],
  ])
  writes.add(
    Array.from({ length: 998 }, (_, at) => put(`many ${at}`)),
    8,
  )
  // One row too many: the one that was changed longest ago.
  expect([writes.since(5), writes.since(6)?.length, writes.since(8)]).toEqual([undefined, 999, []])
  writes.add([put('b')], 9)
  writes.add([put('last')], 10)
  expect([writes.since(6), writes.since(7), writes.since(8)]).toEqual([
    ...[expect.arrayContaining(['b', 'last']), expect.arrayContaining(['b', 'last']), ['b', 'last']],
  ])
})

test('a book of rows fits the head of its last write, and knows which write each row is of', () => {
  const notary = new Keyring([{ id: 'k', key: randomBytes(32) }]).notary('a', 'k')
  const book = new RowBook([], notary)
  const first = book.after([put('a'), put('b', 'own')], 1)
  expect(book.stampOf(keyOf('account', 'a'))).toBeUndefined()
  first.apply()
  const second = book.after([put('a'), { table: 'own', name: 'b', content: null }], 2)
  second.apply()
  expect([book.stampOf(keyOf('account', 'a')), book.stampOf(keyOf('own', 'b'))]).toEqual([2, undefined])
  const same = new RowBook([{ kind: 'account', name: 'a', stamp: 2 }], notary)
  const many = Array.from({ length: 40 }, (_, at) => ({ kind: 'account', name: `${at}`, stamp: 1 }))
  const turned = new RowBook([], notary).after(
    many.map(({ name }) => put(name)),
    1,
  )
  expect(new RowBook(many, notary).fits(turned.head.content, 1)).toBe(true)
  const { content } = second.head
  expect([
    same.fits(content, 2),
    same.fits(content, 3),
    book.fits(content, 2),
    book.fits(first.head.content, 1),
  ]).toEqual([...[true, false, true, false]])
})
