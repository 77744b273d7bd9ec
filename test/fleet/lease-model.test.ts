// @module-tag slow

import { describe, expect, test } from 'vitest'
import { shareOf } from '../share.ts'
import { type LeaseWorld, protocol } from './lease-model.ts'
import { type Found, search } from './lease-search.ts'

/** The small worlds are searched every day, one of the wide ones each day. */
const wideToday = shareOf(['sockets', 'writes'], 1)
const today = (what: string, wide: LeaseWorld, small: LeaseWorld) => (wideToday.includes(what) ? wide : small)

/**
 * Two hosts whose clocks may lag by one, whose sockets need one to close, whose messages may be on their way for one;
 * each may sleep at any moment, for any time.
 */
const sockets: LeaseWorld = { ttl: 5, margin: 3, closing: 1, lag: 1, claims: 2, slow: 1, writes: false }
const fewSockets: LeaseWorld = { ...sockets, ttl: 4, margin: 2, lag: 0 }
/** Writes that may arrive at any later time, through three owners. */
const writes: LeaseWorld = { ttl: 3, margin: 1, closing: 0, lag: 0, claims: 3, slow: 1, writes: true }
const fewWrites: LeaseWorld = { ...writes, claims: 2 }

const bound = ({ ttl, margin, closing, lag, claims, slow }: LeaseWorld) =>
  `ttl ${ttl}, margin ${margin}, closing ≤ ${closing}, lag ≤ ${lag}, messages ≤ ${slow}, ${claims} claims, sleeps without bound`

const searched = (what: string, world: LeaseWorld, { states, edges, depth }: Found): void =>
  console.log(`${what}: ${states} states, ${edges} edges, ${depth} deep (${bound(world)})`)

describe('the lease protocol, in all interleavings of two hosts', () => {
  test('never lets two hosts that both run have an open socket', () => {
    const world = today('sockets', sockets, fewSockets)
    const found = search(world, protocol)
    searched('sockets', world, found)
    expect(found.counterexample).toBeUndefined()
    expect(found).toMatchObject({ stuck: 0, epochs: world.claims })
  })

  test('never lets an earlier epoch write after a later one', () => {
    const world = today('writes', writes, fewWrites)
    const found = search(world, protocol)
    searched('writes', world, found)
    expect(found.counterexample).toBeUndefined()
    expect(found).toMatchObject({ stuck: 0, epochs: world.claims })
  })

  test('needs the fence: without it a write that was held up overtakes', () => {
    const { counterexample } = search(writes, { ...protocol, fence: false })
    expect(counterexample?.why).toBe('epoch 1 wrote after epoch 2')
    expect(counterexample?.way.at(-1)).toBe("A's write arrives")
  })

  const needed: readonly (readonly [string, LeaseWorld, typeof protocol])[] = [
    ['counts its time from the answer', sockets, { ...protocol, fromSending: false }],
    ['acts after a sleep without looking at its clock', sockets, { ...protocol, looksFirst: false }],
    ['has a clock that lags by more than the margin allows', { ...sockets, lag: 2 }, protocol],
    ['needs all of the margin for closing', { ...sockets, margin: 1, lag: 0 }, protocol],
  ]
  test.each(shareOf(needed, 2))('is unsafe where an owner %s', (_what, world, rules) => {
    expect(search(world, rules).counterexample?.why).toBe('two hosts that both run have an open socket')
  })
})
