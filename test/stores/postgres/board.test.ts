import { expect, test } from 'vitest'
import { Board, connectPostgres, type PostgresPool } from '../../../src/stores/postgres/index.ts'
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
