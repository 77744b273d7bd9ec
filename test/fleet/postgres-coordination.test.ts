import { expect, test, vi } from 'vitest'
import { PostgresCoordination } from '../../src/fleet/postgres-coordination.ts'
import { connectPostgres, type PostgresPool } from '../../src/stores/postgres/index.ts'

/** A database of which each answer takes a while. */
function slow(answer: (text: string) => readonly object[]) {
  const asked: string[] = []
  let running = 0
  const pool = {
    query: async (text: string, values: readonly unknown[] = []) => {
      running += 1
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
      running -= 1
      asked.push(`${text.trim().split(/\s/, 3).join(' ')} ${values[0] ?? ''}`)
      return { rows: answer(text) }
    },
  }
  const database = connectPostgres({ pool: pool as unknown as PostgresPool, host: 'here' })
  return { asked, coordination: new PostgresCoordination(database, false), running: () => running }
}

test.each([
  ['that was made for it ends with it', true, 1],
  ['of the owner stays', false, 0],
])('a database %s', async (_, ends, times) => {
  const database = connectPostgres({
    pool: { query: async () => ({ rows: [] }) } as unknown as PostgresPool,
    host: 'here',
  })
  const end = vi.spyOn(database, 'end')
  await new PostgresCoordination(database, ends).end()
  expect(end).toHaveBeenCalledTimes(times)
})

test('accounts that are added are written once each before that is told, those that are known not at all', async () => {
  const { asked, coordination, running } = slow((text) =>
    /FROM lifeline.account ORDER/.test(text)
      ? [{ account: 'known', desired: 'running', key_id: null, content: Buffer.from('null') }]
      : /version/.test(text)
        ? [{ version: 'CockroachDB' }]
        : [],
  )
  await coordination.add([])
  expect(asked).toEqual([])
  await coordination.add(['anna', 'known', 'bert'])
  expect(running()).toBe(0)
  expect(asked.filter((text) => text.startsWith('INSERT'))).toEqual([
    'INSERT INTO lifeline.account anna',
    'INSERT INTO lifeline.account bert',
  ])
})
