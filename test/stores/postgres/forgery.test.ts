import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFleet } from '../../../src/fleet/index.ts'
import { Board, migrate, type PostgresDatabase, postgresAuthStore } from '../../../src/stores/postgres/index.ts'
import { link, session } from '../account.ts'
import { testDatabase } from './databases.ts'

/*
 * Somebody who may write into the database, and has no key: what he puts there is refused everywhere, and told.
 */

const at = testDatabase()
const encryptionKeys = [{ id: 'k', key: randomBytes(32) }]
const connect = (host = 'a') => at.connect({ host, encryptionKeys })

function heardOf(database: PostgresDatabase): string[] {
  const heard: string[] = []
  database.tampering.on(({ message }) => heard.push(message))
  return heard
}

async function filled(account: string) {
  const database = connect()
  const heard: string[] = []
  const store = postgresAuthStore({ database, account })
  store.onRefused((words) => heard.push(words))
  await store.acquire()
  const { state, saveCreds, fence } = await store.open({ mint: true })
  link(state.creds)
  await saveCreds()
  await state.keys.set({ session: { '491.0': session('a') } })
  await fence()
  return { store, heard, creds: state.creds }
}

const put = (account: string, kind: string, name: string, content: string) =>
  at.pool.query(
    `INSERT INTO lifeline.item (account, kind, name, key_id, content) VALUES ($1, $2, $3, NULL, convert_to($4, 'UTF8'))
     ON CONFLICT (account, kind, name) DO UPDATE SET key_id = NULL, content = excluded.content`,
    [account, kind, name, content],
  )

describe('A row that somebody without the key has written', () => {
  test('in the place of creds.json gives way to the last good generation, and is told as tampering', async () => {
    const { store, creds, heard } = await filled('anna')
    await put('anna', 'account', 'creds.json', JSON.stringify({ ...creds, registrationId: 7 }))
    await expect(store.open({ mint: true })).rejects.toMatchObject({
      code: 'AUTH_STORE_CREDS_UNREADABLE',
      message: expect.stringContaining('without the key: tampering'),
    })
    expect(heard).toEqual([
      expect.stringContaining('a creds row of anna was written into the database without the key'),
    ])
    await store.restoreCreds('tampered with')
    expect((await store.open()).state.creds.registrationId).toBe(creds.registrationId)
    // What was put there is kept.
    const [entry] = await store.quarantined()
    expect(entry?.files.map(({ name }) => name)).toEqual(['creds.json'])
    await store.release()
  })

  test.each([
    ['account', 'session-491.0.json', JSON.stringify(session('forged'))],
    ['own', 'facts', '{"budget":99}'],
    ['staging', 'creds.json', '{}'],
    ['entry', '2026-01-01T00-00-00.000Z', '{"id":"2026-01-01T00-00-00.000Z","at":1,"reason":"x","files":[]}'],
  ])('of kind %s is not read', async (kind, name, content) => {
    const account = `of ${kind}`
    const { store, heard } = await filled(account)
    await put(account, kind, name, content)
    const { state, fence } = await store.open()
    expect(await state.keys.get('session', ['491.0'])).toEqual({
      '491.0': kind === 'account' ? null : session('a'),
    })
    await fence()
    expect(await store.readFacts()).toBeUndefined()
    expect(await store.quarantined()).toEqual([])
    expect(await store.stagingPaired()).toBe(false)
    expect(heard.length).toBe(1)
    const { findings } = await store.inspect()
    const said = findings.filter(({ message }) => message.includes('without the key: tampering'))
    expect(said.length).toBe(kind === 'account' ? 1 : 0)
    await store.release()
  })
})

