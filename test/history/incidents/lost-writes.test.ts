import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsWentBack } from '../../../src/history/incidents/index.ts'
import type { Contact } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { postgresAuthStore } from '../../../src/stores/postgres/index.ts'
import { silent } from '../../baileys/lines.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn, slow } from '../../share.ts'
import { testDatabase } from '../../stores/postgres/databases.ts'
import { naiveStoreOf } from '../../stores/postgres/naive-store.ts'

const today = inTurn(lines, import.meta.url)

// A database that failed over to a copy which was seconds behind, under a gateway that runs: played in the project's
// own trials in November 2026. The gateway went on with sessions of before, and nobody was told.

const names = ['a', 'b', 'c']
const at = testDatabase()

/** What stands in these tables now, to be put back as a copy that was behind has it. */
async function copyOf(tables: readonly string[]): Promise<() => Promise<void>> {
  const copies = tables.map((table) => [table, `copied_${table.replace('.', '_')}`] as const)
  for (const [table, copy] of copies)
    await at.pool.query(`DROP TABLE IF EXISTS ${copy}; CREATE TABLE ${copy} AS SELECT * FROM ${table}`)
  return async () => {
    const back = copies.map(([table, copy]) => `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM ${copy};`)
    await at.pool.query(`BEGIN; ${back.join(' ')} COMMIT`)
  }
}

/** How many of the three contacts read what Baileys alone sends them afterwards, as measured. */
const heardAlone = { v7: 3, v6: 2 } as const

/** How many of what the contacts wrote afterwards Baileys alone has read by that time, and how many of its own they. */
async function alone(world: World, number: string, ms: number) {
  const first = await world.linked(number)
  const friends = await world.friends(first, names)
  await first.line.stop()
  const { state, saveCreds } = await naiveStoreOf(first.folder, at.pool, number)
  const socket = world.socket({ auth: state, logger: silent })
  socket.ev.on('creds.update', () => void saveCreds())
  const read = new Set<string>()
  let look: () => void = () => undefined
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const { message } of messages) read.add(message?.conversation ?? message?.extendedTextMessage?.text ?? '')
    look()
  })
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      look = () => holds() && resolve()
      look()
    })
  await new Promise<void>((resolve) => {
    socket.ev.on('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications && resolve())
  })
  let turns = 0
  const chat = async (friend: Contact): Promise<void> => {
    const text = `turn ${++turns}`
    await friend.send(number, text)
    await until(() => read.has(text))
    const back = friend.nextReceived()
    await socket.sendMessage(friend.jid, { text: 'hello' })
    await back
  }
  const fallBack = await copyOf(['naive'])
  const [friend] = friends
  if (friend) for (let turn = 0; turn < 2; turn += 1) await chat(friend)
  await fallBack()
  const texts = [friend, ...friends].map((one, nth) => [one, `after ${nth}`] as const)
  let heard = 0
  for (const [one, text] of texts) await one?.send(number, text)
  for (const one of friends) {
    void one.nextReceived().then(() => {
      heard += 1
    })
    await socket.sendMessage(one.jid, { text: 'hello' })
  }
  await new Promise((resolve) => setTimeout(resolve, ms))
  await socket.end(undefined)
  return { read: texts.filter(([, text]) => read.has(text)).length, heard }
}

describe.each(today)('after the database lost its last writes, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `lost writes ${name}` })
  })
  afterAll(() => world.close())

  test('every contact is read and reads, and a person is told which sessions went', { tags: [slow] }, async () => {
    const number = '491700000072'
    const store = postgresAuthStore({ database: at.connect(), account: name })
    const gateway = await world.linked(number, { store })
    const friends = await world.friends(gateway, names)
    const fallBack = await copyOf(['lifeline.item', 'lifeline.lease'])
    const [first] = friends
    if (!first) throw new Error('there are three')
    await world.chat(gateway, first)
    await world.chat(gateway, first)
    await fallBack()
    const from = performance.now()
    await first.send(number, 'are you there')
    await gateway.until(() => gateway.notices.some(({ kind }) => kind === 'sessions-pruned'))
    await gateway.until(() => gateway.state === 'healthy' && gateway.drained)
    await gateway.until(() => gateway.texts.includes('are you there'))
    for (const friend of friends) await world.chat(gateway, friend)
    const took = performance.now() - from
    const pruned = gateway.notices.filter(({ kind }) => kind === 'sessions-pruned')
    expect(pruned).toHaveLength(1)
    const addresses = (pruned[0]?.details.addresses ?? []) as string[]
    const users = addresses.map((address) => address.split(/[_.]/)[0])
    const ids = friends.map(({ lid, jid }) => [lid, jid].map((id) => id?.split('@')[0]))
    // With it goes the session with the own phone, which is told of each message sent.
    expect(ids.map((of) => users.some((user) => of.includes(user)))).toEqual([true, false, false])
    expect(users).toHaveLength(2)
    expect(pruned[0]?.message).toMatch(
      /^2 session files were set aside: the database is of an earlier time: the last \d+ writes/,
    )
    expect(gateway.texts.filter((text) => text === 'are you there')).toHaveLength(1)
    await gateway.line.stop()
    // A history that is kept elsewhere says so too.
    expect(rowsWentBack(gateway.line.history())).toEqual([
      { at: expect.any(Number), since: expect.any(Number), writes: expect.any(Number) },
    ])
    // Baileys alone reads what came as well, and by then nobody is told; on Baileys 6 one contact cannot read it.
    const beside = await alone(world, '491700000073', took)
    expect(beside.heard).toBeLessThanOrEqual(heardAlone[name])
  })
})
