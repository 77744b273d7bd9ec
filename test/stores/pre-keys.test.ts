import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { hasRegressed, maxPreKeyId, preKeyIds, repairedNext } from '../../src/stores/pre-keys.ts'

describe('where pre-key numbering goes on', () => {
  test.each([
    { title: 'numbering past every stored key is well', next: 31, ids: [1, 2, 30], regressed: false },
    { title: 'the next id being stored is a regression', next: 30, ids: [1, 30], regressed: true },
    { title: 'a far higher stored id is a regression', next: 31, ids: [812], regressed: true, repaired: 1813 },
    { title: 'no stored key is well', next: 1, ids: [], regressed: false },
    {
      title: 'a number that does not fit three bytes is a regression',
      next: maxPreKeyId + 1,
      ids: [5],
      regressed: true,
    },
    { title: 'no number is a regression', next: undefined, ids: [5], regressed: true, repaired: 1006 },
    { title: 'half a number is a regression', next: 1.5, ids: [], regressed: true },
    { title: 'the last id is a valid next', next: maxPreKeyId, ids: [maxPreKeyId - 1], regressed: false },
    {
      title: 'past the last id numbering starts again at 1',
      next: maxPreKeyId,
      ids: [maxPreKeyId],
      regressed: true,
      repaired: 1001,
    },
    {
      title: 'after a wrap-around the high ids are behind',
      next: 400,
      ids: [maxPreKeyId - 3, maxPreKeyId, 399],
      regressed: false,
    },
    {
      title: 'a regression across the wrap-around is found',
      next: maxPreKeyId - 10,
      ids: [maxPreKeyId, 20],
      regressed: true,
      repaired: 1021,
    },
    {
      title: 'an id that is half the ring behind, and would be ahead of the repaired number, is passed too',
      next: 1,
      ids: [8_388_609],
      regressed: false,
      repaired: 8_389_610,
    },
  ])('$title', ({ next, ids, regressed, repaired }) => {
    expect(hasRegressed(next, ids)).toBe(regressed)
    if (repaired !== undefined) expect(repairedNext(next, ids)).toBe(repaired)
  })

  const id = fc.integer({ min: 1, max: maxPreKeyId })
  const cluster = fc
    .tuple(id, fc.array(fc.nat(5000), { minLength: 1, maxLength: 50 }))
    .map(([start, offsets]) => offsets.map((offset) => ((start + offset - 1) % maxPreKeyId) + 1))
  property.prop([fc.oneof(id, fc.constant(undefined), fc.double()), cluster])(
    'a repaired number is a valid id, past every stored one, and needs no second repair',
    (next, ids) => {
      const repaired = repairedNext(next, ids)
      expect(Number.isInteger(repaired) && repaired >= 1 && repaired <= maxPreKeyId).toBe(true)
      const next1000 = Array.from({ length: 1000 }, (_, step) => ((repaired + step - 1) % maxPreKeyId) + 1)
      expect(next1000.filter((taken) => ids.includes(taken))).toEqual([])
      if (typeof next === 'number' && Number.isInteger(next) && next >= 1)
        expect(hasRegressed(repaired, ids)).toBe(false)
    },
  )

  test('begins past the margin where there is neither a number nor a stored key', () => {
    expect([repairedNext(undefined, []), repairedNext('x', []), repairedNext(0, [7])]).toEqual([1001, 1001, 1008])
  })

  test('ids are read from exact names only', () => {
    expect(
      preKeyIds([
        'pre-key-3.json',
        'pre-key-x.json',
        'pre-key-16777216.json',
        'pre-key-0.json',
        'session-1.json',
        'pre-key-12.json',
      ]),
    ).toEqual([3, 12])
  })
})