describe('What hosts tell each other, forged', () => {
  const plain = (value: unknown) => Buffer.from(JSON.stringify(value))

  test('a command without a seal, from another fleet, for another host, of another time or for the second time is not taken', async () => {
    const [here, there] = [new Board(connect('here')), new Board(connect('there'))]
    const database = connect('there')
    const heard = heardOf(database)
    const receiving = new Board(database)
    await at.pool.query(
      `INSERT INTO lifeline.command (id, host, account, sent_at, key_id, content)
       VALUES ('forged', 'there', 'anna', clock_timestamp(), NULL, $1)`,
      [plain({ from: 'here', at: Date.now(), content: { type: 'relink' } })],
    )
    expect(await receiving.take()).toEqual([])
    const again = (changes: string) =>
      at.pool.query(`UPDATE lifeline.command SET taken_at = NULL, ${changes} WHERE id <> 'forged'`)
    const id = await here.send('there', 'anna', { type: 'relink' })
    expect(await receiving.take()).toEqual([{ id, account: 'anna', content: { type: 'relink' } }])
    // The same once more, to the host that did it and to another of the same name, whatever its time.
    await again('sent_at = clock_timestamp()')
    expect(await receiving.take()).toEqual([])
    await again(`sent_at = clock_timestamp() + interval '2 minutes'`)
    expect(await there.take()).toEqual([])
    await again(`sent_at = clock_timestamp(), account = 'bert'`)
    expect(await there.take()).toEqual([])
    await again(`account = 'anna', host = 'elsewhere'`)
    expect(await new Board(connect('elsewhere')).take()).toEqual([])
    const twin = at.connect({ schema: 'twin', host: 'there', encryptionKeys })
    await migrate(twin)
    await at.pool.query(`UPDATE lifeline.command SET host = 'there', taken_at = NULL`)
    await at.pool.query(`INSERT INTO twin.command SELECT * FROM lifeline.command`)
    expect(await new Board(twin).take()).toEqual([])
    expect(heard.length).toBe(2)
    await at.pool.query('DELETE FROM lifeline.command')
  })

  test('an answer that the host did not give says nothing', async () => {
    const [here, there] = [new Board(connect('here')), new Board(connect('there'))]
    const id = await here.send('there', 'anna', { type: 'relink' })
    await at.pool.query(
      `UPDATE lifeline.command SET answered_at = clock_timestamp(), answer_key_id = NULL, answer = $1`,
      [plain({ from: 'there', at: Date.now(), content: { ok: true, value: 'ABCD1234' } })],
    )
    expect(await here.answerTo(id)).toEqual({ content: undefined })
    await there.take()
    await there.answer({ id, account: 'anna' }, { ok: true })
    expect(await here.answerTo(id)).toEqual({ content: { ok: true } })
    await at.pool.query('DELETE FROM lifeline.command')
  })

  test('a status without a seal, under another host or epoch, or put back to an older one, is not shown', async () => {
    const teller = new Board(connect('there'))
    const database = connect('here')
    const heard = heardOf(database)
    const reader = new Board(database)
    const shown = async () => (await reader.statuses(['carl'])).map(({ status }) => status)
    const insert = `INSERT INTO lifeline.status (account, host, epoch, at, key_id, content)
      VALUES ('carl', 'there', 1, clock_timestamp(), NULL, $1)`
    await at.pool.query(insert, [plain({ from: 'there', at: Date.now(), content: { qr: 'a foreign code' } })])
    expect(await shown()).toEqual([])
    await teller.tell('carl', 2, { state: 'awaitingQr' })
    expect(await shown()).toEqual([{ state: 'awaitingQr' }])
    const { rows } = await at.pool.query(`SELECT content FROM lifeline.status WHERE account = 'carl'`)
    for (const change of [`host = 'elsewhere'`, 'epoch = 3', `at = clock_timestamp() - interval '2 minutes'`]) {
      await at.pool.query(`UPDATE lifeline.status SET ${change} WHERE account = 'carl'`)
      expect(await shown(), change).toEqual([])
      await at.pool.query(`UPDATE lifeline.status SET host = 'there', epoch = 2, at = clock_timestamp()`)
    }
    await teller.tell('carl', 2, { state: 'healthy' })
    expect(await shown()).toEqual([{ state: 'healthy' }])
    await at.pool.query(`UPDATE lifeline.status SET content = $1 WHERE account = 'carl'`, [rows[0].content])
    expect(await shown()).toEqual([])
    expect(heard.some((words) => words.includes('put back'))).toBe(true)
    // What the next owner tells is newer, whatever it is.
    const { length } = heard
    await teller.tell('carl', 3, { state: 'stopped' })
    expect(await shown()).toEqual([{ state: 'stopped' }])
    expect(heard).toHaveLength(length)
    // One of an owner before is older, whenever it told it; and one of a later owner is newer.
    const { rows: third } = await at.pool.query(`SELECT * FROM lifeline.status WHERE account = 'carl'`)
    const put = (row: Readonly<Record<string, unknown>>) =>
      at.pool.query(`UPDATE lifeline.status SET epoch = $1, at = $2, content = $3 WHERE account = 'carl'`, [
        row.epoch,
        row.at,
        row.content,
      ])
    await at.pool.query(`DELETE FROM lifeline.status WHERE account = 'carl'`)
    await teller.tell('carl', 2, { state: 'of an owner before' })
    expect(await shown()).toEqual([])
    const fresh = new Board(connect('here'))
    const seen = async () => (await fresh.statuses(['carl'])).map(({ status }) => status)
    expect(await seen()).toEqual([{ state: 'of an owner before' }])
    await put(third[0] ?? {})
    expect(await seen()).toEqual([{ state: 'stopped' }])
  })

  test('a host card without a seal is no host, and an account is started or stopped by nobody without the key', async () => {
    const board = new Board(connect('a'))
    await board.announce({ has: 1 })
    await board.desire('dora', 'running')
    await at.pool.query(`INSERT INTO lifeline.host VALUES ('forged', clock_timestamp(), NULL, $1)`, [
      plain({ from: 'forged', at: Date.now(), content: {} }),
    ])
    await at.pool.query(`INSERT INTO lifeline.account VALUES ('foreign', 'running', NULL, 'null')`)
    await at.pool.query(`UPDATE lifeline.account SET desired = 'stopped' WHERE account = 'dora'`)
    expect((await board.hosts()).map(({ host }) => host)).toEqual(['a'])
    expect(await board.accounts()).toEqual([])
    const claimed: string[] = []
    const fleet = createFleet({
      store: { connectionString: at.url, encryptionKeys },
      hostId: 'b',
      connect: () => Promise.reject(new Error('nobody dials here')),
      drainOn: [],
    })
    onTestFinished(() => fleet.stop())
    fleet.on('claimed', ({ account }) => claimed.push(account))
    await fleet.start()
    expect(claimed).toEqual([])
  })
})
