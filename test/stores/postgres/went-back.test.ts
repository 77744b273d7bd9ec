import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  connectPostgres,
  importFolder,
  migrate,
  type PostgresAuthStore,
  type PostgresDatabase,
  postgresAuthStore,
  reencrypt,
} from '../../../src/stores/postgres/index.ts'
import { link, linkedAccount, session } from '../account.ts'
import { testDatabase } from './databases.ts'

/*
 * Rows of an account that are of an earlier time than its last write: put back by somebody who may write into the
 * database, or lost by the database itself.
 */

const at = testDatabase()
const keyOf = (id: string) => ({ id, key: randomBytes(32) })
const encryptionKeys = [keyOf('k')]
/** A process of its own, which remembers nothing. */
const freshProcess = (keys: readonly ReturnType<typeof keyOf>[] = encryptionKeys) =>
  at.connect({ encryptionKeys: keys })

let accounts = 0

async function owner(account: string, database: PostgresDatabase) {
  const store = postgresAuthStore({ database, account })
  onTestFinished(() => store.release().catch(() => undefined))
  const heard: string[] = []
  store.onRefused((words) => heard.push(words))
  await store.acquire()
  return { store, heard }
}

async function filled(database = freshProcess()) {
  const account = `account-${++accounts}`
  const { store, heard } = await owner(account, database)
  const { state, saveCreds, fence } = await store.open({ mint: true })
  link(state.creds)
  await saveCreds()
  const preKey = { public: randomBytes(32), private: randomBytes(32) }
  await state.keys.set({ session: { '491.0': session('a'), '492.0': session('a') }, 'pre-key': { '5': preKey } })
  await fence()
  return { account, database, store, heard }
}

async function write(store: PostgresAuthStore, sessions: Record<string, ReturnType<typeof session> | null>) {
  const { state, fence } = await store.open()
  await state.keys.set({ session: sessions as never })
  await fence()
}

const read = async (store: PostgresAuthStore, id: string) => {
  const { state, fence } = await store.open()
  const { [id]: value } = await state.keys.get('session', [id])
  await fence()
  return value
}

/** What stands in the database of an account, to be put back later: its rows, its lease, or both. */
async function snapshot(account: string) {
  const [items, leases] = await Promise.all(
    ['item', 'lease'].map(async (table) => {
      const { rows } = await at.pool.query(`SELECT * FROM lifeline.${table} WHERE account = $1`, [account])
      return rows as Readonly<Record<string, unknown>>[]
    }),
  )
  const put = async (table: string, rows: readonly Readonly<Record<string, unknown>>[] = []) => {
    for (const row of rows) {
      const columns = Object.keys(row)
      await at.pool.query(
        `INSERT INTO lifeline.${table} (${columns.join(', ')}) VALUES (${columns.map((_, n) => `$${n + 1}`).join(', ')})`,
        Object.values(row),
      )
    }
  }
  return {
    async row(name: string) {
      await at.pool.query('DELETE FROM lifeline.item WHERE account = $1 AND name = $2', [account, name])
      await put(
        'item',
        items?.filter((row) => row.name === name),
      )
    },
    async items() {
      await at.pool.query('DELETE FROM lifeline.item WHERE account = $1', [account])
      await put('item', items)
    },
    async all() {
      await this.items()
      await at.pool.query('DELETE FROM lifeline.lease WHERE account = $1', [account])
      await put('lease', leases)
    },
  }
}

const notTogether = { words: expect.stringContaining('are not as its owners left them') }

