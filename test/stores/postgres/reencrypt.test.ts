import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  Board,
  migrate,
  type PostgresDatabase,
  postgresAuthStore,
  reencrypt,
} from '../../../src/stores/postgres/index.ts'
import { testDatabase } from './databases.ts'

const at = testDatabase()
type Key = { readonly id: string; readonly key: Uint8Array }
const [former, current]: readonly [Key, Key] = [
  { id: 'former', key: randomBytes(32) },
  { id: 'current', key: randomBytes(32) },
]

/** Every place of sealed content: its table and the columns of its key and its content. */
const places = [
  ['item', 'key_id', 'content'],
  ['account', 'key_id', 'content'],
  ['host', 'key_id', 'content'],
  ['status', 'key_id', 'content'],
  ['command', 'key_id', 'content'],
  ['command', 'answer_key_id', 'answer'],
] as const

/** Something sealed, or plain without a key, in each of those. */
async function filled(schema: string, encryptionKeys: readonly Key[] = []) {
  const connect = (more: readonly Key[] = []): PostgresDatabase =>
    at.connect({ schema, host: 'a', encryptionKeys: more })
  const database = connect(encryptionKeys)
  await migrate(database)
  const store = postgresAuthStore({ database, account: 'anna' })
  await store.acquire()
  await store.writeFacts({ of: 'anna' })
  await store.release()
  const board = new Board(database)
  await board.announce({ of: 'a' })
  await board.desire('anna', 'stopped', { why: 'x' })
  await board.tell('anna', 1, { state: 'healthy' })
  const id = await board.send('a', 'anna', { type: 'stop' })
  await board.answer({ id, account: 'anna' }, { done: true })
  const read = async (how: readonly Key[]) => {
    const reading = connect(how)
    const other = new Board(reading)
    return {
      facts: await postgresAuthStore({ database: reading, account: 'anna' }).readFacts(),
      accounts: await other.accounts(),
      hosts: (await other.hosts()).map(({ info }) => info),
      statuses: (await other.statuses()).map(({ status }) => status),
      answer: await other.answerTo(id),
      taken: (await other.take()).map(({ content }) => content),
    }
  }
  const stored = async () =>
    Promise.all(
      places.map(async ([table, keyId, content]) => {
        const text = `SELECT ${keyId} AS key_id, encode(${content}, 'hex') AS hex FROM ${schema}.${table}`
        return (await at.pool.query(text)).rows[0]
      }),
    )
  return { connect, read, stored }
}

const all = {
  facts: { of: 'anna' },
  accounts: [{ account: 'anna', desired: 'stopped', details: { why: 'x' } }],
  hosts: [{ of: 'a' }],
  statuses: [{ state: 'healthy' }],
  answer: { content: { done: true } },
  taken: [{ type: 'stop' }],
}

test('every place of sealed content opens with the new key alone after it was sealed anew', async () => {
  const { connect, read, stored } = await filled('sealed_anew', [former])
  expect(await reencrypt(connect([current, former]))).toEqual({ rows: 6, skipped: 0, damaged: 0, plain: 0 })
  expect((await stored()).map(({ key_id }) => key_id)).toEqual(Array(6).fill('current'))
  expect(await read([current])).toEqual(all)
  expect(await reencrypt(connect([current]))).toEqual({ rows: 0, skipped: 0, damaged: 0, plain: 0 })
})

test('what does not open is counted and stays as it is, byte for byte', async () => {
  const { connect, stored } = await filled('damaged', [former])
  for (const [table, , content] of places)
    await at.pool.query(
      `UPDATE damaged.${table} SET ${content} = set_byte(${content}, 40, get_byte(${content}, 40) # 1)`,
    )
  const before = await stored()
  expect(await reencrypt(connect([current, former]))).toEqual({ rows: 0, skipped: 0, damaged: 6, plain: 0 })
  expect(await stored()).toEqual(before)
})

test('what stands plain is counted, and sealed where a person says that it is from before: not what hosts tell each other', async () => {
  const { connect, read, stored } = await filled('plain_before')
  const before = await stored()
  expect(await reencrypt(connect([current]))).toEqual({ rows: 0, skipped: 0, damaged: 0, plain: 2 })
  expect(await stored()).toEqual(before)
  expect(await reencrypt(connect([current, former]), { fromPlain: true })).toEqual({
    rows: 2,
    skipped: 0,
    damaged: 0,
    plain: 2,
  })
  const after = await stored()
  expect(after.map(({ key_id }) => key_id)).toEqual(['current', 'current', null, null, null, null])
  expect(after.slice(2)).toEqual(before.slice(2))
  const { facts, accounts } = all
  expect(await read([current])).toMatchObject({ facts, accounts, hosts: [], statuses: [] })
})

test('of more rows than are read at once each is looked at', async () => {
  const { connect } = await filled('many', [former])
  const text = `INSERT INTO many.account SELECT 'many-' || n, 'running', NULL, convert_to('null', 'UTF8') FROM generate_series(1, 1100) n`
  await at.pool.query(text)
  await new Board(connect([former])).desire('zoe', 'running')
  expect(await reencrypt(connect([current, former]))).toEqual({ rows: 7, skipped: 0, damaged: 0, plain: 1_100 })
})
