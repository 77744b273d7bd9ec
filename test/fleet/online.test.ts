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

  test('is not doubted for accounts that a person has to see to', () => {
    let now = 0
    const online = new Online(100, () => now)
    online.look([at('blocked'), at('awaitingQr')])
    now = 1_000
    online.look([at('blocked')])
    expect(online.lost).toBe(false)
  })
})
