import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { emptiest, fairShare, moveFrom, roomOf, spread, type Taker } from '../../src/fleet/plan.ts'

const any = Number.POSITIVE_INFINITY
const takers = (...has: number[]): Taker[] => has.map((count, at) => ({ host: `host-${at}`, has: count, most: any }))
const some = fc
  .array(
    fc.record({
      has: fc.integer({ min: 0, max: 30 }),
      most: fc.oneof(fc.constant(any), fc.integer({ min: 0, max: 30 })),
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((list) => list.map((taker, at): Taker => ({ host: `host-${at}`, ...taker })))

describe('the plan of a fleet', () => {
  test.each([
    [30, [any, any, any], 10],
    [31, [any, any, any], 11],
    [0, [any], 0],
    [30, [4, any, any], 13],
    [30, [0, any], 30],
    [30, [4, 5], 5],
    [30, [], 0],
  ])('gives each of %i accounts over hosts that take at most %j a share of %i', (wanted, limits, share) => {
    expect(
      fairShare(
        wanted,
        limits.map((most) => ({ most })),
      ),
    ).toBe(share)
  })

  prop.prop([fc.integer({ min: 0, max: 200 }), some])(
    'finds a place for every account that there is room for',
    (wanted, all) => {
      const share = fairShare(wanted, all)
      const places = all.reduce((sum, { most }) => sum + Math.min(share, most), 0)
      const room = all.reduce((sum, { most }) => sum + most, 0)
      expect(places).toBeGreaterThanOrEqual(Math.min(wanted, room))
      for (const taker of all)
        expect(taker.has + roomOf(taker, share)).toBeLessThanOrEqual(Math.max(taker.has, taker.most))
    },
  )

  test('lets only the fullest host move, and only as long as it makes things more even', () => {
    expect(moveFrom('host-0', takers(4, 2))).toBe('host-1')
    expect(moveFrom('host-1', takers(4, 2))).toBeUndefined()
    expect(moveFrom('host-0', takers(3, 2))).toBeUndefined()
  })

  test('lets a host that has more than it may go first, however few it has', () => {
    const cut: Taker = { host: 'z', has: 2, most: 0 }
    expect(moveFrom('z', [...takers(5, 2), cut])).toBe('host-1')
    expect(moveFrom('host-0', [...takers(5, 2), cut])).toBeUndefined()
  })

  test('lets the first by name go and be filled first, of hosts that have the same', () => {
    for (const hosts of [takers(4, 4, 1, 1), takers(4, 4, 1, 1).toReversed()]) {
      expect(moveFrom('host-0', hosts)).toBe('host-2')
      expect(moveFrom('host-1', hosts)).toBeUndefined()
    }
  })

  prop.prop([some])('comes to rest: one move after the other, no account is moved for ever', (all) => {
    let now = all
    for (let moves = 0; ; moves += 1) {
      expect(moves).toBeLessThan(400)
      const move = now.map(({ host }) => ({ host, to: moveFrom(host, now) })).find(({ to }) => to !== undefined)
      if (!move) break
      now = now.map((taker) => ({
        ...taker,
        has: taker.has + (taker.host === move.to ? 1 : 0) - (taker.host === move.host ? 1 : 0),
      }))
    }
  })

  test('spreads what a leaving host had over the others, the emptiest first', () => {
    const places = spread(['x', 'y', 'z'], takers(3, 1))
    expect([...places.values()]).toEqual(['host-1', 'host-1', 'host-0'])
    expect(emptiest([])).toBeUndefined()
  })
})
