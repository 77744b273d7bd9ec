import { afterEach, describe, expect, test } from 'vitest'
import { postgresAuthStore } from '../../../src/stores/postgres/index.ts'
import { link, session } from '../account.ts'
import { testDatabase } from './databases.ts'

const at = testDatabase()
const stores: ReturnType<typeof postgresAuthStore>[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.release().catch(() => undefined)
})

let accounts = 0
const newAccount = () => `account-${++accounts}`

const ownedStore = async (account: string, host: string) => {
  const database = at.connect({ host })
  const store = postgresAuthStore({ database, account })
  stores.push(store)
  await store.acquire()
  return store
}

const linkedStore = async (account: string, host = 'one') => {
  const store = await ownedStore(account, host)
  const opening = await store.open({ mint: true })
  link(opening.state.creds)
  await opening.saveCreds()
  await opening.state.keys.set({ session: { '491.0': session('a') } })
  return { store, opening }
}

/** As if the database's clock had gone on past the lease's end. */
const expire = (account: string) =>
  at.pool.query(`UPDATE lifeline.lease SET expires_at = clock_timestamp() - interval '1 second' WHERE account = $1`, [
    account,
  ])

const rowsOf = async (account: string) => {
  const { rows } = await at.pool.query(
    `SELECT kind, name, encode(content, 'hex') AS hex FROM lifeline.item WHERE account = $1 ORDER BY kind, name`,
    [account],
  )
  return rows
}

describe('a stale owner', () => {
  test('is refused every write by the database itself once another epoch has begun, though its own lock thinks it holds', async () => {
    const account = newAccount()
    const { store, opening } = await linkedStore(account)
    const lost: string[] = []
    store.onLost((reason) => lost.push(reason))
    await expire(account)
    const successor = await ownedStore(account, 'two')
    expect(successor.epoch).toBe((store.epoch ?? 0) + 1)
    const before = await rowsOf(account)
    const late = [
      opening.state.keys.set({ session: { '491.0': session('z'), '492.0': session('z') } }),
      opening.saveCreds(),
    ]
    for (const write of late) await expect(write).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    expect(await rowsOf(account)).toEqual(before)
    expect(lost).toEqual(['taken'])
    expect([store.epoch, await store.owned(), await successor.owned()]).toEqual([undefined, false, true])
    const { state } = await successor.open()
    await state.keys.set({ session: { '491.0': session('b') } })
    expect(await state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('b') })
  })

  test('is refused after the end of its lease even if nobody took it, and then claims it anew', async () => {
    const account = newAccount()
    const { store, opening } = await linkedStore(account)
    const epoch = store.epoch ?? 0
    await expire(account)
    const write = opening.state.keys.set({ session: { '491.0': session('z') } })
    await expect(write).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    await store.acquire()
    expect(store.epoch).toBe(epoch + 1)
    expect(await (await store.open()).state.keys.get('session', ['491.0'])).toEqual({ '491.0': session('a') })
  })

  test('does not slip in while the claim of another is under way: its write waits, and is judged by what the claim left', async () => {
    const account = newAccount()
    const { opening } = await linkedStore(account)
    const claimer = await at.pool.connect()
    await claimer.query('BEGIN')
    await claimer.query(`UPDATE lifeline.lease SET epoch = epoch + 1, owner = 'another' WHERE account = $1`, [account])
    const before = await rowsOf(account)
    const write = Promise.resolve(opening.state.keys.set({ session: { '491.0': session('z') } }))
    write.catch(() => undefined)
    await someoneWaits()
    await claimer.query('COMMIT')
    claimer.release()
    await expect(write).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    expect(await rowsOf(account)).toEqual(before)
  })

  test('cannot be followed before its write is done: a claim waits for a write that passed the fence', async () => {
    const account = newAccount()
    const { store } = await linkedStore(account)
    const { rows } = await at.pool.query('SELECT owner, written FROM lifeline.lease WHERE account = $1', [account])
    const writer = await at.pool.connect()
    await writer.query('BEGIN')
    await writer.query(`UPDATE lifeline.lease SET written = written + 1 WHERE account = $1 AND owner = $2`, [
      account,
      rows[0].owner,
    ])
    const claim = ownedStore(account, 'two').then(
      () => 'claimed',
      (error) => error.code,
    )
    await someoneWaits()
    await writer.query('COMMIT')
    writer.release()
    expect(await claim).toBe('AUTH_STORE_LOCKED')
    expect(await store.owned()).toBe(true)
  })

  /** Until a statement waits for the lease's row. */
  const someoneWaits = async () => {
    for (;;) {
      const { rows } = await at.pool.query(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%lease%'`,
      )
      if (rows[0].waiting > 0) return
    }
  }
})

describe('a raw connection that goes around the library', () => {
  test('changes nothing with the statement that the library writes with, under an old epoch, an old owner or an old number', async () => {
    const { writeStatement } = await import('../../../src/stores/postgres/statements.ts')
    const account = newAccount()
    await linkedStore(account)
    const { rows } = await at.pool.query('SELECT epoch, owner, written FROM lifeline.lease WHERE account = $1', [
      account,
    ])
    const [epoch, owner, written] = [Number(rows[0].epoch), rows[0].owner, Number(rows[0].written)]
    const before = await rowsOf(account)
    const write = (asEpoch: number, asOwner: string, number: number, last = written) =>
      at.pool.query(writeStatement('lifeline', true, true), [
        ...[account, asEpoch, asOwner, number, last, null, null],
        ...[['account'], ['creds.json']],
        ...[['account'], ['session-491.0.json'], [1], [2], Buffer.from('{}'), null],
      ])
    for (const stale of [
      write(epoch - 1, owner, written + 1),
      write(epoch, 'x', written + 1),
      write(epoch, owner, written),
      write(epoch, owner, written + 1, written - 1),
    ])
      expect((await stale).rows).toEqual([{ counted: 0 }])
    expect(await rowsOf(account)).toEqual(before)
    await expire(account)
    expect((await write(epoch, owner, written + 1)).rows).toEqual([{ counted: 0 }])
    expect(await rowsOf(account)).toEqual(before)
  })
})