describe('A row that was put back to an older version', () => {
  test('under its owner is not used, and told', async () => {
    const { account, store, heard } = await filled()
    const before = await snapshot(account)
    await write(store, { '491.0': session('b') })
    await before.row('session-491.0.json')
    expect([await read(store, '491.0'), await read(store, '492.0')]).toEqual([null, session('a')])
    expect(heard).toEqual([
      `a session row of ${account} is older than what was written last: it was put back; it is not used`,
    ])
    const { findings } = await store.inspect()
    expect(findings.map(({ message }) => message)).toContain(
      'session-491.0.json is older than what was written last: it was put back',
    )
    // What its owner writes there counts again.
    await write(store, { '491.0': session('c') })
    expect(await read(store, '491.0')).toEqual(session('c'))
  })

  test('under the number of the newest is not used either', async () => {
    const { account, store, heard } = await filled()
    const before = await snapshot(account)
    await write(store, { '491.0': session('b') })
    const of = [account, 'session-491.0.json']
    const { rows } = await at.pool.query('SELECT stamp FROM lifeline.item WHERE account = $1 AND name = $2', of)
    await before.row('session-491.0.json')
    await at.pool.query('UPDATE lifeline.item SET stamp = $3 WHERE account = $1 AND name = $2', [...of, rows[0].stamp])
    expect(await read(store, '491.0')).toBeNull()
    expect(heard).toEqual([expect.stringContaining('does not open with its key')])
  })

  test('is not seen in one that is read while it is written', async () => {
    const { store, heard } = await filled()
    for (let turn = 0; turn < 40; turn += 1) await Promise.all([store.writeFacts({ turn }), store.readFacts()])
    expect(heard).toEqual([])
  })

  test('in the place of creds.json gives way to the last good generation', async () => {
    const { account, store } = await filled()
    const before = await snapshot(account)
    const { saveCreds, fence } = await store.open()
    await saveCreds()
    await fence()
    await before.row('creds.json')
    await expect(store.open()).rejects.toMatchObject({ message: expect.stringContaining('it was put back') })
    await store.restoreCreds('put back')
    await store.open()
  })

  const between: Readonly<Record<string, (before: Awaited<ReturnType<typeof snapshot>>, account: string) => unknown>> =
    {
      'one row is put back': (before) => before.row('session-491.0.json'),
      'a row that was removed is put back': (before) => before.row('pre-key-5.json'),
      'all rows are put back': (before) => before.items(),
      'a row is removed': (_, account) =>
        at.pool.query(`DELETE FROM lifeline.item WHERE account = $1 AND name = 'session-492.0.json'`, [account]),
      'the head is removed': (_, account) =>
        at.pool.query('UPDATE lifeline.lease SET head = NULL, head_key_id = NULL WHERE account = $1', [account]),
      'the head is said to be of no key': (_, account) =>
        at.pool.query('UPDATE lifeline.lease SET head_key_id = NULL WHERE account = $1', [account]),
      'the count of writes is changed': (_, account) =>
        at.pool.query('UPDATE lifeline.lease SET written = written + 1 WHERE account = $1', [account]),
    }
  test.each(Object.entries(between))('between two owners is told to the next: %s', async (_, change) => {
    const { account, store } = await filled()
    const before = await snapshot(account)
    const { state, fence } = await store.open()
    await state.keys.set({ session: { '491.0': session('b') }, 'pre-key': { '5': null } })
    await fence()
    await store.release()
    await change(before, account)
    const { store: next } = await owner(account, freshProcess())
    expect(next.wentBack).toEqual(notTogether)
    // Until it is settled, each owner is told, whatever was written meanwhile.
    await next.writeFacts({ a: 1 })
    await next.release()
    const { store: third } = await owner(account, freshProcess())
    expect(third.wentBack).toEqual(notTogether)
    await third.quarantine({ kind: 'all-sessions' }, 'put back')
    third.wentBackSettled(true)
    expect(third.wentBack).toBeUndefined()
    await third.writeFacts({ a: 2 })
    await third.release()
    expect((await owner(account, freshProcess())).store.wentBack).toBeUndefined()
  })

  test('without a key is not noticed: whoever writes there is believed', async () => {
    const { account, store } = await filled(freshProcess([]))
    const before = await snapshot(account)
    await write(store, { '491.0': session('b') })
    await before.row('session-491.0.json')
    expect(await read(store, '491.0')).toEqual(session('a'))
    await store.release()
    expect((await owner(account, freshProcess([]))).store.wentBack).toBeUndefined()
  })
})

test('The count of writes and a digest of the rows are the same for two owners, others after a write, and no secret', async () => {
  const { account, store } = await filled()
  const before = store.written
  expect(before).toEqual({ count: expect.any(Number), digest: expect.stringMatching(/^k:[0-9a-f]{12}$/) })
  await store.release()
  expect(store.written).toBeUndefined()
  const { store: next } = await owner(account, freshProcess())
  expect(next.written).toEqual(before)
  await next.writeFacts({ a: 1 })
  expect(next.written?.count).toBe((before?.count ?? 0) + 1)
  expect(next.written?.digest).not.toBe(before?.digest)
  const { store: plain } = await filled(freshProcess([]))
  expect(plain.written).toEqual({ count: expect.any(Number) })
})

