import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresAuthStore } from '../../src/stores/postgres/index.ts'
import { World } from '../line/world.ts'
import { testDatabase } from '../stores/postgres/databases.ts'

// A database that failed over to a copy which was seconds behind, under a gateway that runs: played in the project's
// own trials in November 2026. The gateway went on with sessions of before, and nobody was told.

const number = '491700000072'
const at = testDatabase()
let world: World
beforeAll(async () => {
  world = await World.open()
})
afterAll(() => world.close())

/** What stands in the database now, to be put back as a copy that was behind has it. */
async function copyOf(account: string): Promise<() => Promise<void>> {
  for (const table of ['item', 'lease'])
    await at.pool.query(`CREATE TABLE copied_${table} AS SELECT * FROM lifeline.${table} WHERE account = '${account}'`)
  return async () => {
    const tables = ['item', 'lease'].map(
      (table) =>
        `DELETE FROM lifeline.${table} WHERE account = '${account}'; INSERT INTO lifeline.${table} SELECT * FROM copied_${table};`,
    )
    await at.pool.query(`BEGIN; ${tables.join(' ')} COMMIT`)
  }
}

test('after the database lost its last writes every contact is read and reads, and a person is told which sessions went', async () => {
  const store = postgresAuthStore({ database: at.connect(), account: 'anna' })
  const gateway = await world.linked(number, { store })
  const friends = await world.friends(gateway, ['a', 'b', 'c'])
  const fallBack = await copyOf('anna')
  const [first] = friends
  if (!first) throw new Error('there are three')
  await world.chat(gateway, first)
  await world.chat(gateway, first)
  await fallBack()
  await first.send(number, 'are you there')
  await gateway.until(() => gateway.notices.some(({ kind }) => kind === 'sessions-pruned'))
  await gateway.until(() => gateway.state === 'healthy' && gateway.drained)
  await gateway.until(() => gateway.texts.includes('are you there'))
  for (const friend of friends) await world.chat(gateway, friend)
  const pruned = gateway.notices.filter(({ kind }) => kind === 'sessions-pruned')
  expect(pruned).toHaveLength(1)
  const addresses = (pruned[0]?.details.addresses ?? []) as string[]
  const users = addresses.map((address) => address.split(/[_.]/)[0])
  const lids = friends.map(({ lid }) => lid?.split('@')[0])
  // With it goes the session with the own phone, which is told of each message sent.
  expect(lids.map((lid) => users.includes(lid))).toEqual([true, false, false])
  expect(users).toHaveLength(2)
  expect(pruned[0]?.message).toMatch(
    /^2 session files were set aside: the database is of an earlier time: the last \d+ writes/,
  )
  expect(gateway.texts.filter((text) => text === 'are you there')).toHaveLength(1)
})
