import { describe, expect, test } from 'vitest'
import { createFleet, type FleetOptions } from '../../src/fleet/index.ts'
import { checkFleetOptions } from '../../src/fleet/options.ts'
import { OptionsError } from '../../src/index.ts'
import { connectPostgres } from '../../src/stores/postgres/index.ts'

const good = { store: '/nowhere/at-all', connect: () => Promise.reject(new Error('never called')) }
const connectionString = 'postgres://127.0.0.1:1/accounts'
const leased = (marginMs: number) => ({ connectionString, lease: { ttlMs: 10_000, renewMs: 1_000, marginMs } })
const checked = (options: object) => checkFleetOptions({ ...good, ...options } as FleetOptions<never>)

describe('the options of a fleet', () => {
  test.each<[string, unknown]>([
    ['fleet', undefined],
    ['fleet.colour', { ...good, colour: 'blue' }],
    ['store', { ...good, store: undefined }],
    ['store', { ...good, store: '' }],
    ['store', { ...good, store: 'a\0b' }],
    ['store', { ...good, store: 7 }],
    ['connectionString', { ...good, store: {} }],
    ['schema', { ...good, store: { connectionString, schema: 'No Name' } }],
    ['host', { ...good, store: { connectionString, host: '' } }],
    ['queueBytes', { ...good, store: { connectionString, queueBytes: -1 } }],
    ['lease.ttlMs', { ...good, store: { connectionString, lease: { ttlMs: 1_000, renewMs: 400, marginMs: 200 } } }],
    ['store.lease.marginMs', { ...good, store: leased(2_999) }],
    ['hostId', { ...good, store: connectPostgres({ connectionString, host: 'a' }), hostId: 'b' }],
    ['hostId', { ...good, hostId: '' }],
    ['hostId', { ...good, hostId: 7 }],
    ['connect', { ...good, connect: undefined }],
    ['accounts', { ...good, accounts: 'anna' }],
    ['accounts', { ...good, accounts: ['anna', ''] }],
    ['accounts', { ...good, accounts: [7] }],
    ['most', { ...good, most: -1 }],
    ['most', { ...good, most: 1.5 }],
    ['drainOn', { ...good, drainOn: 'SIGTERM' }],
    ['pace', { ...good, pace: 7 }],
    ['pace.hurry', { ...good, pace: { hurry: 1 } }],
    ['pace.planMs', { ...good, pace: { planMs: 9 } }],
    ['pace.spacingMs', { ...good, pace: { spacingMs: -1 } }],
    ['pace.connecting', { ...good, pace: { connecting: 0 } }],
    ['pace.connecting', { ...good, pace: { connecting: 1.5 } }],
    ['pace.aliveMs', { ...good, pace: { announceMs: 5_000, aliveMs: 9_999 } }],
    ['mode', { ...good, mode: 'watch' }],
    ['logger', { ...good, logger: {} }],
    ['notify', { ...good, notify: 'mail@example.org' }],
    ['policy.reconect', { ...good, policy: { reconect: {} } }],
  ])('a wrong %s is refused with its path, before anything starts', (path, options) => {
    const make = () => createFleet(options as FleetOptions<never>)
    expect(make).toThrow(OptionsError)
    expect(make).toThrow(expect.objectContaining({ path, code: 'OPTIONS_INVALID' }))
  })

  test('a margin is enough for the look at the clock and for the closing of a socket, which may be made shorter', () => {
    expect(checked({ store: leased(3_000) }).coordination.terms).toMatchObject({ marginMs: 3_000 })
    const policy = { reconnect: { closeTimeoutMs: 500 } }
    expect(() => checked({ store: leased(999), policy })).toThrow('may need 1000 ms')
    expect(checked({ store: leased(1_000), policy }).line).toEqual({ policy })
  })

  test('a host has the name that it is given, or that of its database', () => {
    const database = connectPostgres({ connectionString, host: 'a' })
    expect(checked({ hostId: 'here' }).coordination.host).toBe('here')
    expect(checked({ store: { connectionString }, hostId: 'b' }).coordination.host).toBe('b')
    expect(checked({ store: { connectionString, host: 'c' } }).coordination.host).toBe('c')
    for (const hostId of [undefined, 'a']) expect(checked({ store: database, hostId }).coordination.host).toBe('a')
  })
})
