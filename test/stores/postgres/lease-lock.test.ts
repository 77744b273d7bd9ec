import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import type { PostgresDatabase } from '../../../src/stores/postgres/database.ts'
import type { Claimed, Lease } from '../../../src/stores/postgres/lease.ts'
import type { KeptLease, LossReason } from '../../../src/stores/postgres/lease-keeper.ts'
import { LeaseLock } from '../../../src/stores/postgres/lease-lock.ts'
import { type Processes, systemProcesses } from '../../../src/stores/process-identity.ts'
import { gate } from '../../gate.ts'

const mine: Claimed = {
  kind: 'claimed',
  lease: { account: 'anna', epoch: 2, token: 'token', written: 0 },
  expiresInMs: 30_000,
}
const held = (by: Partial<Lease>): Claimed => ({
  kind: 'held',
  by: { account: 'anna', epoch: 7, owner: undefined, expiresInMs: -1, ...by },
})

/** A lock on a database that answers what the test says, and what was asked of it. */
function locked() {
  const asked: unknown[] = []
  const kept = new Map<string, KeptLease>()
  const says = {
    claims: [mine] as Claimed[],
    leftMs: 1,
    look: async (): Promise<string> => 'ours',
    release: async (): Promise<void> => undefined,
    state: (): ReturnType<Processes['stateOf']> => 'unknown',
  }
  const database = {
    host: 'here',
    clock: { now: () => 5 },
    keeper: {
      keep: (lease: KeptLease, goodFrom: number) => {
        asked.push(['keep', goodFrom])
        kept.set(lease.account, lease)
      },
      drop: (account: string) => void kept.delete(account),
      leftMs: () => says.leftMs,
    },
    leases: {
      claim: async (account: string, { host }: { readonly host: string }, over?: number) => {
        asked.push(['claim', account, host, over])
        return says.claims.shift()
      },
      look: () => says.look(),
      release: async ({ epoch }: { readonly epoch: number }, heir: string | null) => {
        await says.release()
        asked.push(['release', epoch, heir])
      },
    },
  } as unknown as PostgresDatabase
  const processes = { self: systemProcesses.self, stateOf: () => says.state() }
  const lock = new LeaseLock({ database, account: 'anna', location: 'there', processes })
  const told: string[] = []
  lock.onLost((reason) => told.push(`listener: ${reason}`))
  return { lock, asked, kept, says, told, acquire: () => lock.acquire(() => told.push('lost')) }
}

test('a lease that was answered too late is given back before that is told', async () => {
  const { lock, asked, kept, says, acquire } = locked()
  const giving = gate()
  Object.assign(says, { leftMs: 0, release: () => giving.wait() })
  let ended = false
  const acquired = acquire().finally(() => {
    ended = true
  })
  acquired.catch(() => undefined)
  await giving.reached
  await new Promise(setImmediate)
  expect([ended, lock.held, kept.size]).toEqual([false, false, 0])
  giving.pass()
  await expect(acquired).rejects.toMatchObject({ errno: 'TIMEOUT', message: expect.stringContaining('there') })
  expect(asked.at(-1)).toEqual(['release', 2, null])
})

test('a lease is kept from before it was asked for, given back once, and to the heir of that time alone', async () => {
  const { lock, asked, kept, says, acquire } = locked()
  expect([lock.held, await lock.owned(), lock.lease]).toEqual([false, false, undefined])
  says.claims = [mine, mine]
  await acquire()
  expect(asked.splice(0)).toEqual([
    ['claim', 'anna', 'here', undefined],
    ['keep', 5],
  ])
  expect([lock.held, await lock.owned(), lock.lease?.epoch]).toEqual([true, true, 2])
  says.look = async () => 'taken'
  expect(await lock.owned()).toBe(false)
  lock.handTo('other')
  await lock.release()
  await lock.release()
  expect([lock.held, kept.size, asked.splice(0)]).toEqual([false, 0, [['release', 2, 'other']]])
  await acquire()
  await lock.release()
  expect(asked.at(-1)).toEqual(['release', 2, null])
})

test('a release that the database does not take is none the less one', async () => {
  const { lock, says, acquire } = locked()
  says.release = () => Promise.reject(new Error('gone'))
  await acquire()
  await lock.release()
  expect(lock.held).toBe(false)
})

test.each<[string, (lock: LeaseLock, kept: KeptLease | undefined) => void]>([
  ['the database refuses a write', (lock) => lock.lost('taken')],
  ['the keeper says so', (_, kept) => kept?.onLost('taken')],
])('a lease is lost once when %s, and not after it was given back', async (_, lose) => {
  const { lock, kept, says, told, acquire } = locked()
  says.claims = [mine, mine]
  lose(lock, undefined)
  await acquire()
  const first = kept.get('anna')
  lose(lock, first)
  lose(lock, first)
  expect([lock.held, told.splice(0)]).toEqual([false, ['lost', 'listener: taken']])
  await acquire()
  await lock.release()
  // Another lock of this process may have it by now.
  const other = { ...mine.lease, onLost: () => undefined }
  kept.set('anna', other)
  lose(lock, first)
  expect([told, kept.get('anna')]).toEqual([[], other])
})

test('a look that is answered after the loss says that it is lost', async () => {
  const { lock, says, acquire } = locked()
  const look = gate()
  says.look = async () => {
    await look.wait()
    return 'ours'
  }
  await acquire()
  const owned = lock.owned()
  await look.reached
  lock.lost('ended' satisfies LossReason)
  look.pass()
  expect(await owned).toBe(false)
})

test('an owner whose process is gone is not waited for, and any other is named with what is left of its time', async () => {
  const identity = { ...systemProcesses.self(), pid: 77 }
  const owner = { token: 'other', host: hostname(), identity }
  const { lock, asked, says, acquire } = locked()
  says.state = () => 'gone'
  says.claims = [held({ owner, expiresInMs: 9_000 }), mine]
  await acquire()
  expect(asked.filter((one) => Array.isArray(one) && one[0] === 'claim')).toEqual([
    ['claim', 'anna', 'here', undefined],
    ['claim', 'anna', 'here', 7],
  ])
  await lock.release()
  const refused = async (state: ReturnType<Processes['stateOf']>, by: Partial<Lease>) => {
    says.state = () => state
    says.claims = [held(by)]
    return acquire().then(
      () => undefined,
      (error: unknown) => error,
    )
  }
  expect(await refused('alive', { owner, expiresInMs: 9_000 })).toMatchObject({
    owner: { pid: 77, host: hostname() },
    freeAt: undefined,
    remediation: 'Stop that process. If it is gone already, the account is free in 9 s.',
  })
  const { freeAt } = Object(await refused('unknown', { owner, expiresInMs: 9_000 }))
  expect(Math.abs(freeAt - Date.now() - 9_000)).toBeLessThan(5_000)
  const handed = (host: string, seconds: number) => ({
    remediation: `The account was handed to host ${host}; if that one does not take it, it is free in ${seconds} s.`,
  })
  for (const [keptForMs, seconds] of [
    [100, 1],
    [4_100, 5],
  ] as const)
    expect(await refused('unknown', { heir: { host: 'next', keptForMs } })).toMatchObject({
      owner: { pid: undefined, host: 'next' },
      ...handed('next', seconds),
    })
  expect(await refused('unknown', {})).toMatchObject({ owner: { host: undefined }, ...handed('(unknown)', 1) })
})
