import { cpSync } from 'node:fs'
import * as v6 from 'baileys-6'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Contact } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { silent } from '../../baileys/lines.ts'
import { type Baileys, World } from '../../line/world.ts'

// A backup that was restored on Baileys 6: played in the project's own trials in November 2026. A person was told after
// 104 s that setting sessions aside had not helped, while Baileys still asked one message after the other.

const number = '491700000071'
let world: World
beforeAll(async () => {
  world = await World.open(v6 as unknown as Baileys, { seed: 'snapshot' })
})
afterAll(() => world.close())

/** Between two questions Baileys waits so long here; without that it is the phone that it waits for, 5 s each. */
const slow = { retryRequestDelayMs: 5_000 }

/** How many of these contacts, who wrote while it was away, Baileys alone has read so long after its start. */
async function readAlone(folder: string, contacts: readonly Contact[], ms: number): Promise<number> {
  for (const contact of contacts) await contact.send(number, contact.name)
  const { state, saveCreds } = await world.baileys.useMultiFileAuthState(folder)
  const socket = world.socket({ auth: state, logger: silent }, slow)
  socket.ev.on('creds.update', saveCreds)
  const read = new Set<string>()
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const { message } of messages) if (message?.conversation) read.add(message.conversation)
  })
  await new Promise((resolve) => setTimeout(resolve, ms))
  const count = read.size
  await socket.end(undefined)
  return count
}

test('after a backup was restored on Baileys 6 every contact is asked at once, read, and told once', async () => {
  const first = await world.linked(number)
  const friends = await world.friends(first, ['a', 'b', 'c', 'd', 'e', 'f'])
  await first.line.stop()
  const [folder, copy] = [world.folder(), world.folder()]
  for (const to of [folder, copy]) cpSync(first.folder, to, { recursive: true })
  // What the backup does not know of: the ratchets went on, and there are new contacts.
  const later = await world.newcomer({}, first.folder, number).up()
  const all = [...friends.slice(0, 3), ...(await world.friends(later, ['g', 'h', 'i']))]
  for (const friend of all) await world.chat(later, friend)
  await later.line.stop()

  const connect = (given: Parameters<typeof world.socket>[0]) => world.socket(given, slow)
  // While it is away, so that none of them fails only after the cure: that one would wait in Baileys' own row.
  for (const contact of all) await contact.send(number, `now ${contact.name}`)
  const from = performance.now()
  const gateway = await world.newcomer({ connect }, folder, number).up()
  await gateway.until(() => all.every(({ name }) => gateway.texts.includes(`now ${name}`)), 20_000)
  const took = performance.now() - from
  // On a busy machine a short policy may take the connection for dead, which is another matter.
  expect(gateway.told.filter((kind) => !['outage', 'recovered'].includes(kind))).toEqual([])
  expect(gateway.path).not.toContain('pruningSessions')
  for (const { name } of all) expect(gateway.texts.filter((text) => text === `now ${name}`)).toEqual([`now ${name}`])
  await gateway.line.stop()
  expect(await readAlone(copy, all, took)).toBeLessThan(all.length)
})