describe.each([
  ['with a key', encryptionKeys],
  ['without a key', []],
])('A database that lost its last writes, %s', (_, keys) => {
  test('is found out by its owner at the next write, which then names the sessions of since', async () => {
    const { account, store } = await filled(freshProcess(keys))
    const before = await snapshot(account)
    await write(store, { '492.0': session('b') })
    await write(store, { '493.0': session('b') })
    const written = async (): Promise<number> => {
      const { rows } = await at.pool.query('SELECT written::int FROM lifeline.lease WHERE account = $1', [account])
      return rows[0].written
    }
    const lastLost = await written()
    await before.all()
    const lost: string[] = []
    store.onLost((reason) => lost.push(reason))
    await expect(write(store, { '491.0': session('c') })).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    expect(lost).toEqual(['went-back'])
    await at.pool.query(`UPDATE lifeline.lease SET expires_at = clock_timestamp() WHERE account = $1`, [account])
    await store.acquire()
    expect(store.written).toMatchObject({ count: lastLost - 2, seen: lastLost })
    expect(store.wentBack).toEqual({
      words: `the database is of an earlier time: the last 2 writes of ${account} are gone from it`,
      sessions: ['session-492.0.json', 'session-493.0.json'],
    })
    // The count goes on after what was lost, so no write of then passes for one of now.
    store.wentBackSettled(true)
    await write(store, { '491.0': session('d') })
    expect(await written()).toBeGreaterThan(lastLost)
    await store.release()
    expect((await owner(account, freshProcess(keys))).store.wentBack).toBeUndefined()
  })

  test('its claim among them is found out as well, and by a store that the same process makes later', async () => {
    const { account, database, store } = await filled(freshProcess(keys))
    await store.release()
    const before = await snapshot(account)
    const { store: second } = await owner(account, database)
    await write(second, { '492.0': session('b') })
    await before.all()
    await expect(write(second, { '491.0': session('c') })).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    const { store: third } = await owner(account, database)
    expect(third.wentBack).toMatchObject({ sessions: ['session-492.0.json'] })
    await third.release()
    await before.all()
    // Which ones nobody knows any more.
    expect((await owner(account, database)).store.wentBack).toEqual({ words: expect.stringContaining('earlier time') })
  })

  test('and of which a claim was the last, has lost no row; its owner claims the account once more', async () => {
    const { account, database, store } = await filled(freshProcess(keys))
    await store.release()
    const before = await snapshot(account)
    const { store: second } = await owner(account, database)
    const lost: string[] = []
    second.onLost((reason) => lost.push(reason))
    await before.all()
    await expect(second.writeFacts({ a: 1 })).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
    expect(lost).toEqual(['went-back'])
    await second.acquire()
    expect(second.wentBack).toBeUndefined()
    await second.writeFacts({ a: 2 })
  })

  test('and the account with them, is found out by its owner at the next write, be it the first', async () => {
    const forget = async (account: string) => {
      for (const table of ['item', 'lease'])
        await at.pool.query(`DELETE FROM lifeline.${table} WHERE account = $1`, [account])
    }
    const fresh = `account-${++accounts}`
    const { store: young } = await owner(fresh, freshProcess(keys))
    const { account, store } = await filled(freshProcess(keys))
    for (const [name, one] of [
      [account, store],
      [fresh, young],
    ] as const) {
      const lost: string[] = []
      one.onLost((reason) => lost.push(reason))
      await forget(name)
      await expect(one.writeFacts({ a: 1 })).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
      expect(lost).toEqual(['went-back'])
    }
  })

  test('is not noticed by a process that has not seen them: all of it is as it was', async () => {
    const { account, store } = await filled(freshProcess(keys))
    await store.release()
    const before = await snapshot(account)
    const { store: second } = await owner(account, freshProcess(keys))
    await write(second, { '492.0': session('b') })
    await second.release()
    await before.all()
    expect((await owner(account, freshProcess(keys))).store.wentBack).toBeUndefined()
  })
})

