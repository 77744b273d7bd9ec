import { cpSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import * as v6 from 'baileys-6'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Contact } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { silent } from '../../baileys/lines.ts'
import { sessionFiles } from '../../line/damage.ts'
import { type Baileys, World } from '../../line/world.ts'
import { slow } from '../../share.ts'

// WhatsApp's move from phone numbers to LIDs: Baileys issues 2331 and 2378, its pull request 2763.

const number = '491700000041'
const six = v6 as unknown as Baileys
/** What Baileys alone reads of the four first messages afterwards, as measured. */
const ways = [
  { name: 'after an upgrade from 6 to 7', before: six, after: v7 as Baileys, alone: 0 },
  { name: 'after a way back from 7 to 6', before: v7 as Baileys, after: six, alone: 0 },
  { name: 'on Baileys 6', before: six, after: six, alone: 2 },
  { name: 'on Baileys 7', before: v7 as Baileys, after: v7 as Baileys, alone: 4 },
]

describe.each(ways)('$name', ({ name, before, after, alone }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(before, { seed: name })
    world.server.trust(after)
  }, 60_000)
  afterAll(() => world.close())

  /** How many of these contacts Baileys alone reads: each writes once. */
  async function readAlone(folder: string, contacts: readonly Contact[]): Promise<number> {
    const { state, saveCreds } = await after.useMultiFileAuthState(folder)
    const socket = world.socket({ auth: state, logger: silent }, {}, after)
    socket.ev.on('creds.update', saveCreds)
    await new Promise<void>((resolve) => {
      socket.ev.on('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications && resolve())
    })
    const seen = new Map<string, boolean>()
    const told = new Promise<void>((resolve) => {
      socket.ev.on('messages.upsert', ({ messages }) => {
        for (const { key, message } of messages) seen.set(key.id ?? '', Boolean(message?.conversation))
        if (seen.size >= contacts.length) resolve()
      })
    })
    for (const contact of contacts) await contact.send(number, 'alone')
    await told
    // Then the server has heard whatever it was asked for.
    const closed = world.server.next('closed', { account: number })
    await socket.end(undefined)
    await closed
    return [...seen.values()].filter(Boolean).length
  }

  test('a contact who now writes from the other address is read at once, without anything asked of the sender', {
    tags: [slow],
  }, async () => {
    const first = await world.linked(number)
    const contact = (one: string, addressing: 'pn' | 'lid' = 'pn') =>
      world.server.contact(one, { resends: false, addressing })
    const [stays, heard, moves, comesBack] = [contact('a'), contact('b'), contact('c'), contact('d', 'lid')]
    const contacts = [stays, heard, moves, comesBack]
    for (const one of contacts) await one.send(number, `first of ${one.name}`)
    await first.until(() => contacts.every((one) => first.texts.includes(`first of ${one.name}`)))
    for (const one of [stays, moves, comesBack]) {
      const got = one.nextReceived()
      await first.say(one.from, 'hello')
      await got
    }
    await first.line.stop()
    moves.addressing = 'lid'
    comesBack.addressing = 'pn'
    const copy = world.folder()
    cpSync(first.folder, copy, { recursive: true })
    expect(await readAlone(copy, contacts)).toBe(alone)

    const asked = () => world.server.events.filter(({ kind }) => kind === 'retry').length
    const before = asked()
    const connect = (given: Parameters<typeof world.socket>[0]) => world.socket(given, {}, after)
    const gateway = await world.newcomer({ connect }, first.folder, number).up()
    const texts = contacts.flatMap((one) => [1, 2, 3].map((at) => `${one.name} ${at}`))
    for (const one of contacts) for (const at of [1, 2, 3]) await one.send(number, `${one.name} ${at}`)
    await gateway.until(() => texts.every((text) => gateway.texts.includes(text)), 8_000)
    expect(asked()).toBe(before)
    expect(gateway.path).not.toContain('degraded')
    // Each is read by whom it is sent to, under either address, also after the devices of all were looked up.
    for (const one of contacts) {
      const got = one.nextReceived()
      await gateway.say(one.from, `to ${one.name}`)
      expect(await gateway.soon(got, `what was sent to ${one.name}`)).toBe(`to ${one.name}`)
    }
    await world.read(gateway, contacts)
    // Moved, not copied: of each ratchet there is one.
    const moved = gateway.line.history().flatMap((entry) => (entry.type === 'act' ? [entry.act] : []))
    // The start may have moved the session of the own phone as well.
    expect(moved.filter((act) => act === 'sessions-moved').length).toBeGreaterThanOrEqual(4 - alone)
    expect(moved.length).toBeLessThanOrEqual(5)
    await gateway.line.stop()
    const names = contacts.flatMap((one) => [one.number, one.lid?.split('@')[0] ?? ''])
    const files = (await sessionFiles(gateway.folder)).filter((file) => names.some((name) => file.includes(name)))
    expect(files.length).toBe(contacts.length)
  })
})

test('at the first start on Baileys 7 what lies under a number whose LID is known is moved, and a lost reverse mapping is written', async () => {
  const world = await World.open(six, { seed: 'first start' })
  world.server.trust(v7)
  const first = await world.linked(number)
  const friends = ['anna', 'bert', 'carl'].map((one) => world.server.contact(one, { resends: false }))
  for (const friend of friends) await world.chat(first, friend)
  await first.line.stop()
  const lidOf = ({ lid = '' }: Contact) => lid.split('@')[0] ?? ''
  const [anna, bert, carl] = friends as [Contact, Contact, Contact]
  const at = (file: string) => join(first.folder, file)
  await writeFile(at(`lid-mapping-${anna.number}.json`), JSON.stringify(lidOf(anna)))
  await writeFile(at(`lid-mapping-${bert.number}.json`), JSON.stringify(lidOf(bert)))
  await writeFile(at(`lid-mapping-${lidOf(bert)}_reverse.json`), JSON.stringify(bert.number))
  // Two numbers of one LID: nobody knows whose it is.
  for (const former of ['4915100000098', '4915100000099'])
    await writeFile(at(`lid-mapping-${former}.json`), JSON.stringify('5550000005'))
  const sessions = await sessionFiles(first.folder)
  expect(sessions).toEqual(expect.arrayContaining(friends.map((friend) => `session-${friend.number}.0.json`)))

  const connect = (given: Parameters<typeof world.socket>[0]) => world.socket(given, {}, v7)
  const gateway = await world.newcomer({ connect }, first.folder, number).up()
  await gateway.line.stop()
  const after = await sessionFiles(gateway.folder)
  const moved = [anna, bert].map((friend) => `session-${lidOf(friend)}_1.0.json`)
  expect(after).toEqual(expect.arrayContaining([...moved, `session-${carl.number}.0.json`]))
  expect(after.length).toBe(sessions.length)
  expect(JSON.parse(await readFile(at(`lid-mapping-${lidOf(anna)}_reverse.json`), 'utf8'))).toBe(anna.number)
  expect(await readdir(gateway.folder)).not.toContain('lid-mapping-5550000005_reverse.json')
  const again = await world.newcomer({ connect }, first.folder, number).up()
  await world.read(again, friends)
  await world.close()
})
