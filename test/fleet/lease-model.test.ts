import { describe, expect, test } from 'vitest'
import { type LeaseWorld, protocol } from './lease-model.ts'
import { type Found, search } from './lease-search.ts'

/**
 * Two hosts whose clocks may lag by one, whose sockets need one to close, whose messages may be on their way for one;
 * each may sleep at any moment, for any time.
 */
const sockets: LeaseWorld = { ttl: 5, margin: 3, closing: 1, lag: 1, claims: 2, slow: 1, writes: false }
/** Writes that may arrive at any later time, through three owners. */
const writes: LeaseWorld = { ttl: 3, margin: 1, closing: 0, lag: 0, claims: 3, slow: 1, writes: true }

const bound = ({ ttl, margin, closing, lag, claims, slow }: LeaseWorld) =>
  `ttl ${ttl}, margin ${margin}, closing ≤ ${closing}, lag ≤ ${lag}, messages ≤ ${slow}, ${claims} claims, sleeps without bound`

const searched = (what: string, world: LeaseWorld, { states, edges, depth }: Found): void =>
  console.log(`${what}: ${states} states, ${edges} edges, ${depth} deep (${bound(world)})`)

describe('the lease protocol, in all interleavings of two hosts', () => {
  test('never lets two hosts that both run have an open socket', () => {
    const found = search(sockets, protocol)
    searched('sockets', sockets, found)
    expect(found.counterexample).toBeUndefined()
    expect(found).toMatchObject({ stuck: 0, epochs: 2 })
  })

  test('never lets an earlier epoch write after a later one', () => {
    const found = search(writes, protocol)
    searched('writes', writes, found)
    expect(found.counterexample).toBeUndefined()
    expect(found).toMatchObject({ stuck: 0, epochs: 3 })
  })

  test('needs the fence: without it a write that was held up overtakes', () => {
    const { counterexample } = search(writes, { ...protocol, fence: false })
    expect(counterexample?.why).toBe('epoch 1 wrote after epoch 2')
    expect(counterexample?.way.at(-1)).toBe("A's write arrives")
  })

  test.each([
    ['counts its time from the answer', sockets, { ...protocol, fromSending: false }],
    ['acts after a sleep without looking at its clock', sockets, { ...protocol, looksFirst: false }],
    ['has a clock that lags by more than the margin allows', { ...sockets, lag: 2 }, protocol],
    ['needs all of the margin for closing', { ...sockets, margin: 1, lag: 0 }, protocol],
  ])('is unsafe where an owner %s', (_what, world, rules) => {
    expect(search(world, rules).counterexample?.why).toBe('two hosts that both run have an open socket')
  })
})