describe('Rows that come back in a lawful way', () => {
  const quietly = async (account: string, keys = encryptionKeys) => {
    const { store, heard } = await owner(account, freshProcess(keys))
    expect([store.wentBack, heard]).toEqual([undefined, []])
    expect((await store.inspect()).findings.filter(({ message }) => message.includes('put back'))).toEqual([])
    return store
  }

  test('out of the quarantine, from good generations, from a new pairing and out of a folder are told by nobody', async () => {
    const { account, store } = await filled()
    const entry = await store.quarantine({ kind: 'sessions', addresses: ['491.0'] }, 'aside')
    await store.release()
    const second = await quietly(account)
    await second.restore(entry?.id ?? '')
    expect(await read(second, '491.0')).toEqual(session('a'))
    const staged = await second.openStaging()
    link(staged.state.creds)
    await staged.saveCreds()
    await staged.fence()
    await second.promoteStaging('scanned')
    await second.release()
    await (await quietly(account)).release()

    const { folder, store: files } = await linkedAccount()
    await files.release()
    const imported = `account-${++accounts}`
    await importFolder(folder, { database: freshProcess(), account: imported })
    const { '491.0': there } = { '491.0': await read(await quietly(imported), '491.0') }
    expect(there).toEqual(session('a'))
  })

  test('after a change of the key, and where there was none before, are told by nobody, and guarded from then on', async () => {
    const { account, store } = await filled()
    await store.release()
    const plain = await filled(freshProcess([]))
    await plain.store.release()
    const fresh = [keyOf('new')]
    const both = freshProcess([...fresh, ...encryptionKeys])
    await reencrypt(both, { fromPlain: true })
    for (const name of [account, plain.account]) {
      await (await quietly(name, fresh)).release()
      await at.pool.query(`DELETE FROM lifeline.item WHERE account = $1 AND name = 'session-491.0.json'`, [name])
      expect((await owner(name, freshProcess(fresh))).store.wentBack).toEqual(notTogether)
    }
  })

  test('are told apart from others when the key changes too, with and without sealing all rows anew', async () => {
    // Those of other tests have keys of their own.
    for (const table of ['item', 'lease']) await at.pool.query(`DELETE FROM lifeline.${table}`)
    const [sound, changed] = [await filled(), await filled()]
    for (const { store } of [sound, changed]) await store.release()
    await at.pool.query(`DELETE FROM lifeline.item WHERE account = $1 AND name = 'session-491.0.json'`, [
      changed.account,
    ])
    const fresh = keyOf('newer')
    const told = async (account: string, keys: readonly ReturnType<typeof keyOf>[]) => {
      const { store } = await owner(account, freshProcess(keys))
      await store.release()
      return store.wentBack
    }
    const both = [fresh, ...encryptionKeys]
    expect([await told(sound.account, both), await told(changed.account, both)]).toEqual([undefined, notTogether])
    await reencrypt(freshProcess(both))
    expect([await told(sound.account, [fresh]), await told(changed.account, [fresh])]).toEqual([undefined, notTogether])
  })

  test('of a write that arrived although its answer did not, are told by nobody', async () => {
    // Patience is over after so many losses, however long one of them takes.
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const account = `account-${++accounts}`
    let lose = 0
    const pool = Object.create(at.pool)
    pool.query = async (text: string, values?: unknown[]) => {
      const answer = await at.pool.query(text, values)
      if (!text.includes('mine') || lose-- <= 0) return answer
      vi.advanceTimersByTime(1_000)
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    }
    const losing = connectPostgres({ pool, encryptionKeys, patienceMs: 1_500 })
    const { store } = await owner(account, losing)
    await store.writeFacts({ a: 0 })
    // Tried again, and arrived at the first try.
    lose = 1
    await store.writeFacts({ a: 1 })
    // Given up, and arrived at the first try.
    lose = 20
    await expect(store.appendHistory({ a: 2 })).rejects.toMatchObject({ code: 'AUTH_STORE_DISK' })
    lose = 0
    await store.writeFacts({ a: 3 })
    expect(await store.readFacts()).toEqual({ a: 3 })
    expect(await store.readHistory(9)).toEqual([{ a: 2 }])
    await store.release()
    await quietly(account)
  })

  test('of before writes were counted open, and are told by nobody', async () => {
    const database = at.connect({ schema: 'earlier', encryptionKeys })
    await migrate(database)
    const { Keyring } = await import('../../../src/stores/postgres/keyring.ts')
    const content = Buffer.from(JSON.stringify({ budget: 5 }))
    const sealed = new Keyring(encryptionKeys).seal({ account: 'old', kind: 'own', name: 'facts' }, content)
    await at.pool.query(
      `INSERT INTO earlier.item (account, kind, name, key_id, content) VALUES ('old', 'own', 'facts', $1, $2)`,
      [sealed.keyId, sealed.content],
    )
    const { store } = await owner('old', database)
    expect([store.wentBack, await store.readFacts()]).toEqual([undefined, { budget: 5 }])
  })
})
