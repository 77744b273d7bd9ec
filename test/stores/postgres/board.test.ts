import { expect, test, vi } from 'vitest'
import { Board, connectPostgres, type PostgresPool } from '../../../src/stores/postgres/index.ts'
import { gate } from '../../gate.ts'
import { testDatabase } from './databases.ts'

const at = testDatabase()

const steps: readonly (readonly [string, (board: Board) => Promise<unknown>, RegExp])[] = [
  ['announcing this host', (board) => board.announce({}), /^INSERT INTO \S+host /],
  ['reading the hosts', (board) => board.hosts(), /FROM \S+host /],
  ['forgetting a host', (board) => board.forget('a'), /^DELETE FROM \S+host /],
  ['writing what an account is to do', (board) => board.desire('anna', 'running'), /^INSERT INTO \S+account /],
  ['reading the accounts', (board) => board.accounts(), /FROM \S+account /],
  ['telling the status', (board) => board.tell('anna', 1, {}), /^INSERT INTO \S+status /],
  ['reading the statuses', (board) => board.statuses(), /FROM \S+status /],
  ['sending a command', (board) => board.send('a', 'anna', {}), /^INSERT INTO \S+command /],
  ['taking commands', (board) => board.take(), /^UPDATE \S+command /],
  ['answering a command', (board) => board.answer({ id: 'x', account: 'anna' }, {}), /^UPDATE \S+command /],
  ['looking for an answer', (board) => board.answerTo('x'), /FROM \S+command /],
  ['sweeping commands', (board) => board.sweep(0), /^DELETE FROM \S+command /],
  ['sweeping hosts', (board) => board.sweep(0), /^DELETE FROM \S+host /],
]

test.each(steps)(
  'a database that fails while %s is told with what was done, and where',
  async (doing, step, pattern) => {
    const pool: PostgresPool = {
      query: async (text, values) => {
        if (pattern.test(text)) throw Object.assign(new Error('no'), { code: '42501' })
        return at.pool.query(text, values)
      },
      connect: () => at.pool.connect(),
      end: async () => undefined,
      on: () => undefined,
    }
    const database = connectPostgres({ pool, host: 'a' })
    await expect(step(new Board(database))).rejects.toMatchObject({
      ...{ code: 'AUTH_STORE_DISK', errno: '42501' },
      message: expect.stringContaining(`While ${doing} in ${database.location}:`),
    })
  },
)

/** The database, of which each statement is noted, and does first what the test says. */
const noting = (before: (text: string) => unknown = () => undefined, version?: string) => {
  const asked: string[] = []
  const pool: PostgresPool = {
    query: async (text, values) => {
      asked.push(text)
      await before(text)
      if (version !== undefined && text.startsWith('SELECT version()')) return { rows: [{ version }] }
      return at.pool.query(text, values)
    },
    connect: () => at.pool.connect(),
    end: async () => undefined,
    on: () => undefined,
  }
  return { asked, board: new Board(connectPostgres({ pool, host: 'a' })) }
}
const told: readonly (readonly [string, (board: Board) => Promise<unknown>])[] = [
  ['what an account is to do', (board) => board.desire('anna', 'running')],
  ['a command', (board) => board.send('a', 'anna', {})],
  ['an answer', (board) => board.answer({ id: 'x', account: 'anna' }, {})],
]

test.each(told)(
  '%s is said once those who listen were told, and all the same where they cannot be',
  async (_, step) => {
    const telling = gate()
    const { board } = noting(async (text) => {
      if (!text.includes('pg_notify')) return
      await telling.wait()
      throw Object.assign(new Error('no'), { code: '42501' })
    })
    let done = false
    const running = step(board).then(() => {
      done = true
    })
    await telling.reached
    await new Promise(setImmediate)
    expect(done).toBe(false)
    telling.pass()
    await running
  },
)

test('a database that tells nobody anything is not asked to, and without a key none is asked for its name', async () => {
  const { asked, board } = noting(undefined, 'CockroachDB CCL v25.2.0')
  for (const [, step] of told) await step(board)
  await board.announce({})
  await board.hosts()
  expect(asked.filter((text) => /pg_notify|current_database/.test(text))).toEqual([])
})

test('without a key a command is taken once within the time for which it is good, and a status whatever its time', async () => {
  const board = new Board(at.connect({ host: 'plain' }))
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const id = await board.send('plain', 'anna', { type: 'stop' })
    const again = async () => {
      await at.pool.query('UPDATE lifeline.command SET taken_at = NULL WHERE id = $1', [id])
      return (await board.take()).length
    }
    expect((await board.take()).map((one) => one.id)).toEqual([id])
    vi.advanceTimersByTime(180_000)
    expect(await again()).toBe(0)
    vi.advanceTimersByTime(1)
    expect([await again(), await again()]).toEqual([1, 0])
  } finally {
    vi.useRealTimers()
  }
  await board.tell('anna', 2, { of: 2 })
  expect(await board.statuses(['anna'])).toMatchObject([{ status: { of: 2 } }])
  await at.pool.query(`UPDATE lifeline.status SET at = at - interval '1 day', epoch = 1 WHERE account = 'anna'`)
  expect(await board.statuses(['anna'])).toMatchObject([{ epoch: 1, status: { of: 2 } }])
})
