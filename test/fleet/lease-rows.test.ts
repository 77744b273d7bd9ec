import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Claimant,
  claimed,
  holds,
  isClaimable,
  type LeaseRow,
  neverClaimed,
  released,
  renewed,
} from '../../machines/lease.ts'
import { fenceStatement } from '../../src/stores/postgres/statements.ts'
import { numberOf } from '../share.ts'
import { testDatabase } from '../stores/postgres/databases.ts'

const terms = { ttlMs: 3_600_000, marginMs: 1_000 }
const database = testDatabase()

const contenders: readonly Claimant[] = [
  { token: 'a1', host: 'a' },
  { token: 'a2', host: 'a' },
  { token: 'b1', host: 'b' },
]
const contender = fc.constantFrom(...contenders)
/** Undefined: whoever owns it at that moment, which is where the fine differences are. */
const somebody = fc.option(contender, { nil: undefined, freq: 1 })
const back = fc.constantFrom(0, 0, 0, 1, 2)
const step = fc.oneof(
  fc.record({ kind: fc.constant('claim' as const), by: contender }),
  fc.record({ kind: fc.constantFrom('renew' as const, 'write' as const), by: somebody, back }),
  fc.record({ kind: fc.constant('release' as const), by: somebody, back, heir: fc.constantFrom(undefined, 'a', 'b') }),
  fc.record({ kind: fc.constant('time' as const), of: fc.constantFrom('lease' as const, 'heir' as const) }),
)

describe('the lease table', () => {
  test('does step by step what the protocol says that was searched', async () => {
    const store = database.connect({ lease: { ttlMs: terms.ttlMs, renewMs: 1_000, marginMs: 1_000 } })
    const { leases } = store
    let accounts = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (script) => {
        const account = `account-${++accounts}`
        let row: LeaseRow = neverClaimed
        let number = 0
        let last = 0
        for (const one of script) {
          if (one.kind === 'time') {
            // The database's own clock cannot be moved, so the end comes to it.
            const column = one.of === 'lease' ? 'expires_at' : 'heir_until'
            await store.ask('test', `UPDATE lifeline.lease SET ${column} = clock_timestamp() WHERE account = $1`, [
              account,
            ])
            const { heir } = row
            row =
              one.of === 'lease' ? { ...row, endsAt: 0 } : { ...row, ...(heir ? { heir: { ...heir, until: 0 } } : {}) }
            continue
          }
          const owner = contenders.find(({ token: its }) => its === row.owner)
          const { token, host } = one.by ?? owner ?? { token: 'nobody', host: 'nowhere' }
          if (one.kind === 'claim') {
            const by = { token, host }
            const ok = isClaimable(row, by, 1)
            const got = await leases.claim(account, { token, host, identity: { pid: 1, host } })
            expect(got.kind).toBe(ok ? 'claimed' : 'held')
            if (ok) row = claimed(row, by, 1, terms)
            if (got.kind === 'claimed') expect(got.lease.epoch).toBe(row.epoch)
            continue
          }
          const epoch = row.epoch - one.back
          const ok = holds(row, token, epoch, 1)
          const held = { account, epoch, token }
          if ('heir' in one) {
            await leases.release(held, one.heir ?? null, 3_600_000)
            // Its owner may give it back even after its end, as long as nobody took it.
            const owns = row.epoch === epoch && row.owner === token
            if (owns) row = released(row, 1, one.heir === undefined ? undefined : { host: one.heir, forMs: 3_600_000 })
          } else if (one.kind === 'renew') {
            expect((await leases.renew([held])).has(account)).toBe(ok)
            if (ok) row = renewed(row, 1, terms)
          } else {
            const values = [account, epoch, token, ++number, last, null, null]
            const { rows } = await store.try(fenceStatement('lifeline'), values)
            expect(Number(rows[0]?.counted)).toBe(ok ? 1 : 0)
            if (ok) last = number
          }
        }
        const read = await leases.read(account)
        expect({ epoch: read.epoch, owner: read.owner?.token }).toEqual({ epoch: row.epoch, owner: row.owner })
      }),
      { numRuns: numberOf(60, 20) },
    )
  })
})
