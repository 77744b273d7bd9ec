import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { giveSessionsTurns } from '../../../src/baileys/session-turns.ts'
import { type Contact, type FakeWhatsApp, startFakeWhatsApp } from '../../../src/rehearsal/fake-whatsapp/index.ts'
import { inTurn } from '../../share.ts'
import { Client, lines, muteConsole } from './client.ts'

const today = inTurn(lines, import.meta.url)

const NUMBER = '491700000001'

describe.each(today)('a contact with several devices, Baileys $line', ({ line, baileys }) => {
  let server: FakeWhatsApp
  let client: Client

  beforeEach(async () => {
    muteConsole()
    server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    client = await Client.on(server, baileys)
    await client.link(NUMBER)
  })

  afterEach(async () => {
    await client.remove()
    await server.stop()
  })

  const addressOf = (contact: Contact) => (contact.from === contact.lid ? contact.lid : contact.jid)
  const say = async (contact: Contact, text: string) =>
    (await client.sock?.sendMessage(addressOf(contact), { text }))?.key.id ?? ''

  /** The account writes; resolves when all devices of the contact have read it. */
  async function readByAll(contact: Contact, text: string): Promise<string> {
    const read = Promise.all(
      contact.devices.map(async (device) => {
        // What was sent again for another device may come only now.
        while ((await device.nextReceived()) !== text);
      }),
    )
    const id = await say(contact, text)
    await read
    return id
  }

  test.each(['pn', 'lid'] as const)(
    'known by %s: each reads with a session of its own, and is read',
    async (addressing) => {
      const anna = server.contact('anna', { devices: 3, addressing })
      await readByAll(anna, 'to all three')
      for (const [at] of anna.devices.entries())
        await (await anna.sendFrom(at, NUMBER, `from device ${at}`)).delivered()
      const id = await readByAll(anna, 'to all three again')
      const copies = server.sentMessage(id)?.copies.filter(({ to }) => to.startsWith(anna.number))
      expect(copies).toEqual(anna.devices.map(({ jid }) => ({ to: jid, came: 1, read: true, asked: [] })))
      for (const at of [2, 1]) await (await anna.sendFrom(at, NUMBER, `again from device ${at}`)).delivered()
      await client.until(() => client.texts.length === 5)
      expect(client.texts).toEqual(
        [0, 1, 2].map((at) => `from device ${at}`).concat(['again from device 2', 'again from device 1']),
      )
      expect(client.stubs).toEqual([])
      await expect(anna.sendFrom(3, NUMBER, 'from nowhere')).rejects.toThrow('anna has no device 3.')
    },
  )

  test.each([
    ['without keys first, then with them', 2],
    ['with keys at once', 1],
    ['never with keys', Number.POSITIVE_INFINITY],
  ])('one that cannot read asks again %s, and reads if the message is still there', async (_, asksWithKeys) => {
    const anna = server.contact('anna', { devices: 2, asksWithKeys })
    await client.leave()
    await client.login({ getMessage: async () => ({ conversation: 'once more' }) })
    // Both devices ask at the same time; Baileys 6 alone may lose what it stores of one answer.
    if (client.sock) giveSessionsTurns(client.sock)
    await readByAll(anna, 'the sessions are in use')
    anna.forget(NUMBER)
    const id = await readByAll(anna, 'once more')
    const often = (what: string) => server.events.filter(({ kind, detail }) => kind === what && detail === id).length
    // Each device is answered by itself, and one that has read it already may be sent it again.
    await expect
      .poll(() => often('message-from-client') - often('retry-to-client'), { interval: 5, timeout: 10_000 })
      .toBe(1)
    const copies = server.sentMessage(id)?.copies.filter(({ to }) => to.startsWith(anna.number)) ?? []
    const [ofPhone = [], ofCompanion = []] = copies.map((copy) => copy.asked)
    expect(ofPhone).toEqual([{ count: 1, withKeys: asksWithKeys <= 1 }])
    // Baileys answers a phone by sending to all devices once more, in sessions that the companion cannot read yet.
    for (const [at, { count, withKeys }] of ofCompanion.entries())
      expect([count, withKeys]).toEqual([at + 1, at + 1 >= asksWithKeys])
    expect(ofCompanion.length).toBeGreaterThan(0)
    expect(anna.devices.map(({ received }) => received)).toEqual(
      [1, 2].map(() => ['the sessions are in use', 'once more']),
    )
    const asked = () => server.events.filter(({ kind }) => kind === 'retry-to-client').length
    const before = asked()
    await readByAll(anna, 'well again')
    expect(asked()).toBe(before)
  })

  test('one that cannot read and gets nothing has asked once, and is known as one that did not read', async () => {
    const anna = server.contact('anna')
    await client.leave()
    await client.login({ enableRecentMessageCache: false })
    await readByAll(anna, 'the session is in use')
    anna.forget(NUMBER)
    const asked = server.next('retry-to-client')
    const id = await say(anna, 'lost')
    expect((await asked).detail).toBe(id)
    await client.ping()
    expect(server.sentMessage(id)?.copies.find(({ to }) => to === anna.jid)).toEqual({
      to: anna.jid,
      came: 1,
      read: false,
      asked: [{ count: 1, withKeys: false }],
    })
    expect(server.sentBy(NUMBER).map((message) => message.id)).toContain(id)
    expect(anna.received).toEqual(['the session is in use'])
  })

  test.each(['pn', 'lid'] as const)(
    'known by %s, is told of when it links one more, and unlinks it',
    async (addressing) => {
      const anna = server.contact('anna', { addressing })
      await readByAll(anna, 'to one')
      const heard = server.next('notification-taken')
      const added = anna.link()
      await heard
      // Version 6 does nothing about it: it looks the devices up anew after five minutes, or on another socket.
      if (line === 'v6') {
        await client.leave()
        await client.login()
      }
      await readByAll(anna, 'to two')
      expect(added.received).toEqual(['to two'])
      await (await anna.sendFrom(added.id, NUMBER, 'from the new one')).delivered()
      const gone = server.next('notification-taken')
      anna.unlink(added.id)
      await gone
      await readByAll(anna, 'to one again')
      expect(added.received).toEqual(['to two'])
      anna.unlink(0)
      expect(anna.devices).toHaveLength(1)
    },
  )

  test('the receipts of all devices for one message wait for an account that is away', async () => {
    const anna = server.contact('anna', { devices: 2 })
    const told: string[] = []
    await client.leave()
    await client.login()
    client.sock?.ev.on('messages.update', (updates) => told.push(...updates.map(({ key }) => key.remoteJid ?? '')))
    await readByAll(anna, 'hello')
    await client.until(() => told.length === 2)
    expect(told.sort()).toEqual(anna.devices.map(({ jid }) => jid).sort())
  })
})
