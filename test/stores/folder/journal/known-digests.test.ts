import { expect, test } from 'vitest'
import { digestOf } from '../../../../src/stores/folder/journal/digest.ts'
import { KnownDigests } from '../../../../src/stores/folder/journal/known-digests.ts'

test('of two thousand files it is known what they hold; of more, those are forgotten that were noted longest ago', () => {
  const known = new KnownDigests()
  const [one, two] = [Buffer.from('1'), Buffer.from('2')]
  expect(known.of('a')).toBeUndefined()
  known.note('a', one)
  known.note('b', null)
  expect([known.of('a'), known.of('b')]).toEqual([digestOf(one), digestOf(null)])
  for (let at = 2; at < 2_000; at += 1) known.note(`${at}`, one)
  known.note('a', two)
  expect([known.of('a'), known.of('b')]).toEqual([digestOf(two), digestOf(null)])
  known.note('one more', one)
  expect([known.of('a'), known.of('b'), known.of('2')]).toEqual([digestOf(two), undefined, digestOf(one)])
  known.note('another', one)
  expect([known.of('a'), known.of('2'), known.of('3')]).toEqual([digestOf(two), undefined, digestOf(one)])
  known.clear()
  expect([known.of('a'), known.of('another')]).toEqual([undefined, undefined])
})
