import { describe, expect, test } from 'vitest'
import type { Status } from '../../machines/index.ts'
import { Online } from '../../src/fleet/online.ts'

const at = (state: Status['state']): Status => ({
  account: 'anna',
  state,
  since: 0,
  message: '',
  userAction: 'none',
  attempt: 0,
  generation: 0,
})

describe('whether a host gets through to WhatsApp', () => {
  test('is doubted once none of its accounts has for a while, for longer each time, and no more once one has', () => {
    let now = 0
    const online = new Online(100, () => now)
    const look = (...states: Status['state'][]) => online.look(states.map(at))
    look('reconnecting', 'healthy')
    look('reconnecting', 'connecting')
    now = 99
    look('reconnecting')
    expect(online.lost).toBe(false)
    now = 100
    look('connecting')
    expect(online.lost).toBe(true)
    // It has given its accounts away, and may try with one again.
    look()
    now = 200
    expect(online.lost).toBe(false)
    look('reconnecting')
    now = 300
    look('reconnecting')
    now = 499
    expect(online.lost).toBe(true)
    look('healthy')
    expect(online.lost).toBe(false)
  })

  test('is doubted for a time that begins anew whenever one gets through, or none is trying', () => {
    let now = 0
    const online = new Online(100, () => now)
    const looks = (at_: number, ...states: Status['state'][]) => {
      now = at_
      online.look(states.map(at))
      return online.lost
    }
    expect([looks(0, 'connecting'), looks(50, 'healthy'), looks(60, 'preparing'), looks(100, 'connecting')]).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect([looks(120), looks(130, 'connecting'), looks(229, 'reconnecting')]).toEqual([false, false, false])
    expect([looks(230, 'connecting'), looks(329), looks(330)]).toEqual([true, true, false])
    // What was before one got through is forgotten: the next rest is a short one.
    expect([looks(331, 'healthy'), looks(400, 'connecting'), looks(500, 'connecting')]).toEqual([false, false, true])
    expect([looks(599), looks(600)]).toEqual([true, false])
  })

  test('is not doubted for accounts that a person has to see to', () => {
    let now = 0
    const online = new Online(100, () => now)
    online.look([at('blocked'), at('awaitingQr')])
    now = 1_000
    online.look([at('blocked')])
    expect(online.lost).toBe(false)
  })
})
